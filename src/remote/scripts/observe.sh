# shellcheck shell=sh disable=SC2154 # functions and lists come from the parts before this one
# Everything that lfce wants to know about a host, in one run that changes nothing. The request comes on stdin,
# one item a line, and ends with `end`; the answer goes out in frames, read by observe-parse.ts.

state=/var/lib/lfce
units=
names=
places=
cd / || exit 1

while IFS= read -r request; do
  argument=${request#* }
  case $request in
    'follow chrony '*) follow chrony "${argument#* }" ;;
    'follow rsyslog '*) follow rsyslog "${argument#* }" ;;
    'file '*)
      case $argument in
        *[][*?]*) follow_pattern "$argument" "$argument" ;;
        *) note_content "$argument" ;;
      esac
      ;;
    'stat '*) note "$argument" ;;
    'place '*) places="$places$newline$argument" ;;
    'unit '*) units="$units$newline$argument" ;;
    'program '*)
      program=$(command -v -- "$argument" 2>/dev/null || command -v "$argument" 2>/dev/null) || continue
      case $program in /*) field program "$argument $program" ;; esac
      ;;
    'name '*) names="$names$newline$argument" ;;
    'state '*) state=$argument ;;
    end) break ;;
    *) exit 64 ;;
  esac
done
[ "$request" = end ] || exit 64

report_paths "$(unique "$paths")"
report_paths "$(unique "$content_paths")"
report_contents

field now "$(date +%s.%N)"
read -r uptime </proc/uptime 2>/dev/null && field uptime "${uptime%% *}"
read -r boot_id </proc/sys/kernel/random/boot_id 2>/dev/null && field boot-id "$boot_id"
read -r hostname </proc/sys/kernel/hostname 2>/dev/null && field hostname "$hostname"
field uid "$(id -u)"
if [ -r /etc/os-release ]; then
  block os-release "$(cat /etc/os-release)"
elif [ -r /usr/lib/os-release ]; then
  block os-release "$(cat /usr/lib/os-release)"
fi

saved_ifs=$IFS
IFS=$newline
set -f
if [ -n "$units" ] && command -v systemctl >/dev/null 2>&1; then
  # shellcheck disable=SC2086 # split at newlines only, never expanded
  set -- $units
  for unit in "$@"; do field unit "$unit"; done
  # Microseconds need systemd 247.
  block units "$(
    set -- --property=Id,LoadState,ActiveState,SubState,UnitFileState,ExecMainStartTimestamp,ExecMainStartTimestampMonotonic -- "$@"
    TZ=UTC systemctl show --timestamp=us+utc "$@" 2>/dev/null || TZ=UTC systemctl show "$@" 2>/dev/null
  )"
fi
# shellcheck disable=SC2086
set -- $places
for place in "$@"; do
  shift
  [ -d "$place" ] || continue
  set -- "$@" "$place"
  if [ -w "$place" ]; then field place "yes $place"; else field place "no $place"; fi
done
[ $# = 0 ] || block df "$(df -P -k -- "$@" 2>/dev/null)"
# shellcheck disable=SC2086
set -- $names
set +f
IFS=$saved_ifs
for name in "$@"; do resolved "$name"; done

if command -v ip >/dev/null 2>&1; then
  block ip-addresses "$(ip -o address show 2>/dev/null)"
else
  block fib-trie "$(cat /proc/net/fib_trie 2>/dev/null)"
  block if-inet6 "$(cat /proc/net/if_inet6 2>/dev/null)"
fi
if command -v chronyd >/dev/null 2>&1; then block chronyd-version "$(chronyd -v 2>&1)"; fi
if command -v rsyslogd >/dev/null 2>&1; then block rsyslogd-version "$(rsyslogd -v 2>&1)"; fi
if command -v chronyc >/dev/null 2>&1; then
  # The short form for versions before 4.0.
  if sources=$(timeout 10 chronyc -c -N sources -a 2>/dev/null) ||
    sources=$(timeout 10 chronyc -c sources 2>/dev/null); then
    block chronyc-sources "$sources"
    if tracking=$(timeout 10 chronyc -c tracking 2>/dev/null); then block chronyc-tracking "$tracking"; fi
  fi
fi

listeners
firewalls

for record in "$state"/restarts/*; do
  if [ -f "$record" ] && [ -r "$record" ]; then
    field restart "${record##*/}"
    block restart-record "$(cat "$record")"
  fi
done
for record in open rolling-back; do
  if [ -f "$state/$record" ] && [ -r "$state/$record" ]; then
    field transaction "$record $(sed -n 's/^id //p' "$state/$record" | head -n 1)"
  fi
done
# Neither begun nor settled: its process died while it made ready, or is at work.
for record in "$state"/transactions/*/; do
  record=${record%/}
  if [ -d "$record" ] && [ ! -f "$record/committed" ] && [ ! -f "$record/rolled-back" ] && [ ! -f "$record/kept" ]; then
    field transaction "prepared ${record##*/}"
  fi
done
# A lock whose holder is gone: all else was tidied up already, or nothing was begun.
if [ -r "$state/lock" ] && ! alive "$state/lock"; then
  field transaction "locked $(value_of pid "$state/lock")"
fi
# What was settled last, if the host put it back by itself: whoever had asked for it may not know.
last_serial=$(sed -n 's/^serial \([1-9][0-9]*\)$/\1/p' "$state"/transactions/*/meta 2>/dev/null | sort -n | tail -n 1)
if [ -n "$last_serial" ]; then
  for record in "$state"/transactions/*/rolled-back; do
    record=${record%/*}
    if grep -qx "serial $last_serial" "$record/meta" 2>/dev/null &&
      grep -qxE 'rolled-back-by (lease|watch|boot|connection|process)' "$record/meta"; then
      block put-back "$(cat "$record/meta" "$record/outcome" 2>/dev/null)"
    fi
  done
fi
finish

# sudo that logs output (log_output) drops what it has not passed on yet when its command exits. The reader
# closes our stdin when it has everything.
if [ -n "${SUDO_USER-}" ]; then cat >/dev/null; fi
