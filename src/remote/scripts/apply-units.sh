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
  noted=
  while IFS=' ' read -r action unit; do note_unit; done <"$transaction/unit"
  while IFS=' ' read -r kind unit; do [ "$kind" != active ] || note_unit; done <"$transaction/health"
  # shellcheck disable=SC2086 # names of units, which hold neither blanks nor patterns
  set -- $noted
  [ "$#" -gt 0 ] || return 0
  # A block a unit, in the order asked for, an empty line between two; systemd orders the properties by itself.
  words=$(systemctl show -p ActiveState -p UnitFileState -p MainPID "$@" 2>/dev/null)
  for unit in "$@"; do
    block=${words%%"$newline$newline"*}
    words=${words#*"$newline$newline"}
    active=$(in_block ActiveState '')
    # Without it a put-back could only guess whether the unit has to run.
    [ -n "$active" ] || fail no-systemd "systemd does not say how $unit is"
    remember units-before "$active $(in_block UnitFileState unknown) $(in_block MainPID 0) $unit"
  done
  remember_journal "$@"
}

note_unit() {
  is_unit_name "$unit" || fail bad-input "not the name of a unit: $unit"
  case " $noted " in *" $unit "*) ;; *) noted="$noted $unit" ;; esac
}

# in_block PROPERTY DEFAULT: its value in $block.
in_block() {
  block_value=${newline}$block$newline
  case $block_value in *"$newline$1="*) block_value=${block_value#*"$newline$1="} ;; *) block_value='' ;; esac
  block_value=${block_value%%"$newline"*}
  printf '%s\n' "${block_value:-$2}"
}

# remember_journal UNIT...: where the journal stands now. Only without a cursor its words so far have to be kept.
remember_journal() {
  journal_cursor=''
  command -v journalctl >/dev/null 2>&1 || return 0
  words=$(journalctl -q -n 1 -o cat --show-cursor 2>/dev/null)
  case $words in *'-- cursor: '*) journal_cursor=${words##*-- cursor: } ;; esac
  for unit in "$@"; do
    [ -n "$journal_cursor" ] || journal_of "$unit" | normalise | sort -u >"$transaction/units/$unit.before"
  done
}

# said_before UNIT: what its journal said before the change, into units/UNIT.before: needed only where it complains
# now. What it has said since stands at the end.
said_before() {
  [ ! -f "$transaction/units/$1.before" ] || return 0
  journal_of "$1" >"$transaction/units/$1.all"
  older=$(($(wc -l <"$transaction/units/$1.all") - $(wc -l <"$transaction/units/$1.after")))
  [ "$older" -gt 0 ] || older=0
  head -n "$older" "$transaction/units/$1.all" | normalise | sort -u >"$transaction/units/$1.before"
}

# forget_starts: starting often within a short time is refused, or has worse consequences (StartLimitAction), unless
# systemd forgets the earlier starts. One process for all units.
forget_starts() {
  set --
  while IFS=' ' read -r action unit; do
    case $action in start | restart) set -- "$@" "$unit" ;; esac
  done <"$transaction/unit"
  [ $# = 0 ] || systemctl reset-failed "$@" >/dev/null 2>&1
}

# change_units: in the order given. systemctl waits until a unit has started or failed.
change_units() {
  forget_starts
  while IFS=' ' read -r action unit; do
    case $action in start | restart | enable | disable | stop) ;; *) fail bad-input "unknown action $action" ;; esac
    remember touched "$action $unit"
    lease_for "$step_seconds"
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
      if stay_active "$1"; then say "restarted $1"; else came_not_back "$1 did not come back"; fi
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

# stay_active UNIT...: all active, and so 0.4 s later, with one and the same main process each, entered into that state
# at one and the same moment and not restarted; at most fifteen seconds. Sets now: what systemctl says of them, a block each.
stay_active() {
  looks=0
  last=''
  while [ "$looks" -lt 150 ]; do
    looks=$((looks + 1))
    now=$(systemctl show -p ActiveState -p MainPID -p NRestarts -p ActiveEnterTimestampMonotonic "$@" 2>/dev/null)
    case $now in
      *ActiveState=failed* | *ActiveState=inactive*)
        [ "$looks" -lt 5 ] || return 1
        last=''
        short_sleep
        ;;
      *ActiveState=activating* | *ActiveState=[!a]* | '')
        last=''
        short_sleep
        ;;
      *)
        [ "$now" != "$last" ] || return 0
        last=$now
        looks=$((looks + 3))
        sleep 0.4 2>/dev/null || sleep 1
        ;;
    esac
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

# keep_restart_records: with the commit; after a put-back they are void by themselves, as the unit starts anew.
keep_restart_records() {
  set -- "$transaction"/restarts/*
  [ -f "$1" ] || return 0
  [ -d "$state/restarts" ] || mkdir "$state/restarts"
  mv -f "$@" "$state/restarts/"
}

# make_restart_records: what each restarted daemon has loaded, so that a later run can tell a stale daemon. A record that
# could not be written whole is none: no pattern finds it under the name that it has until then.
make_restart_records() {
  sed -n -e 's/^restart //p' -e 's/^start //p' "$transaction/touched" | sort -u | while IFS= read -r unit; do
    set --
    while IFS=' ' read -r name path; do
      [ "$name" != "$unit" ] || [ ! -f "$path" ] || set -- "$@" "$path"
    done <"$transaction/loaded"
    record=$transaction/restarts/.$unit
    if restart_record "$unit" "$@" >"$record"; then mv -f "$record" "$transaction/restarts/$unit"; else rm -f "$record"; fi
  done
}

# restart_record UNIT PATH...: fails where any of it could not be written.
restart_record() {
  echo "boot-id $(boot_id)" || return
  echo "started-at $(unit_start "$1")" || return
  shift
  # Names that sha256sum would put in quotes are read one by one.
  case $* in
    *[\\]*)
      for path in "$@"; do
        take_checksum "$path"
        printf '%s  %s\n' "$file_sum" "$path" || return
      done
      ;;
    *) [ "$#" = 0 ] || sha256sum -- "$@" ;;
  esac
}
