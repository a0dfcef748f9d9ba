# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared between the parts of apply.sh
# The verdict comes from the controller: `commit`, `rollback REASON`, or `renew` while its proofs go on. No
# verdict within the lease, or the end of stdin (the controller died, the network dropped), is a rollback.
# Lines from stdin and the lease's end meet in one FIFO, because no two shells agree on what a signal does to
# a waiting read.

forwarder=''
timer=''

await_verdict() {
  words=$(mkfifo "$transaction/verdict" 2>&1) || fail verdict-failed "cannot make a FIFO below $state" "$words"
  exec 3<&0 4<>"$transaction/verdict"
  forward_lines <&3 >&4 2>/dev/null &
  forwarder=$!
  turn=0
  start_timer
  while IFS= read -r verdict <&4; do
    case $verdict in
      commit)
        stop_helpers
        commit
        return
        ;;
      'rollback '*)
        stop_helpers
        decided_by=verdict
        give_up "${verdict#rollback }"
        ;;
      renew)
        stop_timer
        start_timer
        lease_for "$((lease + look_period))"
        say renewed
        ;;
      "lease-over $turn")
        stop_helpers
        decided_by=lease
        say "error lease-over no verdict within $lease seconds"
        give_up "no verdict came within $lease seconds"
        ;;
      end-of-input)
        stop_helpers
        decided_by=connection
        say "error connection-lost the controller went away before its verdict"
        give_up "the controller went away before its verdict"
        ;;
    esac
  done
  fail verdict-failed "the wait for the verdict broke off"
}

forward_lines() {
  while IFS= read -r line; do
    printf '%s\n' "$line"
  done
  echo end-of-input
}

# start_timer: its sleep holds none of the connection's descriptors, so that it cannot keep a session open.
start_timer() {
  turn=$((turn + 1))
  {
    trap 'kill "$sleeper" 2>/dev/null; exit 0' TERM
    sleep "$lease" &
    sleeper=$!
    wait "$sleeper"
    echo "lease-over $turn" >&4
  } </dev/null 3<&- >/dev/null 2>&1 &
  timer=$!
}

stop_timer() {
  [ -z "$timer" ] || kill "$timer" 2>/dev/null
  timer=''
}

stop_helpers() {
  stop_timer
  [ -z "$forwarder" ] || kill "$forwarder" 2>/dev/null
  forwarder=''
  exec 4>&-
}

commit() {
  trap '' TERM INT
  keep_restart_records
  step restarts-recorded
  if ! mv -f "$state/open" "$transaction/committed" 2>/dev/null; then
    say "error lease-over something on the host had decided about this transaction before"
    finished "rolled-back no the commit came too late"
    exit 1
  fi
  step committed
  flush "$state" "$transaction" 2>/dev/null
  discard "$transaction" keep-directories
  leave "$transaction"
  step disarmed
  prune
  finished committed
}
