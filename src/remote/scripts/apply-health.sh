# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared between the parts of apply.sh
# Is what was declared really there? Each look waits for a condition, never for a time.

check_health() {
  set --
  while IFS=' ' read -r kind first second; do
    case $kind in
      active) set -- "$@" "$first" ;;
      listening) ;;
      *) fail bad-input "unknown health check $kind" ;;
    esac
  done <"$transaction/health"
  [ "$#" = 0 ] || stay_active "$@" || not_running "$@"
  for unit in "$@"; do await_start_message "$unit"; done
  while IFS=' ' read -r kind first second; do
    [ "$kind" != listening ] || await_listener "$first" "$second"
  done <"$transaction/health"
  sed -n -e 's/^restart //p' -e 's/^start //p' "$transaction/touched" | sort -u >"$transaction/started"
  while IFS= read -r unit; do
    check_journal "$unit"
  done <"$transaction/started"
}

# not_running UNIT...: which of them, as the last look of stay_active showed.
not_running() {
  for unit in "$@"; do
    block=${now%%"$newline$newline"*}
    now=${now#*"$newline$newline"}
    [ "$(in_block ActiveState unknown)" = active ] ||
      fail unhealthy "$unit is not running after the change" "$(journal_since "$unit" | tail -n 20)"
  done
  fail unhealthy "$* does not stay up after the change" "$(for unit in "$@"; do journal_since "$unit" | tail -n 20; done)"
}

# await_start_message UNIT: rsyslogd says `start` once it has read its configuration; complaints come before.
await_start_message() {
  case $1 in *syslog*) ;; *) return 0 ;; esac
  grep -qxF -e "restart $1" -e "start $1" "$transaction/touched" || return 0
  command -v journalctl >/dev/null 2>&1 || return 0
  looks=0
  while [ "$looks" -lt 30 ]; do
    journal_since "$1" | grep -qE 'software="rsyslogd".*\] start' && return 0
    looks=$((looks + 1))
    short_sleep
  done
}

# await_listener PROTOCOL PORT: at most ten seconds.
await_listener() {
  case $2 in '' | *[!0-9]*) fail bad-input "not a port: $2" ;; esac
  looks=0
  until listens "$1" "$2"; do
    looks=$((looks + 1))
    [ "$looks" -lt 100 ] || fail unhealthy "nothing listens on $1 port $2 ten seconds after the change"
    short_sleep
  done
}

# listens PROTOCOL PORT: as the kernel tells it (proc(5): state 0A is LISTEN, 07 an unconnected UDP socket).
listens() {
  case $1 in tcp) socket_state=0A ;; udp) socket_state=07 ;; *) fail bad-input "unknown protocol $1" ;; esac
  cat "/proc/net/$1" "/proc/net/${1}6" 2>/dev/null |
    grep -qE "^ *[0-9]+: [0-9A-F]+:$(printf '%04X' "$2") [0-9A-F]+:[0-9A-F]+ $socket_state "
}

# check_journal UNIT: complaints since the restart that were not there before it. About reaching others
# (2007 suspended, 2027 connection, 2144 closed by the peer, 2359 resumed, 2078-2089 TLS peers), the kernel log
# (2145) and rate limits (2177) no configuration decides; those are worth a notice, and so is what has no error
# number (0: a spool from before is being read).
check_journal() {
  journal_since "$1" >"$transaction/units/$1.after"
  case $1 in
    *chrony*) grep 'Fatal error' "$transaction/units/$1.after" >"$transaction/units/$1.words" ;;
    *syslog*)
      grep -E 'rsyslog\.com/e/[0-9]+|CONFIG ERROR|error during' "$transaction/units/$1.after" \
        >"$transaction/units/$1.words"
      ;;
    *) return 0 ;;
  esac
  [ -s "$transaction/units/$1.words" ] || return 0
  said_before "$1"
  while IFS= read -r message; do
    is_among "$transaction/units/$1.before" "$message" && continue
    # The first start after an installation: imjournal's position is not on disk yet.
    case $message in *'imjournal: No statefile exists'*) continue ;; esac
    if printf '%s\n' "$message" | grep -qE 'rsyslog\.com/e/(0|2007|2027|2144|2359|2145|2177|207[89]|208[0-9])[^0-9]|[Ww]arning'; then
      printf '%s\n' "$message" >>"$transaction/units/$1.notices"
    else
      printf '%s\n' "$message" >>"$transaction/units/$1.faults"
    fi
  done <"$transaction/units/$1.words"
  if [ -s "$transaction/units/$1.faults" ]; then
    fail unhealthy "$1 runs, but rejects part of its new configuration" "$(cat "$transaction/units/$1.faults")"
  fi
  [ -f "$transaction/units/$1.notices" ] || return 0
  sort -u "$transaction/units/$1.notices" | head -n 10 | cut -c 1-1000 | while IFS= read -r message; do
    say "notice $1: $message"
  done
}
