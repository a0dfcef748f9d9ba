#!/bin/sh
# Runs inside an image: lays the chrony and rsyslog of a Debian root out as EL 9 does.
set -eu
sh "${0%/*}/el9-bare.sh"
for package in chrony rsyslog; do
	sh /usr/share/lfce-lab/el9/layout.sh "$package"
done
