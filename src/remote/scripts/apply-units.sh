# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared between the parts of apply.sh
# Units: how they were, what is asked of them, and how they are put back.

# limited SECONDS COMMAND...
limited() {
  if command -v timeout >/dev/null 2>&1; then timeout "$@"; else
    shift
    "$@"
  fi
}

# property UNIT NAME
property() {
  systemctl show -p "$2" "$1" 2>/dev/null | sed -n "s/^$2=//p"
}

is_unit_name() {
  case $1 in '' | -* | *[!A-Za-z0-9@._:-]*) return 1 ;; esac
}

# remember_units: before anything is swapped. A line is ACTIVE ENABLED MAIN-PID UNIT.
remember_units() {
  [ -s "$transaction/unit" ] || [ -s "$transaction/health" ] || return 0
  command -v systemctl >/dev/null 2>&1 || fail no-systemd "systemctl is missing on this host"
  { cut -d ' ' -f 2 "$transaction/unit" && sed -n 's/^active //p' "$transaction/health"; } | sort -u \
    >"$transaction/unit-names"
  while IFS= read -r unit; do
    is_unit_name "$unit" || fail bad-input "not the name of a unit: $unit"
    active=$(property "$unit" ActiveState)
    enabled=$(property "$unit" UnitFileState)
    pid=$(property "$unit" MainPID)
    remember units-before "${active:-unknown} ${enabled:-unknown} ${pid:-0} $unit"
    journal_of "$unit" 2>/dev/null | normalise | sort -u >"$transaction/units/$unit.before"
  done <"$transaction/unit-names"
  journal_cursor=$(journalctl -q -n 1 -o cat --show-cursor 2>/dev/null | sed -n 's/^-- cursor: //p')
}

# change_units: in the order given. systemctl waits until a unit has started or failed.
change_units() {
  while IFS=' ' read -r action unit; do
    remember touched "$action $unit"
    lease_for "$step_seconds"
    case $action in
      # Starting often within a short time is refused unless systemd forgets the earlier starts.
      start | restart) systemctl reset-failed "$unit" >/dev/null 2>&1 ;;
      enable | disable | stop) ;;
      *) fail bad-input "unknown action $action" ;;
    esac
    words=$(limited 100 systemctl "$action" "$unit" </dev/null 2>&1)
    result=$?
    [ "$result" = 0 ] || {
      [ "$result" != 124 ] || words="no answer within 100 seconds"
      fail unhealthy "cannot $action $unit" "$words
$(journal_since "$unit" | tail -n 20)"
    }
    step "$action-$unit"
  done <"$transaction/unit"
}

# short_sleep: a tenth of a second between two looks; a second where sleep takes whole ones only.
short_sleep() {
  sleep 0.1 2>/dev/null || sleep 1
}

# restore_units TRANSACTION: only units that the transaction touched, or that started with its files since.
restore_units() {
  [ -f "$1/units-before" ] || return 0
  while IFS=' ' read -r active enabled pid unit; do
    if grep -qxF "enable $unit" "$1/touched" && [ "$enabled" = disabled ]; then
      systemctl disable "$unit" >/dev/null 2>&1 || came_not_back "$unit could not be disabled again"
    fi
    if grep -qxF "disable $unit" "$1/touched" && [ "$enabled" = enabled ]; then
      systemctl enable "$unit" >/dev/null 2>&1 || came_not_back "$unit could not be enabled again"
    fi
    if grep -qxF -e "restart $unit" -e "start $unit" -e "stop $unit" "$1/touched" ||
      [ "$(property "$unit" MainPID)" != "$pid" ] || [ "$(value_of boot-id "$1/meta")" != "$(boot_id)" ]; then
      restore_unit "$unit" "$active"
    fi
  done <"$1/units-before"
}

# restore_unit UNIT ACTIVE-STATE. At boot the unit's own start waits for us: it is only asked for, never waited for.
restore_unit() {
  systemctl reset-failed "$1" >/dev/null 2>&1
  if [ "${booting-}" = yes ]; then
    case $2 in
      active | reloading | activating) systemctl --no-block start "$1" >/dev/null 2>&1 ;;
      *) systemctl --no-block stop "$1" >/dev/null 2>&1 ;;
    esac
    return
  fi
  case $2 in
    active | reloading | activating)
      limited 100 systemctl restart "$1" </dev/null >/dev/null 2>&1
      if stays_active "$1"; then say "restarted $1"; else came_not_back "$1 did not come back"; fi
      ;;
    *)
      limited 100 systemctl stop "$1" </dev/null >/dev/null 2>&1
      systemctl reset-failed "$1" >/dev/null 2>&1
      say "stopped $1"
      ;;
  esac
}

came_not_back() {
  unhealthy=yes
  say "broken $1"
}

# stays_active UNIT: active with one and the same main process for five looks; at most fifteen seconds.
stays_active() {
  steady=0
  looks=0
  last=''
  while [ "$looks" -lt 150 ]; do
    looks=$((looks + 1))
    now=$(systemctl show -p ActiveState -p MainPID -p NRestarts "$1" 2>/dev/null)
    case $now in
      *ActiveState=active*) if [ "$now" = "$last" ]; then steady=$((steady + 1)); else steady=1; fi ;;
      *ActiveState=failed* | *ActiveState=inactive*) [ "$looks" -lt 5 ] || return 1 ;;
      *) steady=0 ;;
    esac
    [ "$steady" -lt 5 ] || return 0
    last=$now
    short_sleep
  done
  return 1
}

# journal_of UNIT: its messages since boot, bounded; journal_since UNIT: those since remember_units.
journal_of() {
  command -v journalctl >/dev/null 2>&1 || return 0
  journalctl -q -b -n 2000 -o cat --no-pager -u "$1" </dev/null 2>/dev/null
}

journal_since() {
  if [ -n "${journal_cursor-}" ]; then
    journalctl -q -n 2000 -o cat --no-pager -u "$1" --after-cursor "$journal_cursor" </dev/null 2>/dev/null
  else
    journal_of "$1"
  fi
}

# unit_start UNIT: when its main process started, in seconds since the epoch; from the same property that
# observe.sh reads. Microseconds need systemd 247.
unit_start() {
  start_stamp=$({
    TZ=UTC systemctl show --timestamp=us+utc -p ExecMainStartTimestamp "$1" 2>/dev/null ||
      TZ=UTC systemctl show -p ExecMainStartTimestamp "$1" 2>/dev/null
  } | sed -n 's/^.* \([0-9-]* [0-9:]*\)\(\.[0-9]*\)* UTC$/\1|\2/p')
  [ -n "$start_stamp" ] || return 0
  printf '%s%s\n' "$(date -u -d "${start_stamp%|*}" +%s 2>/dev/null)" "${start_stamp#*|}"
}

# write_restart_records: what each restarted daemon has loaded, so that a later run can tell a stale daemon.
write_restart_records() {
  mkdir -p "$state/restarts"
  sed -n -e 's/^restart //p' -e 's/^start //p' "$transaction/touched" | sort -u | while IFS= read -r unit; do
    {
      echo "boot-id $(boot_id)"
      echo "started-at $(unit_start "$unit")"
      while IFS=' ' read -r name path; do
        [ "$name" != "$unit" ] || [ ! -f "$path" ] || echo "$(checksum "$path")  $path"
      done <"$transaction/loaded"
    } >"$state/restarts/.$unit" && mv -f "$state/restarts/.$unit" "$state/restarts/$unit"
  done
}
