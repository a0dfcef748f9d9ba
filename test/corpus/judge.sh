#!/bin/sh
# Runs the daemons of a root (a directory, / for this box) over configuration files, to hear what they say.
# It runs in mount, network and process namespaces of its own: no packet leaves, and what it writes goes to
# a tmpfs over the root, which stays as it is.
#   judge.sh ROOT WORK
# The daemons' configuration is what lies below WORK/tree/etc, and nothing else. Each line of standard input
# is a command: it runs there, its output goes to WORK/stdout and WORK/stderr, and its exit status is printed
# as one line.
set -eu
lower=$1
work=$2
own=$work/own
mkdir -p "$own"
mount -t tmpfs judge "$own"
mkdir "$own/upper" "$own/work" "$own/root"
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$own/upper,workdir=$own/work" "$own/root"
root=$own/root
mkdir -p "$root/proc" "$root/dev" "$root/judge"
mount -t proc proc "$root/proc"
mount -t tmpfs dev "$root/dev"
for device in null zero random urandom; do
	: >"$root/dev/$device"
	mount --bind "/dev/$device" "$root/dev/$device"
done
mount --bind "$work/tree" "$root/judge"
for name in rsyslog.conf rsyslog.d chrony chrony.conf; do
	rm -rf "${root:?}/etc/$name"
	ln -s "/judge/etc/$name" "$root/etc/$name"
done
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C

echo ready
while read -r command; do
	status=0
	# shellcheck disable=SC2086 # a command of several words
	timeout 20 chroot "$root" $command >"$work/stdout" 2>"$work/stderr" </dev/null || status=$?
	echo "$status"
done
