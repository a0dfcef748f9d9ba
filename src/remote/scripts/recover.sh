# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared with the parts of apply.sh
# Settles the transaction in whose directory this file lies, without a controller: `sh TRANSACTION/recover HOW`.
# Loaded after apply-report, -lock, -files, -put-back, -units, -arm. HOW is
#   lease  a look of the timer: puts back when the lease is over or the process at work is gone
#   watch  the same again and again, where no timer could be had
#   boot   before the daemons start: whoever was at work is gone

# Everything below is found by its own name; another than the whole one would lead elsewhere.
case $0 in /*/transactions/*/recover) ;; *) exit 64 ;; esac
how=${1-}
transaction=${0%/*}
id=${transaction##*/}
state=${transaction%/transactions/*}
who="lfce's own recovery on this host"
boot_units=$(value_of boot-units "$transaction/meta")
decided_by=$how
trap unlock EXIT

is_decided() {
  [ -f "$transaction/committed" ] || [ -f "$transaction/rolled-back" ] || [ -f "$transaction/kept" ]
}

# is_record NAME: does the host's record speak of this transaction?
is_record() {
  [ "$(value_of id "$state/$1")" = "$id" ]
}

# family PID: a process and all that it started, one a line.
family() {
  echo "$1"
  cat /proc/[0-9]*/stat 2>/dev/null | sed -n "s/^\([0-9][0-9]*\) (.*) [A-Za-z] $1 .*/\1/p" |
    while IFS= read -r child; do family "$child"; done
}

# signal_holder SIGNAL
signal_holder() {
  for member in $(family "$holder_pid"); do kill "-$1" "$member" 2>/dev/null; done
}

# cut_off_holder: it is past its lease and has not ended by itself. Stopped first, so that it cannot go on
# between the decision and its end.
cut_off_holder() {
  signal_holder STOP
  if is_decided || { is_record open && ! mv -f "$state/open" "$state/rolling-back" 2>/dev/null; }; then
    signal_holder CONT
    return 1
  fi
  signal_holder KILL
  # A kill is not over when it was asked for.
  looks=0
  while alive "$transaction/holder" && [ "$looks" -lt 50 ]; do
    looks=$((looks + 1))
    short_sleep
  done
}

# settle: fails when it has to be tried again.
settle() {
  [ -d "$transaction" ] || return 0
  if is_decided; then
    # Its process perhaps died before it had tidied up; a lock that it left is stale.
    discard "$transaction" keep-directories
    take_lock && unlock
    is_tidy "$transaction" || return 1
    disarm "$transaction"
    return 0
  fi
  because="the process at work on the host was gone before the verdict came"
  if [ "$how" = boot ]; then
    because="the machine was restarted before the verdict came"
  elif alive "$transaction/holder"; then
    lease_over "$transaction" || return 1
    because="no verdict came within the lease"
    cut_off_holder || return 1
  fi
  take_lock || return 1
  if is_record open; then mv -f "$state/open" "$state/rolling-back" || return 1; fi
  if is_record rolling-back; then
    put_back "$transaction" || return 1
    conclude "$transaction" "$because"
  elif ! is_decided; then
    # Its process died before anything was swapped.
    forget "$transaction" || return 1
  fi
  unlock
}

case $how in
  lease) settle ;;
  boot)
    booting=yes
    settle || {
      unlock
      arm_lease
      exit 1
    }
    ;;
  watch)
    until settle; do
      unlock
      sleep "$look_period"
    done
    ;;
  *) exit 64 ;;
esac
# A look that found nothing to do is no failure.
exit 0
