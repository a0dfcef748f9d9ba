# shellcheck shell=sh disable=SC2154,SC2034 # functions and lists come from, and are for, the parts before this one
# Everything that lfce wants to know about a host, in one run that changes nothing. The request comes on stdin,
# one item a line, and ends with `end`; the answer goes out in frames, read by observe-host.ts.
# A process costs more than everything that the shell does by itself: a host that is as it was needs four.

state=/var/lib/lfce
boundary=
today=
units=
units_known=
names=
places=
space=
known=
questions="${newline}tracking"
ask_firewalls=
# What the kernel tells by files.
kernel_files='/proc/uptime /proc/sys/kernel/random/boot_id /proc/sys/kernel/hostname /proc/net/fib_trie /proc/net/if_inet6'
socket_programs=
keep=
cd / || exit 1

# dated PATTERN: it with the host's own date in place of its tokens, in $filled.
dated() {
  filled=$1
  case $1 in *%[Ymd]*) ;; *) return ;; esac
  [ -n "$today" ] || today=$(date '+%Y %m %d')
  fill "$1" "$today"
}

while IFS= read -r request; do
  argument=${request#* }
  case $request in
    'boundary '*) boundary=$argument ;;
    'file '*) note_files "$argument" ;;
    'stat '*)
      dated "$argument"
      if [ "$filled" != "$argument" ]; then
        field list "$argument"
        field listed "$filled"
      fi
      note "$filled"
      ;;
    'list '*)
      dated "$argument"
      note_list "$argument" "$filled"
      ;;
    'place '*) places="$places$newline$argument" ;;
    space) space=yes ;;
    'unit '*) units="$units$newline$argument" ;;
    units-known) units_known=yes ;;
    'unit-directory '*) unit_directories="$argument" ;;
    'systemd-root '*)
      manager_directory=$argument/run
      slices=$argument/slice
      ;;
    'program '*)
      if find_program "$argument"; then field program "$argument $program"; fi
      ;;
    'name '*) names="$names $argument" ;;
    'known '*) known="$known$newline$argument" ;;
    'access '*) questions="$questions${newline}accheck $argument" ;;
    firewalls) ask_firewalls=yes ;;
    'sockets '*) kernel_files="$kernel_files /proc/net/$argument" ;;
    socket-programs) socket_programs=yes ;;
    'state '*) state=$argument ;;
    keep) keep=yes ;;
    end) break ;;
    *) exit 64 ;;
  esac
done
[ "$request" = end ] && [ -n "$boundary" ] || exit 64

# Daemons whose version is known by the size and time of their program need not be asked for it.
chronyd=
rsyslogd=
if find_program chronyd; then chronyd=$program; fi
if find_program rsyslogd; then rsyslogd=$program; fi
[ -z "$chronyd" ] || note "$chronyd"
[ -z "$rsyslogd" ] || note "$rsyslogd"

# Before systemd is asked, so that what changes between the two makes the next look ask again.
if [ -n "$units" ] && command -v systemctl >/dev/null 2>&1; then find_units "$units"; fi

records=
for record in /etc/os-release /usr/lib/os-release; do
  if [ -f "$record" ] && [ -r "$record" ]; then
    field os-release-file "$record"
    records="$newline$record"
    break
  fi
done
for record in "$state"/restarts/*; do
  case $record in *"$newline"*) continue ;; esac
  if [ -f "$record" ] && [ -r "$record" ]; then
    field restart-file "$record"
    records="$records$newline$record"
  fi
done
report_files "$records"

[ -z "$chronyd" ] || version chronyd "$chronyd"
[ -z "$rsyslogd" ] || version rsyslogd "$rsyslogd"

[ -n "$units_known" ] || ask_units

blanks_ifs=$IFS
IFS=$newline
set -f
# shellcheck disable=SC2086
set -- $places
for place in "$@"; do
  shift
  [ -d "$place" ] || continue
  set -- "$@" "$place"
  if [ -w "$place" ]; then field place "yes $place"; else field place "no $place"; fi
done
if [ -n "$space" ] && [ $# -gt 0 ]; then block df "$(df -P -k -- "$@" 2>/dev/null)"; fi
set +f
IFS=$blanks_ifs
for name in $names; do resolved "$name"; done

if find_program chronyc; then
  # One process for all questions. Without -N before version 4.0. A chronyd that hangs costs seconds a question.
  set --
  [ "$questions" = "${newline}tracking" ] || set -- timeout 10
  answer=$(
    "$@" "$program" -c -N 2>/dev/null <<QUESTIONS
sources -a$questions
QUESTIONS
  )
  case $answer in
    *,*) ;;
    *)
      answer=$(
        timeout 10 "$program" -c 2>/dev/null <<QUESTIONS
sources$questions
QUESTIONS
      )
      ;;
  esac
  block chronyc "$answer"
fi

[ -z "$socket_programs" ] || listeners
[ -z "$ask_firewalls" ] || firewalls

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
for record in "$state"/transactions/*/rolled-back; do
  [ -f "$record" ] || break
  last_serial=$(sed -n 's/^serial \([1-9][0-9]*\)$/\1/p' "$state"/transactions/*/meta 2>/dev/null | sort -n | tail -n 1)
  [ -n "$last_serial" ] || break
  for change in "$state"/transactions/*/rolled-back; do
    change=${change%/*}
    if grep -qx "serial $last_serial" "$change/meta" 2>/dev/null &&
      grep -qxE 'rolled-back-by (lease|watch|boot|connection|process)' "$change/meta"; then
      block put-back "$(cat "$change/meta" "$change/outcome" 2>/dev/null)"
    fi
  done
  break
done
finish

# sudo that logs output (log_output) drops what it has not passed on yet when its command exits. The reader
# closes our stdin when it has everything.
if [ -z "$keep" ]; then
  if [ -n "${SUDO_USER-}" ]; then while read -r request; do :; done; fi
  exit
fi
# No file of the host can hold this line. The rest of stdin is log-nonce.sh's, which stands behind this script.
field waiting "$boundary"
