# shellcheck shell=sh disable=SC2154,SC2034 # lists come from observe.sh, which uses what is found
# Part of observe.sh: programs and their versions, as far as they can be known without a process.

# find_program NAME: the first in PATH, in $program; without a process.
find_program() {
  saved_ifs=$IFS
  IFS=:
  set -f
  for program in $PATH; do
    program=${program:-.}/$1
    if [ -f "$program" ] && [ -x "$program" ]; then
      set +f
      IFS=$saved_ifs
      return 0
    fi
  done
  set +f
  IFS=$saved_ifs
  return 1
}

# version NAME PROGRAM
version() {
  saved_ifs=$IFS
  IFS=$newline
  set -f
  for line in $stats; do
    case $line in *":$2") ;; *) continue ;; esac
    size=${line%%:*}
    line=${line#*:*:*:}
    time=${line%%:*}
    for one in $known; do
      case $one in
        "$1 $size $time "*)
          field "$1-known" "${one##* }"
          set +f
          IFS=$saved_ifs
          return
          ;;
      esac
    done
  done
  set +f
  IFS=$saved_ifs
  block "$1-version" "$("$2" -v 2>&1)"
}
