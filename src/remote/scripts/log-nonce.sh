# shellcheck shell=sh
# After frames.sh. Sends one message through the local syslog socket, as any program on this host would.
# stdin: `PRIORITY NONCE`. Exit status: that of logger; 2 when the line is not of that form.
read -r priority nonce || exit 2
case $priority in '' | *[!a-z0-9.]*) exit 2 ;; esac
case $nonce in '' | -* | *[!A-Za-z0-9-]*) exit 2 ;; esac
logger -p "$priority" -t lfce -- "$nonce" || exit
finish
