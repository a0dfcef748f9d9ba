# shellcheck shell=sh
# After frames.sh, and after observe.sh where a look's shell is kept. Sends messages through the local syslog socket,
# as any program on this host would.
# stdin: lines `PRIORITY NONCE` up to its end. Answers `logged NONCE` for each. Exit status: that of the first logger
# that failed; 2 for a line that is not of that form.
while read -r priority nonce; do
  case $priority in '' | *[!a-z0-9.]*) exit 2 ;; esac
  case $nonce in '' | -* | *[!A-Za-z0-9-]*) exit 2 ;; esac
  logger -p "$priority" -t lfce -- "$nonce" || exit
  field logged "$nonce"
done
finish
