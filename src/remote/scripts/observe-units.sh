# shellcheck shell=sh disable=SC2154,SC2034 # lists come from observe.sh, which uses what is found
# Part of observe.sh: units. systemd is asked only for those that it can know, and not at all while everything that its
# answer hangs on is as it was when it answered the last time (unit-stamp.ts).

manager_directory=/run/systemd
slices='
/sys/fs/cgroup/system.slice
/sys/fs/cgroup/systemd/system.slice'
unit_directories='
/etc/systemd/system
/run/systemd/system
/run/systemd/transient
/run/systemd/generator
/run/systemd/generator.early
/run/systemd/generator.late
/etc/systemd/system.control
/run/systemd/system.control
/usr/local/lib/systemd/system
/usr/lib/systemd/system
/lib/systemd/system'
# Units that systemd is to be asked for, and paths of the stamp, which are looked at without content.
asked_units=
stamped=
# More processes than a daemon has; such a unit is always asked for.
most_processes=8

# find_unit_directories: leaves those that are there.
find_unit_directories() {
  [ "$unit_directories" != any ] || return 0
  found_directories=
  for directory in $unit_directories; do
    [ -d "$directory" ] || continue
    # A link to the one before, on systems where /lib is one.
    # shellcheck disable=SC3013 # dash, busybox and POSIX.1-2024 know it
    if [ "$directory" = /lib/systemd/system ] && [ "$directory" -ef /usr/lib/systemd/system ]; then continue; fi
    found_directories="$found_directories$newline$directory"
  done
  unit_directories=$found_directories
}

# is_there UNIT: whether systemd can know it: by a file of its own (then in $unit_file), or because it runs without one.
is_there() {
  unit_file=
  case $1 in *@* | *.*) return 0 ;; esac
  for directory in $unit_directories; do
    if [ -e "$directory/$1.service" ] || [ -h "$directory/$1.service" ]; then
      unit_file=$directory/$1.service
      return 0
    fi
  done
  [ "$unit_directories" != any ] || return 0
  for slice in $slices; do
    [ ! -d "$slice/$1.service" ] || return 0
  done
  return 1
}

# is_alias UNIT: whether its file is a link to the file of one before: another name for it. Units that are masked
# share only /dev/null.
is_alias() {
  [ -h "$unit_file" ] && [ -f "$unit_file" ] || return 1
  for asked in $asked_units; do
    case $asked_files in *"$newline$asked "*) ;; *) continue ;; esac
    asked_file=${asked_files#*"$newline$asked "}
    asked_file=${asked_file%%"$newline"*}
    # shellcheck disable=SC3013
    if [ "$unit_file" -ef "$asked_file" ]; then
      field unit-alias "$asked $1"
      return 0
    fi
  done
  return 1
}

# stamp_unit UNIT: adds its file and its processes to the stamp. Without them there is none, and systemd is asked.
stamp_unit() {
  [ -n "$unit_file" ] || return 0
  for slice in $slices; do
    [ -r "$slice/$1.service/cgroup.procs" ] || continue
    processes=
    process_files=
    process_count=0
    while read -r process; do
      process_count=$((process_count + 1))
      [ "$process_count" -le "$most_processes" ] || return 0
      processes="$processes $process"
      process_files="$process_files /proc/$process/stat"
    done <"$slice/$1.service/cgroup.procs"
    [ "$process_count" -gt 0 ] || return 0
    field processes "$1$processes"
    kernel_files="$kernel_files$process_files"
    stamped="$stamped$newline$unit_file"
    return
  done
} 2>/dev/null

# stamp_manager: adds where a unit may be enabled, masked or given another file; and what systemd makes anew whenever it
# reads its files again (the directories of generators). Where transient units stand changes with every login.
stamp_manager() {
  [ -d "$manager_directory" ] || return 0
  field stamp "$manager_directory"
  stamped="$stamped$newline$manager_directory"
  for directory in $unit_directories; do
    case $directory in */transient) continue ;; esac
    stamped="$stamped$newline$directory"
    case $directory in /usr/* | /lib/*) continue ;; esac
    set +f
    for links in "$directory"/*.wants "$directory"/*.requires "$directory"/*.upholds; do
      [ ! -d "$links" ] || stamped="$stamped$newline$links"
    done
    set -f
  done
}

# find_units UNITS: `unit`, `unit-alias` or `no-unit` of each; sets $asked_units, and the stamp.
find_units() {
  saved_ifs=$IFS
  IFS=$newline
  set -f
  find_unit_directories
  asked_files=$newline
  for unit in $1; do
    if is_there "$unit"; then
      is_alias "$unit" && continue
      [ -z "$unit_file" ] || asked_files="$asked_files$unit $unit_file$newline"
      field unit "$unit"
      asked_units="$asked_units$newline$unit"
      stamp_unit "$unit"
    else
      field no-unit "$unit"
    fi
  done
  [ -z "$stamped" ] || stamp_manager
  set +f
  IFS=$saved_ifs
}

# ask_units: systemd's own answer.
ask_units() {
  saved_ifs=$IFS
  IFS=$newline
  set -f
  # shellcheck disable=SC2086 # split at newlines only, never expanded
  set -- $asked_units
  set +f
  IFS=$saved_ifs
  [ $# -gt 0 ] || return 0
  set -- --property=Id,LoadState,ActiveState,SubState,UnitFileState,MainPID,ExecMainStartTimestamp,ExecMainStartTimestampMonotonic,Result,NRestarts -- "$@"
  # Microseconds need systemd 247.
  answer=$(TZ=UTC systemctl show --timestamp=us+utc "$@" 2>/dev/null)
  [ -n "$answer" ] || answer=$(TZ=UTC systemctl show "$@" 2>/dev/null)
  block units "$answer"
}
