# shellcheck shell=sh
# Part of observe.sh, after frames.sh: finds every file that a daemon's main file leads to. Nothing is written.
# Lists are newline-separated; paths that hold a newline themselves are left out. Every process counts (a fleet
# shares few processors), so the shell reads what it can by itself.

newline='
'
tab='	'
blanks=" $tab"
# Paths to report on, and paths whose content is wanted as well.
paths=$newline
more_paths=
many_paths=
content_paths=$newline
# Whose files are followed. Files of the next level; lines `FILE:LINE` with anything like an include, and where they were sought.
follow_service=
next=$newline
hits=
sought=$newline
# Beyond so many bytes a list is not searched for what it holds already: sort does that at the end.
searched_lists=20000

# note PATH: report on it.
note() {
  if [ -z "$many_paths" ]; then
    case $paths in *"$newline$1$newline"*) return ;; esac
  fi
  more_paths="$more_paths$1$newline"
  # Each addition copies what it adds to: a long list is added to seldom.
  [ -z "$many_paths" ] || [ "${#more_paths}" -ge "$searched_lists" ] || return 0
  paths="$paths$more_paths"
  more_paths=
  [ "${#paths}" -lt "$searched_lists" ] || many_paths=yes
}

# note_content PATH: report on it with its content.
note_content() {
  if [ "${#content_paths}" -lt "$searched_lists" ]; then
    case $content_paths in *"$newline$1$newline"*) return ;; esac
  fi
  content_paths="$content_paths$1$newline"
}

# unique LIST: its lines, each once, in $unique.
unique() {
  unique=$1
  [ "${#1}" -lt "$searched_lists" ] || unique=$(printf '%s\n' "$1" | sort -u)
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
    # chronyd takes nothing but sources from *.sources.
    case $follow_service:$match in chrony:*.sources) continue ;; esac
    if [ "${#next}" -lt "$searched_lists" ]; then
      case $next in *"$newline$match$newline"*) continue ;; esac
    fi
    next="$next$match$newline"
  done
  set +f
  IFS=$saved_ifs
}

# chrony_directories SUFFIX DIRECTORY...: confdir and sourcedir of chrony.conf(5).
chrony_directories() {
  suffix=$1
  shift
  for directory in "$@"; do
    while :; do
      case $directory in ?*/) directory=${directory%/} ;; *) break ;; esac
    done
    follow_pattern "$directory/*.$suffix" "$directory/*.$suffix"
  done
}

# from_root PATTERN KEY: daemons work in /: that is where relative names start.
from_root() {
  case $1 in
    '') ;;
    /*) follow_pattern "$1" "$2" ;;
    *) follow_pattern "/$1" "$2" ;;
  esac
}

# chrony_line LINE: what one line of a chrony file includes. Lines that lfce switched off count, because switching
# them on again must be planned for.
chrony_line() {
  saved_ifs=$IFS
  IFS=$blanks
  set -f
  # shellcheck disable=SC2086 # words of the directive
  set -- ${1#'#lfce# '}
  set +f
  IFS=$saved_ifs
  case ${1-} in
    [Ii][Nn][Cc][Ll][Uu][Dd][Ee]) from_root "${2-}" "${2-}" ;;
    [Cc][Oo][Nn][Ff][Dd][Ii][Rr])
      shift
      chrony_directories conf "$@"
      ;;
    [Ss][Oo][Uu][Rr][Cc][Ee][Dd][Ii][Rr])
      shift
      chrony_directories sources "$@"
      ;;
  esac
}

# rsyslog_line LINE: the same for $IncludeConfig, and for an include() that stands on one line. Fails for a line
# that may belong to any other include().
rsyslog_line() {
  line=${1#'#lfce# '}
  saved_ifs=$IFS
  IFS=$blanks
  set -f
  # shellcheck disable=SC2086 # words of the directive
  set -- $line
  set +f
  IFS=$saved_ifs
  case ${1-} in
    '' | '#'*) return 0 ;;
    \$[Ii][Nn][Cc][Ll][Uu][Dd][Ee][Cc][Oo][Nn][Ff][Ii][Gg])
      rsyslog_pattern "${2-}"
      return 0
      ;;
    \$*) return 0 ;;
  esac
  object=${line#*[Ii][Nn][Cc][Ll][Uu][Dd][Ee]}
  case $object in
    "$line") return 0 ;;
    *[Ii][Nn][Cc][Ll][Uu][Dd][Ee]*) return 1 ;;
    '('[Ff][Ii][Ll][Ee]'="'*'"'*')'*) ;;
    *) return 1 ;;
  esac
  object=${object#*'"'}
  rsyslog_pattern "${object%%'"'*}"
}

# rsyslog_pattern PATTERN: a directory (with its slash) means every file in it.
rsyslog_pattern() {
  case $1 in
    */) from_root "$1*" "$1" ;;
    *) from_root "$1" "$1" ;;
  esac
}

# include_objects FILE: `FILE` of every include(), one a line. It may span lines; comments in between are taken out
# first.
include_objects() {
  sed -e 's/^#lfce# //' -e "s/^[ $tab]*#.*//" "$1" | tr '\r\n\t' '   ' |
    grep -io 'include *([^)]*)' |
    sed -n 's/.*[( ,][Ff][Ii][Ll][Ee] *= *"\([^"]*\)".*/\1/p'
}

# follow_includes SERVICE FILE: reports the include patterns of one file, as far as $hits tells of them.
follow_includes() {
  service=$1
  including=$2
  odd=
  saved_ifs=$IFS
  IFS=$newline
  set -f
  # shellcheck disable=SC2086 # split at newlines only, never expanded
  set -- $hits
  set +f
  IFS=$saved_ifs
  for hit in "$@"; do
    case $hit in
      "$including:"*)
        if [ "$service" = chrony ]; then
          chrony_line "${hit#"$including:"}"
        else
          rsyslog_line "${hit#"$including:"}" || odd=yes
        fi
        ;;
    esac
  done
  [ -n "$odd" ] || return 0
  saved_ifs=$IFS
  IFS=$newline
  set -f
  # shellcheck disable=SC2046 # split at newlines only, never expanded
  set -- $(include_objects "$including")
  set +f
  IFS=$saved_ifs
  for pattern in "$@"; do rsyslog_pattern "$pattern"; done
}

# seek LIST: adds to $hits what files of the list that were not looked at yet say of includes. Most include nothing,
# and one grep finds those that do.
seek() {
  saved_ifs=$IFS
  IFS=$newline
  set -f
  # shellcheck disable=SC2086 # split at newlines only, never expanded
  set -- $1
  for sought_path in "$@"; do
    shift
    case $sought in *"$newline$sought_path$newline"*) continue ;; esac
    sought="$sought$sought_path$newline"
    [ -f "$sought_path" ] && [ -r "$sought_path" ] && set -- "$@" "$sought_path"
  done
  set +f
  IFS=$saved_ifs
  [ $# -gt 0 ] || return 0
  # /dev/null makes grep name the file also when there is only one.
  found=$(grep -iE 'include|confdir|sourcedir' -- /dev/null "$@" 2>/dev/null)
  case $found in
    # GNU grep says no more of a file that holds a NUL.
    *inary*' matches'*) found=$(grep -a -iE 'include|confdir|sourcedir' -- /dev/null "$@" 2>/dev/null) ;;
  esac
  hits="$hits$newline$found"
  # Only then is it worth a process to know what a carriage return looks like.
  # shellcheck disable=SC2101 # it has its outer brackets
  case $found in *[!"$newline$tab"[:print:]]*) blanks=" $tab$(printf '\r')" ;; esac
}

# follow SERVICE FILES: reads the files, what they include, what that includes, at most 10 levels deep; each once.
follow() {
  follow_service=$1
  level=$2
  depth=0
  followed=$newline
  while [ "$depth" -le 10 ]; do
    saved_ifs=$IFS
    IFS=$newline
    set -f
    # shellcheck disable=SC2086 # split at newlines only, never expanded
    set -- $level
    set +f
    IFS=$saved_ifs
    [ $# -gt 0 ] || return 0
    seek "$level"
    next=$newline
    for level_path in "$@"; do
      case $hits in *"$newline$level_path:"*) ;; *) continue ;; esac
      case $followed in *"$newline$level_path$newline"*) continue ;; esac
      followed="$followed$level_path$newline"
      follow_includes "$follow_service" "$level_path"
    done
    unique "$next"
    level=$unique
    depth=$((depth + 1))
  done
}
