# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared between the parts of apply.sh
# The real daemon reads the staged tree before anything is swapped in. A file that is already there may have
# faults of its own, and rsyslogd exits 1 for mere warnings: only messages count that the daemon does not also
# give for the tree that is there now.

# check_tree SERVICE MAIN WORDS-FILE: the daemon's messages about a tree go to the file; its exit status.
check_tree() {
  case $1 in
    chrony) limited 30 chronyd -p -f "$2" </dev/null 2>"$3" >/dev/null ;;
    rsyslog)
      limited 30 rsyslogd -N1 -f "$2" </dev/null >"$3.all" 2>&1
      set -- "$?" "$3"
      while IFS= read -r message || [ -n "$message" ]; do
        case $message in *'config validation run'*) ;; *) printf '%s\n' "$message" ;; esac
      done <"$2.all" >"$2"
      return "$1"
      ;;
  esac
}

# normalise: messages without what differs between two runs over equal trees: times, versions, places.
normalise() {
  sed -E -e 's/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9:]+) *//' -e 's/\[v[0-9][^ ]* /[/' \
    -e 's/line [0-9]+/line/g' -e 's#/[^][ ,;:"()'\'']*/##g' -e 's/0x[0-9a-f]+/0x/g' \
    -e 's/^[a-z]+d(\[[0-9]+\])?: //' -e 's/ *$//'
}

# is_among FILE MESSAGE: FILE holds normalised messages. An empty list of patterns matches everything for some
# versions of grep and nothing for others.
is_among() {
  [ -s "$1" ] && printf '%s\n' "$2" | normalise | grep -qxF -f "$1"
}

# new_messages OLD NEW: messages of the file NEW that the file OLD has not, or has fewer times. Without comm,
# which small systems lack.
new_messages() {
  normalise <"$1" >"$2.old"
  normalise <"$2" >"$2.new"
  while IFS= read -r message; do
    plain=$(printf '%s\n' "$message" | normalise)
    [ "$(grep -cxF -e "$plain" "$2.new")" -le "$(grep -cxF -e "$plain" "$2.old")" ] || printf '%s\n' "$message"
  done <"$2"
}

# can_check SERVICE
can_check() {
  case $1 in
    chrony)
      command -v chronyd >/dev/null 2>&1 || return 1
      major=$(chronyd --version 2>/dev/null)
      case $major in *'version '[1-9]*) major=${major##*version } ;; *) return 1 ;; esac
      [ "${major%%[!0-9]*}" -ge 4 ]
      ;;
    rsyslog) command -v rsyslogd >/dev/null 2>&1 ;;
    *) fail bad-input "no daemon is known for $1" ;;
  esac
}

# validate_tree DIRECTORY-OF-THE-TREE
validate_tree() {
  IFS= read -r service <"$1/service"
  if ! can_check "$service"; then
    say "notice the $service daemon of this host cannot check a configuration without running it"
    return
  fi
  IFS= read -r main <"$1/tree-main"
  IFS= read -r directory <"$1/tree-directory"
  IFS= read -r staged_main <"$1/tree-staged-main"
  case $directory in /*/*lfce*) ;; *) fail bad-input "the staging directory must be absolute and name lfce" ;; esac
  remember scratch "$directory"
  if [ -e "$directory" ] || [ -L "$directory" ]; then rm -rf "$directory"; fi
  words=$(cp -R "$1/files" "$directory" 2>&1) || fail_because stage-failed "cannot stage $service's files" "$words"
  new_status=0
  check_tree "$service" "$directory/$staged_main" "$1/new-words" || new_status=$?
  old_status=0
  words=
  # Without a word about the new tree it does not matter what there was to say about the old one.
  if [ "$new_status" != 0 ] || [ -s "$1/new-words" ]; then
    : >"$1/old-words"
    [ ! -e "$main" ] || check_tree "$service" "$main" "$1/old-words" || old_status=$?
    words=$(new_messages "$1/old-words" "$1/new-words" | show_real_paths "$directory")
  fi
  rm -rf "$directory"
  if [ "$new_status" != 0 ] && { [ -n "$words" ] || [ "$old_status" = 0 ]; } || [ "$new_status" = 124 ]; then
    [ "$new_status" != 124 ] || words="no answer within 30 seconds"
    fail validation-failed "$service does not accept the new configuration" "${words:-exit status $new_status}"
  fi
  [ "$old_status" = 0 ] || say "notice $service already reports faults in what was there: $(head -n 1 "$1/old-words")"
}

# show_real_paths DIRECTORY: a person knows the file by its own path.
show_real_paths() {
  while IFS= read -r message; do
    before=''
    while :; do
      case $message in
        *"$1/"*)
          before=$before${message%%"$1/"*}/
          message=${message#*"$1/"}
          ;;
        *) break ;;
      esac
    done
    printf '%s%s\n' "$before" "$message"
  done
}

validate() {
  for each_tree in "$transaction"/trees/*/; do
    [ -d "$each_tree" ] && validate_tree "${each_tree%/}"
  done
}
