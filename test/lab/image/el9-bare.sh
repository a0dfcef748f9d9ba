#!/bin/sh
# Runs inside an image: a Debian root takes the name of an EL 9 machine and gets a stand-in for dnf.
set -eu
files=/usr/share/lfce-lab/el9
cp "$files/os-release" /usr/lib/os-release
rm -f /etc/debian_version
echo 'Rocky Linux release 9.6 (Blue Onyx)' | tee /etc/rocky-release >/etc/redhat-release
mkdir -p /etc/sysconfig /usr/lib/systemd/journald.conf.d
# EL keeps the journal in memory until told otherwise, and does not pass it on to a syslog socket.
rm -rf /var/log/journal
printf '[Journal]\nForwardToSyslog=no\n' >/usr/lib/systemd/journald.conf.d/el9.conf
install -m 0755 "$files/dnf" /usr/bin/dnf
