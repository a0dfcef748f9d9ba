# shellcheck shell=sh disable=SC2034 # what is found is for the parts after this one
# Part of observe.sh, after frames.sh: which paths it reports on. Nothing is written.
# Lists are newline-separated; paths that hold a newline themselves are left out.

newline='
'
# Paths to report on, and paths whose content is wanted as well.
paths=$newline
more_paths=
many_paths=
content_paths=$newline
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

# note_files PATTERN: report on the files that it matches with their content, and under its name; on a path likewise.
note_files() {
  case $1 in
    *[][*?]*) ;;
    *)
      note_content "$1"
      return
      ;;
  esac
  field glob "$1"
  # When a file was removed from it, only the directory's times tell.
  directory=${1%/*}
  case $directory in '' | *[][*?]*) ;; *) note "$directory" ;; esac
  expand "$1"
  saved_ifs=$IFS
  IFS=$newline
  set -f
  for match in $matches; do
    [ -f "$match" ] || continue
    field match "$match"
    note_content "$match"
  done
  set +f
  IFS=$saved_ifs
}
