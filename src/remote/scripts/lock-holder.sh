# shellcheck shell=sh
# Who holds a lock, and whether that process still runs: for those who take it, and for those who only look.

boot_id() {
  boot_number=unknown
  { read -r boot_number </proc/sys/kernel/random/boot_id; } 2>/dev/null
  echo "$boot_number"
}

# process_start PID: its start in clock ticks since boot (proc(5), stat, field 22); nothing when it is gone. One that is
# dead and only waits for its parent to hear of it is gone.
process_start() {
  stat_line=
  { IFS= read -r stat_line <"/proc/$1/stat"; } 2>/dev/null
  [ -n "$stat_line" ] || return 0
  # The name in parentheses may hold blanks and parentheses.
  stat_line=${stat_line##*) }
  # shellcheck disable=SC2086
  set -- $stat_line
  case $1 in Z | X) return 0 ;; esac
  shift 19
  echo "$1"
}

# value_of KEY FILE: what follows `KEY ` on its line.
value_of() {
  value_line=
  while IFS= read -r value_line || [ -n "$value_line" ]; do
    case $value_line in
      "$1 "*)
        printf '%s\n' "${value_line#"$1 "}"
        return
        ;;
    esac
    value_line=
  done <"$2"
} 2>/dev/null

# alive FILE: does the holder that FILE names still run?
alive() {
  [ "$(value_of boot-id "$1")" = "$(boot_id)" ] || return 1
  holder_pid=$(value_of pid "$1")
  case $holder_pid in '' | *[!0-9]*) return 1 ;; esac
  holder_start=$(process_start "$holder_pid")
  [ -n "$holder_start" ] && [ "$holder_start" = "$(value_of started "$1")" ]
}
