# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared between the parts of apply.sh
# Changes a host as one transaction (docs/architecture.md, "A host's way"). Loaded after apply-report, -lock,
# -input, -files, -put-back, -validate, -units, -health, -verdict; every phase is a line of its own below.

read_preamble

phase lock
words=$({ mkdir -p "$state/transactions" && chmod 0700 "$state"; } 2>&1) ||
  fail_because backup-failed "cannot write below $state" "$words"
take_lock
case $? in
  0) ;;
  1) fail host-locked "another lfce is at work on this host: $holder" ;;
  *) fail_because backup-failed "cannot take the lock $state/lock" "" ;;
esac

phase recover
recover

prepare
read_transaction

phase compare
compare

phase backup
make_directories
stage_files
remember_units

phase validate
validate

phase record
open_record

phase swap
swap_files

phase units
change_units

phase health
check_health

say healthy
await_verdict
