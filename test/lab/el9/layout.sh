#!/bin/sh
# Lays one installed Debian package out as EL 9 does: layout.sh chrony|rsyslog
# Runs while the image is built, and on the machine after the stand-in for dnf installed the package.
set -eu
files=/usr/share/lfce-lab/el9
units=/usr/lib/systemd/system

layout_chrony() {
	cp "$files/chrony.conf" /etc/chrony.conf
	cp "$files/chronyd.service" "$units/chronyd.service"
	printf '# Options for chronyd\nOPTIONS="-F 2"\n' >/etc/sysconfig/chronyd
	# EL's user is called chrony; the Debian binary looks for _chrony, so both names share one id.
	if ! getent passwd chrony >/dev/null; then
		ids=$(getent passwd _chrony | cut -d: -f3,4)
		sed -i "s|^_chrony:|chrony:x:$ids:chrony system user:/var/lib/chrony:/usr/sbin/nologin\n&|" /etc/passwd
		sed -i "s|^_chrony:|chrony:x:${ids#*:}:\n&|" /etc/group
	fi
	install -m 0640 -o root -g chrony "$files/chrony.keys" /etc/chrony.keys
	rm -rf /etc/chrony /etc/default/chrony "$units/chrony.service" "$units"/chrony-dnssrv@.* \
		/etc/systemd/system/chronyd.service /etc/systemd/system/multi-user.target.wants/chrony.service
	rm -f /etc/init.d/chrony /etc/rc?.d/[SK]??chrony
	systemctl enable chronyd.service
}

layout_rsyslog() {
	cp "$files/rsyslog.conf" /etc/rsyslog.conf
	cp "$files/rsyslog.service" "$units/rsyslog.service"
	cp "$files/rsyslog.logrotate" /etc/logrotate.d/rsyslog
	printf '# Options for rsyslogd\nSYSLOGD_OPTIONS=""\n' >/etc/sysconfig/rsyslog
	install -d -m 0700 /var/lib/rsyslog
	rm -rf /var/spool/rsyslog /etc/systemd/system/syslog.service
	systemctl enable rsyslog.service
}

case ${1-} in
chrony) layout_chrony ;;
rsyslog) layout_rsyslog ;;
*) ;; # any other package is laid out alike on both
esac
