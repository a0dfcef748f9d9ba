#!/bin/sh
# Finishes the base layer of an image: everything a machine needs but chrony and rsyslog.
# mmdebstrap runs it on the controller while the image's package lists are still there.
#   base.sh ROOT PACKAGE...    the packages go into the image's own offline repository
set -eu
root=$1
shift

# An apt repository inside the image, so that a machine without a route out can install the daemons.
packages=$root/srv/packages
mkdir -p "$packages/partial"
APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get -q -y --no-install-recommends --download-only \
	-o "Dir::Cache::Archives=$packages/" install "$@"
rm -rf "$packages/partial" "$packages/lock"
(cd "$packages" && apt-ftparchive packages . >Packages && apt-ftparchive release . >Release)
rm -f "$root"/etc/apt/sources.list.d/* "$root/etc/apt/apt.conf.d/99mmdebstrap"
echo 'deb [trusted=yes] file:/srv/packages ./' >"$root/etc/apt/sources.list"
echo 'Acquire::Languages "none";' >"$root/etc/apt/apt.conf.d/99lab"

# Each machine gets host keys and a machine id of its own; an empty id would make systemd think of a
# first boot and enable every unit by preset, which is not what a stock machine looks like.
rm -f "$root"/etc/ssh/ssh_host_*
echo uninitialized >"$root/etc/machine-id"

# Units that mean nothing on a machine without a console, disk or route out.
for unit in console-getty.service getty@tty1.service apt-daily.timer apt-daily-upgrade.timer \
	e2scrub_all.timer e2scrub_reap.service fstrim.timer dpkg-db-backup.timer \
	systemd-networkd-wait-online.service systemd-resolved.service; do
	ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
ln -sf /lib/systemd/system/systemd-networkd.service "$root/etc/systemd/system/multi-user.target.wants/"

# Machines share one kernel clock, which nothing may set: -x leaves it alone. The stock unit would not
# start without CAP_SYS_TIME. The options are overridden here and not in /etc/default/chrony, so that
# this file stays the distribution's own, also where the package is installed later.
mkdir -p "$root/etc/lfce-lab"
for unit in chrony chronyd; do
	mkdir -p "$root/etc/systemd/system/$unit.service.d"
	cat >"$root/etc/systemd/system/$unit.service.d/lab.conf" <<-'END'
		[Unit]
		ConditionCapability=
		[Service]
		ProcSubset=all
		PrivateDevices=no
		EnvironmentFile=/etc/lfce-lab/chronyd
	END
done
printf 'DAEMON_OPTS="-F 1 -x"\nOPTIONS="-F 2 -x"\n' >"$root/etc/lfce-lab/chronyd"

# Besides root: an administrator with sudo, and one whose login shell is not a POSIX shell.
chroot "$root" useradd --create-home --shell /bin/bash admin
chroot "$root" useradd --create-home --shell /bin/tcsh csh-admin
printf '%s ALL=(ALL) NOPASSWD: ALL\n' admin csh-admin >"$root/etc/sudoers.d/lab"
chmod 0440 "$root/etc/sudoers.d/lab"
