# shellcheck shell=sh
# Shared, after frames.sh: what a unit says of itself.

# unit_state UNIT
unit_state() {
  field unit-state "$(systemctl is-active "$1" 2>/dev/null | head -n 1)"
}

# unit_journal UNIT PROGRAM: one block with the daemon's own messages since it last started, the newest 300.
unit_journal() {
  unit_journal_id=$(systemctl show -p InvocationID "$1" 2>/dev/null)
  unit_journal_id=${unit_journal_id#InvocationID=}
  unit_journal_since=$(systemctl show -p InactiveExitTimestamp "$1" 2>/dev/null)
  unit_journal_since=${unit_journal_since#InactiveExitTimestamp=}
  if [ -z "$unit_journal_id" ]; then
    set -- --unit="$1" --since="$unit_journal_since"
  elif [ -z "$unit_journal_since" ] || systemctl is-active --quiet "$1" 2>/dev/null; then
    set -- "_SYSTEMD_INVOCATION_ID=$unit_journal_id"
  else
    # journald cannot tell the unit of a process that has died already: then only its name and the time tell.
    set -- "_SYSTEMD_INVOCATION_ID=$unit_journal_id" + "SYSLOG_IDENTIFIER=$2" --since="$unit_journal_since"
  fi
  block journal "$(journalctl --quiet --no-pager --output=cat --lines=300 "$@" 2>/dev/null |
    tr -d '\000' | cut -b 1-800)"
}

# unit_recent UNIT SECONDS: one block with what the daemon said lately, however long it runs, the newest 500.
unit_recent() {
  block recent "$(journalctl --quiet --no-pager --output=cat --lines=500 --unit="$1" --since="-${2}s" 2>/dev/null |
    tr -d '\000' | cut -b 1-800)"
}
