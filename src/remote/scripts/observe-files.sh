# shellcheck shell=sh disable=SC2154 # the lists come from observe-paths.sh
# Part of observe.sh: reports on the paths that were collected, with one process for each kind of question
# however many paths there are.

# Larger files, and more than so much in all, are reported and not read.
largest_file=1048576
largest_total=12582912
# Bytes of paths that the kernel surely takes for one process; a log server with many clients has more files.
most_words=100000
stat_form='%s:%f:%h:%.9Y:%.9Z:%u:%U:%G:%n'

# note_list KEY PATTERN: reports what PATTERN matches under the name KEY, at most 1,000 paths, without content.
note_list() {
  field list "$1"
  expand "$2"
  listed=0
  saved_ifs=$IFS
  IFS=$newline
  set -f
  for match in $matches; do
    listed=$((listed + 1))
    [ "$listed" -le 1000 ] || break
    field listed "$match"
    note "$match"
  done
  set +f
  IFS=$saved_ifs
}

# present LIST: `missing PATH` and `link PATH` + `target PATH`; sets $present to the paths that are there.
present() {
  present=
  more_present=
  saved_ifs=$IFS
  IFS=$newline
  set -f
  for path in $1; do
    if [ -h "$path" ]; then
      field link "$path"
      target=$(readlink -f -- "$path" 2>/dev/null || readlink -- "$path")
      # A name with a line break would be lines of the answer; apply refuses it.
      case $target in *"$newline"*) target= ;; esac
      field target "$target"
    fi
    if [ -e "$path" ]; then
      more_present="$more_present$newline$path"
      [ "${#more_present}" -lt "$searched_lists" ] || {
        present="$present$more_present"
        more_present=
      }
    elif [ ! -h "$path" ]; then
      field missing "$path"
    fi
  done
  present="$present$more_present"
  set +f
  IFS=$saved_ifs
}

# report_files RECORDS: one `stat` line for each path that was noted; of /proc/self, which is this very moment's and
# belongs to who asks, and once more before the paths of the stamp; then the bytes of all files that were noted with their content, of RECORDS (files that may
# hold anything and are no part of the answer by themselves), and what the kernel tells by files.
report_files() {
  unique "$content_paths"
  present "$unique"
  wanted=$present$1
  unique "$paths$more_paths"
  present "$unique"
  [ -z "$stamped" ] || present="$present$newline/proc/self/$stamped"
  saved_ifs=$IFS
  IFS=$newline
  set -f
  # The divider is the first path that cannot have been asked for.
  # A colon is the one character that the names of users and groups cannot hold. busybox has no fractions.
  # shellcheck disable=SC2086 # split at newlines only, never expanded
  if [ "$((${#wanted} + ${#present}))" -lt "$most_words" ]; then
    stats=$(stat -L -c "$stat_form" -- $wanted /proc/self/ $present 2>/dev/null)
  else
    stats=$(printf '%s\n' $wanted /proc/self/ $present | tr '\n' '\000' | xargs -0 stat -L -c "$stat_form" -- 2>/dev/null)
  fi
  total=0
  readable=yes
  set --
  for line in $stats; do
    field stat "$line"
    [ -n "$readable" ] || continue
    path=${line#*:*:*:*:*:*:*:*:}
    if [ "$path" = /proc/self/ ]; then
      readable=
      continue
    fi
    # Regular files, by their mode.
    rest=${line#*:}
    case $rest in 8???:*) ;; *) continue ;; esac
    [ -r "$path" ] || continue
    # Not even root: it is immutable, or lies on a file system that is read-only.
    [ -w "$path" ] || field unwritable "$path"
    size=${line%%:*}
    if [ "$size" -gt "$largest_file" ]; then
      field too-large "$path"
      continue
    fi
    total=$((total + size))
    set -- "$@" "$path"
  done
  set +f
  IFS=$saved_ifs
  if [ "$total" -gt "$largest_total" ]; then
    field too-much "$total"
    set --
  fi
  for path in "$@"; do field content "$path"; done
  # What these hold is known when they are read.
  for path in $kernel_files; do
    [ ! -r "$path" ] || set -- "$@" "$path"
  done
  # A line with the name before each: the reader knows the sizes, and so whether a file changed meanwhile.
  printf 'contents<%s\n' "$boundary"
  head -v -c "$largest_file" -- "$@" 2>/dev/null
  printf '\n%s\n' "$boundary"
}
