# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared between the parts of apply.sh
# Changes a host as one transaction (docs/architecture.md, "A host's way"). Loaded after apply-report, -lock, -input,
# -files, -compare, -swap, -put-back, -validate, -units, -health, -arm, -verdict; every phase is a line of its own below.

decided_by=check   # what ends the transaction: check, verdict, connection, lease, process

read_preamble

phase lock
words=$({
  { [ ! -d "$state" ] || chmod 0700 "$state"; } && { [ -d "$state/transactions" ] || mkdir -p "$state/transactions"; }
} 2>&1) || fail_because backup-failed "cannot write below $state" "$words"
take_lock
case $? in
  0) ;;
  1) fail host-locked "another lfce is at work on this host: $holder" ;;
  *) fail_because backup-failed "cannot take the lock $state/lock" "" ;;
esac

step locked

phase recover
recover
step recovered

prepare
step prepared
read_transaction
step read

phase compare
compare
step compared

phase arm
arm

phase backup
make_directories
step directories-made
stage_files
remember_units
step units-noted

phase validate
validate
step validated

phase record
open_record
step recorded

phase swap
swap_files

phase units
change_units
step units-changed

phase health
lease_for "$step_seconds"
check_health
step healthy

# This shell's own end of the lease comes first (await_verdict); the timer is for the case that it is gone.
lease_for "$((lease + look_period))"
say healthy
# The proofs have begun: there is time for what a verdict would have to wait for.
make_restart_records
await_verdict
