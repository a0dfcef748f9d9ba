# shellcheck shell=sh disable=SC2154 # the lists come from observe-include.sh
# Part of observe.sh: reports on the paths that were collected, with one process for each kind of question
# however many paths there are.

# Larger files, and more than so much in all, are reported and not read.
largest_file=1048576
largest_total=12582912

# report_paths LIST: `missing PATH`, `link PATH` + `target PATH`, and one `stat` line for each path that is there.
# Sets $stats to the latter.
report_paths() {
  saved_ifs=$IFS
  IFS=$newline
  set -f
  # shellcheck disable=SC2086 # split at newlines only, never expanded
  set -- $1
  present=
  for path in "$@"; do
    if [ -h "$path" ]; then
      field link "$path"
      field target "$(readlink -f -- "$path" 2>/dev/null || readlink -- "$path")"
    fi
    if [ -e "$path" ]; then
      present="$present$newline$path"
    elif [ ! -h "$path" ]; then
      field missing "$path"
    fi
  done
  # shellcheck disable=SC2086
  set -- $present
  set +f
  IFS=$saved_ifs
  stats=
  [ $# -gt 0 ] || return 0
  # A colon is the one character that the names of users and groups cannot hold. busybox has no fractions.
  case $(stat -c %.9Y / 2>/dev/null) in
    *[0-9].[0-9]*) stats=$(stat -L -c 'stat %s:%f:%h:%.9Y:%.9Z:%U:%G:%n' -- "$@" 2>/dev/null) ;;
    *) stats=$(stat -L -c 'stat %s:%f:%h:%Y:%Z:%U:%G:%n' -- "$@" 2>/dev/null) ;;
  esac
  [ -z "$stats" ] || printf '%s\n' "$stats"
}

# choose_readable: sets $readable to the regular files of $stats that are to be read, and $total to their size.
choose_readable() {
  readable=
  total=0
  saved_ifs=$IFS
  IFS=$newline
  set -f
  for line in $stats; do
    line=${line#stat }
    path=${line#*:*:*:*:*:*:*:}
    size=${line%%:*}
    case ${line#*:} in 8???:*) ;; *) continue ;; esac
    [ -r "$path" ] || continue
    if [ "$size" -gt "$largest_file" ]; then
      field too-large "$path"
      continue
    fi
    total=$((total + size))
    readable="$readable$newline$path"
  done
  set +f
  IFS=$saved_ifs
}

# report_contents: of the paths reported last that are files: the paths in order, their checksums, and all bytes one after the other as one base64 line.
# The reader cuts them by the sizes above; checksums that do not fit mean that a file changed meanwhile.
report_contents() {
  choose_readable
  [ -n "$readable" ] || return 0
  if [ "$total" -gt "$largest_total" ]; then
    field too-much "$total"
    return 0
  fi
  saved_ifs=$IFS
  IFS=$newline
  set -f
  # shellcheck disable=SC2086 # split at newlines only, never expanded
  set -- $readable
  set +f
  IFS=$saved_ifs
  for path in "$@"; do field content "$path"; done
  block checksums "$(sha256sum -- "$@" 2>/dev/null)"
  printf 'bytes '
  cat -- "$@" 2>/dev/null | if [ "$(printf a | base64 -w 0 2>/dev/null)" = YQ== ]; then
    base64 -w 0
  else
    base64 | tr -d '\n'
  fi
  printf '\n'
}
