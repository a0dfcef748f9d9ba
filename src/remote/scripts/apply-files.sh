# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared between the parts of apply.sh
# The files of a transaction: compared with what was planned from, backed up, staged beside their targets,
# swapped in. What a put-back needs to know about file N is written to facts/N before anything is swapped:
#   line 1  how the original is kept: link (before/N is its inode), beside (line 4 is), copy, or none
#   line 2  the real path       line 3  the stage file
#   line 4  the original's second name beside it (method beside)
#   line 5  device:inode of the original     line 6  device:inode of the stage file

checksum() {
  sha256sum <"$1" 2>/dev/null | cut -d ' ' -f 1
}

identity() {
  stat -c %d:%i "$1" 2>/dev/null
}

# is_as PATH CHECKSUM|absent
is_as() {
  if [ "$2" = absent ]; then
    [ ! -e "$1" ] && [ ! -L "$1" ]
  else
    [ -f "$1" ] && [ "$(checksum "$1")" = "$2" ]
  fi
}

compare() {
  while IFS=' ' read -r sum path; do
    is_as "$path" "$sum" ||
      fail changed-meanwhile "$path is not what the plan was made from; nothing was changed"
  done <"$transaction/expect"
  compare_matches
}

# compare_matches: what an include pattern finds must be what it found then. Lines are a checksum of the sorted
# names and the pattern; nothing of a pattern but * ? [ ] means anything where no word is split.
compare_matches() {
  while IFS=' ' read -r sum pattern; do
    [ "$(matches_of "$pattern" | sha256sum | cut -d ' ' -f 1)" = "$sum" ] ||
      fail changed-meanwhile "$pattern finds other files than when the plan was made; nothing was changed"
  done <"$transaction/matches"
}

matches_of() (
  IFS=
  # shellcheck disable=SC2086 # to be expanded as a pattern
  for match in $1; do
    if [ -f "$match" ]; then printf '%s\n' "$match"; fi
  done | sort
)

# make_directory PATH MODE OWNER GROUP, and the parents that are missing. Noted before it is made, so that
# whatever interrupts us, it is known to be ours.
make_directory() {
  [ ! -d "$1" ] || return 0
  if [ -e "$1" ] || [ -L "$1" ]; then fail target-refused "$1 exists and is not a directory"; fi
  # What a parent is for is not known: it gets what mkdir(1) gives directories of the system.
  [ -z "${1%/*}" ] || make_directory "${1%/*}" 0755 '' ''
  remember created "$1"
  words=$({ mkdir "$1" && { [ -z "$3" ] || chown "$3:$4" "$1"; } && chmod "$2" "$1"; } 2>&1) ||
    fail_because stage-failed "cannot make the directory $1" "$words"
  relabel "$1"
}

# relabel PATH: a new name gets the label that the policy has for it; elsewhere there is nothing to do.
relabel() {
  command -v restorecon >/dev/null 2>&1 && restorecon "$1" >/dev/null 2>&1
  return 0
}

make_directories() {
  while IFS=' ' read -r mode owner group path; do
    make_directory "$path" "$mode" "$owner" "$group"
  done <"$transaction/directory"
}

# resolve PATH: sets real. A symbolic link stays, its target is edited.
resolve() {
  real=$1
  if [ -L "$1" ]; then
    [ -e "$1" ] || fail target-refused "$1 is a symbolic link to something that does not exist"
    real=$(readlink -f "$1")
  fi
  case $real in
    *'
'*) fail target-refused "$1 leads to a name that holds a line break" ;;
  esac
  case $real in
    /etc/ssh/* | */.ssh/* | /etc/sudoers | /etc/sudoers.d/* | /etc/pam.d/* | /etc/security/* | /etc/passwd | /etc/shadow | \
      /etc/group | /etc/gshadow | /etc/nsswitch.conf | /etc/hosts.allow | /etc/hosts.deny)
      fail target-refused "$1 decides who may log in to this host; lfce does not change its own way in"
      ;;
  esac
  [ ! -d "$real" ] || fail target-refused "$1 is a directory"
  if [ -e "$real" ] && [ ! -f "$real" ]; then fail target-refused "$1 is a device, a pipe or a socket"; fi
  if [ -f "$real" ] && [ "$(stat -c %h "$real")" != 1 ]; then
    fail target-refused "$1 has several hard links; which of them lfce should leave behind is not its to decide"
  fi
}

# copy_whole FROM TO: content, mode, owner, times, and labels, ACLs and attributes where cp knows them.
copy_whole() {
  cp --preserve=all "$1" "$2" 2>/dev/null || cp -p "$1" "$2"
}

# keep_original NUMBER: a second name for the inode, so that it can come back as it was, times and all.
keep_original() {
  kept=''
  method='link'
  ln "$real" "$transaction/before/$1" 2>/dev/null && return 0
  words=$(copy_whole "$real" "$transaction/before/$1" 2>&1) ||
    fail_because backup-failed "cannot back up $real" "$words"
  method=copy
  kept=$place/.lfce-before-$id-$1~
  remember leftovers "$kept"
  # lfce's directory is on another file system.
  if ln "$real" "$kept" 2>/dev/null; then method=beside; fi
}

# stage_file NUMBER ACTION BEFORE AFTER MODE OWNER GROUP PATH
stage_file() {
  path=$8
  resolve "$path"
  is_as "$real" "$3" || fail changed-meanwhile "$path is not what the plan was made from; nothing was changed"
  [ "$2" = write ] || [ ! -L "$path" ] || fail target-refused "$path is a symbolic link; lfce does not remove it"
  place=${real%/*}
  [ -d "${place:-/}" ] || fail target-refused "the directory $place does not exist"
  method=none
  kept=''
  original=-
  # No include pattern of a daemon takes it for a file of its own: hidden, and logrotate leaves out names in ~.
  stage=$place/.lfce-stage-$id-$1~
  staged=-
  [ "$2" = remove ] || remember leftovers "$stage"
  if [ "$3" != absent ]; then
    original=$(identity "$real")
    keep_original "$1"
  fi
  if [ "$2" = write ]; then
    write_stage "$@"
    staged=$(identity "$stage")
  fi
  remember "facts/$1" "$method"
  remember "facts/$1" "$real"
  remember "facts/$1" "$stage"
  remember "facts/$1" "$kept"
  remember "facts/$1" "$original"
  remember "facts/$1" "$staged"
}

# write_stage NUMBER ACTION BEFORE AFTER MODE OWNER GROUP PATH
write_stage() {
  words=$({
    if [ "$3" = absent ]; then
      : >"$stage" && chown "$6:$7" "$stage" && chmod "$5" "$stage"
    else
      copy_whole "$real" "$stage"
    fi && cat "$transaction/after/$1" >"$stage"
  } 2>&1) || fail_because stage-failed "cannot stage $8" "$words"
  [ "$(checksum "$stage")" = "$4" ] || fail bad-input "the new content of $8 did not arrive whole"
  words=$(flush "$stage" 2>&1) || fail_because stage-failed "cannot stage $8" "$words"
}

stage_files() {
  while IFS=' ' read -r number action before after mode owner group path; do
    stage_file "$number" "$action" "$before" "$after" "$mode" "$owner" "$group" "$path"
    step "staged-$number"
  done <"$transaction/files"
}

# flush PATH...: to the disk. A sync that takes no names (coreutils before 8.24) writes everything instead; one that
# refuses them is asked again without.
flush() {
  flush_words=$(sync "$@" 2>&1) && return 0
  case $flush_words in
    *[Uu]sage* | *'extra operand'* | *'unrecognized'* | *'invalid option'*) sync ;;
    *)
      printf '%s\n' "$flush_words" >&2
      return 1
      ;;
  esac
}

# flush_facts: all that a put-back needs, after a power cut as well.
flush_facts() {
  set -- "$transaction"
  for fact in "$transaction"/* "$transaction"/before/* "$transaction"/facts/*; do
    [ -p "$fact" ] || [ ! -e "$fact" ] || set -- "$@" "$fact"
  done
  flush "$@"
}

# read_facts TRANSACTION NUMBER
read_facts() {
  method=none real='' stage='' kept='' original=- staged=-
  [ -f "$1/facts/$2" ] || return 1
  {
    IFS= read -r method && IFS= read -r real && IFS= read -r stage &&
      IFS= read -r kept && IFS= read -r original && IFS= read -r staged
  } <"$1/facts/$2"
}

# source_of TRANSACTION NUMBER: where the original is kept.
source_of() {
  if [ "$method" = beside ]; then echo "$kept"; else echo "$1/before/$2"; fi
}

# swap_file NUMBER ACTION BEFORE AFTER: an editor may have saved since the comparison. What was saved into the
# same file is found in the kept original after the rename; what was saved by a rename is found just before it.
swap_file() {
  read_facts "$transaction" "$1" || fail swap-failed "the facts about file $1 are gone"
  is_as "$real" "$3" || fail changed-meanwhile "$real was changed while lfce worked on it"
  if [ "$2" = remove ]; then
    words=$(rm -f "$real" 2>&1) || fail_because swap-failed "cannot remove $real" "$words"
  elif [ "$3" = absent ]; then
    # A link never overwrites what somebody else may have created just now.
    if ! ln "$stage" "$real" 2>/dev/null; then
      is_as "$real" absent || fail changed-meanwhile "$real was created while lfce worked on it"
      words=$(mv "$stage" "$real" 2>&1) || fail_because swap-failed "cannot create $real" "$words"
    fi
    rm -f "$stage"
    relabel "$real"
  else
    words=$(mv -f "$stage" "$real" 2>&1) || fail_because swap-failed "cannot replace $real" "$words"
  fi
  flush "${real%/*}/"
  [ "$3" = absent ] || is_as "$(source_of "$transaction" "$1")" "$3" ||
    fail changed-meanwhile "$real was changed while lfce worked on it"
}

swap_files() {
  while IFS=' ' read -r number action before after rest; do
    swap_file "$number" "$action" "$before" "$after"
    step "swapped-$number"
    : "$rest"
  done <"$transaction/files"
}
