# shellcheck shell=sh
# Part of observe.sh, after frames.sh: finds every file that a daemon's main file leads to. Nothing is written.
# Lists are newline-separated; paths that hold a newline themselves are left out.

newline='
'
tab=$(printf '\t')
# Paths to report on, and paths whose content is wanted as well; both may name a path twice.
paths=
content_paths=

# note PATH: report on it.
note() {
  paths="$paths$newline$1"
}

# note_content PATH: report on it with its content.
note_content() {
  content_paths="$content_paths$newline$1"
}

# unique LIST: its lines sorted, each once, without empty ones.
unique() {
  printf '%s\n' "$1" | sed '/^$/d' | sort -u
}

# expand PATTERN: sets $matches to the paths that match it, in byte order; its words are never split.
expand() {
  matches=
  saved_ifs=$IFS
  IFS=
  # shellcheck disable=SC2086 # the one place where a pattern is meant to be expanded
  set -- $1
  IFS=$saved_ifs
  for match in "$@"; do
    case $match in *"$newline"*) continue ;; esac
    if [ -e "$match" ] || [ -h "$match" ]; then matches="$matches$newline$match"; fi
  done
}

# follow_pattern PATTERN KEY: reports what PATTERN matches under the name KEY, and adds files to $next.
follow_pattern() {
  field glob "$2"
  case $1 in
    *[][*?]*)
      # When a file was removed from it, only the directory's times tell.
      directory=${1%/*}
      case $directory in '' | *[][*?]*) ;; *) note "$directory" ;; esac
      ;;
    *) note "$1" ;;
  esac
  expand "$1"
  saved_ifs=$IFS
  IFS=$newline
  set -f
  for match in $matches; do
    [ -f "$match" ] || continue
    field match "$match"
    note_content "$match"
    next="$next$newline$match"
  done
  set +f
  IFS=$saved_ifs
}

# follow_directories SUFFIX DIRECTORY...: confdir and sourcedir of chrony.conf(5).
follow_directories() {
  suffix=$1
  shift
  for directory in "$@"; do
    while :; do
      case $directory in ?*/) directory=${directory%/} ;; *) break ;; esac
    done
    follow_pattern "$directory/*.$suffix" "$directory/*.$suffix"
  done
}

# chrony_includes FILE: one line `include PATTERN`, `confdir DIRECTORY...` or `sourcedir DIRECTORY...` each.
# Lines that lfce switched off count, because switching them on again must be planned for.
chrony_includes() {
  tr '\r' ' ' <"$1" | sed -n -e 's/^#lfce# //' -e "s/^[ $tab]*//" \
    -e "s/^[Ii][Nn][Cc][Ll][Uu][Dd][Ee][ $tab]\{1,\}/include /p" \
    -e "s/^[Cc][Oo][Nn][Ff][Dd][Ii][Rr][ $tab]\{1,\}/confdir /p" \
    -e "s/^[Ss][Oo][Uu][Rr][Cc][Ee][Dd][Ii][Rr][ $tab]\{1,\}/sourcedir /p"
}

# rsyslog_includes FILE: one line `include PATTERN` each, from $IncludeConfig and include(file="...").
rsyslog_includes() {
  tr '\r' ' ' <"$1" | sed -n -e 's/^#lfce# //' \
    -e "s/^[ $tab]*[\$][Ii][Nn][Cc][Ll][Uu][Dd][Ee][Cc][Oo][Nn][Ff][Ii][Gg][ $tab]\{1,\}\([^ $tab]\{1,\}\).*/include \1/p"
  # An include object may span lines; comments in between are taken out first.
  sed -e 's/^#lfce# //' -e "s/^[ $tab]*#.*//" "$1" | tr '\r\n\t' '   ' |
    grep -io 'include *([^)]*)' |
    sed -n 's/.*[( ,][Ff][Ii][Ll][Ee] *= *"\([^"]*\)".*/include \1/p'
}

# follow_includes SERVICE FILE: reports the include patterns of one file.
follow_includes() {
  saved_ifs=$IFS
  IFS=$newline
  set -f
  # shellcheck disable=SC2046 # split at newlines only, never expanded
  set -- "$1" $(if [ "$1" = chrony ]; then chrony_includes "$2"; else rsyslog_includes "$2"; fi)
  set +f
  IFS=$saved_ifs
  service=$1
  shift
  for line in "$@"; do
    case $line in
      'confdir '* | 'sourcedir '*)
        case $line in confdir*) suffix=conf ;; *) suffix=sources ;; esac
        set -f
        # shellcheck disable=SC2086 # several directories in one line
        set -- ${line#* }
        set +f
        follow_directories "$suffix" "$@"
        ;;
      *)
        pattern=${line#include }
        # chrony.conf(5): one word. A directory (with its slash) means every file in it to rsyslog.
        if [ "$service" = chrony ]; then pattern=${pattern%%[" $tab"]*}; fi
        key=$pattern
        case $pattern in */) [ "$service" = chrony ] || pattern="$pattern*" ;; esac
        # Daemons work in /: that is where relative names start.
        case $pattern in /*) ;; *) pattern="/$pattern" ;; esac
        [ -z "$key" ] || follow_pattern "$pattern" "$key"
        ;;
    esac
  done
}

# follow SERVICE MAIN: reads MAIN, what it includes, what that includes, at most 10 levels deep. Includes that
# lead in a circle end there too; each level reads a file once.
follow() {
  service=$1
  note_content "$2"
  level=$2
  depth=0
  while [ -n "$level" ] && [ "$depth" -le 10 ]; do
    next=
    saved_ifs=$IFS
    IFS=$newline
    set -f
    # Most files include nothing: one grep finds those that do.
    # shellcheck disable=SC2086,SC2046 # split at newlines only, never expanded
    set -- $(grep -lisE 'include|confdir|sourcedir' -- /dev/null $level)
    set +f
    IFS=$saved_ifs
    for including in "$@"; do
      # chronyd takes nothing but sources from these.
      case $service:$including in chrony:*.sources) continue ;; esac
      follow_includes "$service" "$including"
    done
    level=$(unique "$next")
    depth=$((depth + 1))
  done
}
