#!/bin/sh
# Becomes the machine's systemd-nspawn, in cgroups of its own: otherwise all machines would share one
# tree, and stopping a service on one would mean nothing.
# Debian 13's rsyslogd wants CAP_SYSLOG for its stock configuration; /proc/kmsg is an empty pipe all the same.
#   start-machine.sh NAMESPACE ROOT NAME HOSTNAME BRIDGE CGROUP...
set -eu
namespace=$1 root=$2 name=$3 hostname=$4 bridge=$5
shift 5
for group in "$@"; do
	echo $$ >"$group/cgroup.procs"
done
exec nsenter --net="$namespace" -- systemd-nspawn --quiet --register=no --keep-unit \
	--directory="$root" --machine="$name" --hostname="$hostname" --network-bridge="$bridge" \
	--resolv-conf=off --timezone=off --link-journal=no --capability=CAP_SYSLOG --console=pipe --boot
