#!/bin/sh
# Finishes the root that daemons judge in: every rsyslog module that this Debian has, started by nobody.
# mmdebstrap runs it on this box while the root's package lists are still there.
#   judge-packages.sh ROOT
set -eu
root=$1
export APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" DEBIAN_FRONTEND=noninteractive

modules=$(apt-cache pkgnames rsyslog- | grep -Ev -- '-(doc|dbg|dbgsym)$' | sort)
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 0755 "$root/usr/sbin/policy-rc.d"
# dbconfig-no-thanks keeps the database modules from bringing whole database clients along.
# shellcheck disable=SC2086 # one word a package
apt-get -q -y --no-install-recommends -o "DPkg::Chroot-Directory=$root" install dbconfig-no-thanks $modules
rm "$root/usr/sbin/policy-rc.d"
mkdir -p "$root/usr/share/lfce-judge"
echo "$modules" >"$root/usr/share/lfce-judge/modules"
