# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared between the parts of apply.sh
# Every staged file gets its name, one by one; the record is open by then, so that whatever stops us is put back.

# swap_file NUMBER ACTION BEFORE AFTER: an editor may have saved since the comparison. What was saved by a rename is found
# just before ours: the name leads no more to the inode that was kept. What was saved into the same file is found in the
# kept original after it (check_originals).
swap_file() {
  read_facts "$transaction" "$1" || fail swap-failed "the facts about file $1 are gone"
  is_still_there "$1" "$3" || changed_meanwhile
  if [ "$2" = remove ]; then
    words=$(rm -f "$real" 2>&1) || fail_because swap-failed "cannot remove $real" "$words"
  elif [ "$3" = absent ]; then
    # A link never overwrites what somebody else may have created just now.
    if ! ln "$stage" "$real" 2>/dev/null; then
      is_as "$real" absent || fail changed-meanwhile "$real was created while lfce worked on it"
      words=$(mv "$stage" "$real" 2>&1) || fail_because swap-failed "cannot create $real" "$words"
    fi
    relabel "$real"
  else
    words=$(mv -f "$stage" "$real" 2>&1) || fail_because swap-failed "cannot replace $real" "$words"
  fi
}

# is_still_there NUMBER CHECKSUM|absent: of real, whose original is kept as method says.
is_still_there() {
  # shellcheck disable=SC3013 # dash, bash and busybox know -ef
  if [ "$method" = link ]; then [ "$real" -ef "$transaction/before/$1" ]; else is_as "$real" "$2"; fi
}

# check_originals: what was kept must be what was planned from, also after its name was given away.
check_originals() {
  new_list
  while IFS=' ' read -r number action before rest; do
    [ "$before" != absent ] || continue
    read_facts "$transaction" "$number"
    listed "$before" "$(source_of "$transaction" "$number")"
  done <"$transaction/files"
  : "$action $rest"
  if all_as_listed; then return 0; fi
  while IFS=' ' read -r number action before rest; do
    read_facts "$transaction" "$number"
    [ "$before" = absent ] || is_as "$(source_of "$transaction" "$number")" "$before" || changed_meanwhile
  done <"$transaction/files"
}

changed_meanwhile() {
  fail changed-meanwhile "$real was changed while lfce worked on it"
}

# swap_files: the new names are on the disk before anything is restarted.
swap_files() {
  while IFS=' ' read -r number action before after rest; do
    swap_file "$number" "$action" "$before" "$after"
    step "swapped-$number"
    : "$rest"
  done <"$transaction/files"
  check_originals
  finish_swap
}

# finish_swap: a new file has only its own name, and every directory in which a name changed is flushed once.
finish_swap() {
  set --
  while IFS=' ' read -r number action before rest; do
    read_facts "$transaction" "$number"
    [ "$action $before" != 'write absent' ] || set -- "$@" "$stage"
  done <"$transaction/files"
  [ "$#" = 0 ] || rm -f "$@"
  set --
  flushed=$newline
  while IFS=' ' read -r number rest; do
    read_facts "$transaction" "$number"
    case $flushed in *"$newline${real%/*}/$newline"*) continue ;; esac
    flushed="$flushed${real%/*}/$newline"
    set -- "$@" "${real%/*}/"
  done <"$transaction/files"
  : "$rest"
  [ "$#" = 0 ] || words=$(flush "$@" 2>&1) || fail_because swap-failed "the new names are not on the disk" "$words"
}
