# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared between the parts of apply.sh
# The files of a transaction: backed up, staged beside their targets. What a put-back needs to know about file N is
# written to facts/N before anything is swapped:
#   line 1  how the original is kept: link (before/N is its inode), beside (line 4 is), copy, or none
#   line 2  the real path       line 3  the stage file
#   line 4  the original's second name beside it (method beside)
#   line 5  device:inode of the original     line 6  device:inode of the stage file

newline='
'

# take_checksum PATH: sets file_sum; checksum PATH prints it.
take_checksum() {
  file_sum=$(sha256sum 2>/dev/null <"$1")
  file_sum=${file_sum%% *}
} 2>/dev/null

checksum() {
  take_checksum "$1"
  printf '%s\n' "$file_sum"
}

# new_list: of files that are compared by one process. listed CHECKSUM PATH: one more of them. all_as_listed: whether they
# are as the list says; an empty one says nothing.
new_list() {
  { printf '' >"$transaction/found/all"; } 2>/dev/null || fail_because backup-failed "cannot write below $state" ""
}

listed() {
  remember found/all "$1  $2"
}

all_as_listed() {
  [ ! -s "$transaction/found/all" ] || sha256sum -c "$transaction/found/all" >/dev/null 2>&1
}

# identity PATH...: device:inode of each, a line each.
identity() {
  stat -c %d:%i "$@" 2>/dev/null
}

# is_as PATH CHECKSUM|absent
is_as() {
  if [ "$2" = absent ]; then
    [ ! -e "$1" ] && [ ! -L "$1" ]
  else
    [ -f "$1" ] && take_checksum "$1" && [ "$file_sum" = "$2" ]
  fi
}

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
}

# look_at_originals: all of them by one process; sets originals: LINKS DEVICE:INODE PATH, a line for each that is there.
# Two that are one file are refused here, before the second name that lfce keeps makes their links more.
look_at_originals() {
  set --
  while IFS=' ' read -r number action before after mode owner group path; do
    resolve "$path"
    [ ! -f "$real" ] || set -- "$@" "$real"
  done <"$transaction/files"
  originals=
  [ "$#" = 0 ] || originals=$(stat -c '%h %d:%i %n' "$@" 2>/dev/null)
  [ "$#" -gt 1 ] || return 0
  seen=' '
  while IFS=' ' read -r links original real; do
    case $seen in
      *" $original "*) fail target-refused "two paths of this change lead to $real; lfce changes a file by one name" ;;
    esac
    seen="$seen$original "
  done <<ORIGINALS
$originals
ORIGINALS
  : "$links"
}

# take_original: sets original (device:inode, or -) of real, from the next line of originals.
take_original() {
  original=-
  [ -f "$real" ] || return 0
  links=${originals%%"$newline"*}
  originals=${originals#*"$newline"}
  case $links in
    [0-9]*" $real") ;;
    *) changed_before ;;
  esac
  original=${links#* }
  original=${original%% *}
  [ "${links%% *}" = 1 ] ||
    fail target-refused "$path has several hard links; which of them lfce should leave behind is not its to decide"
}

changed_before() {
  fail changed-meanwhile "$path is not what the plan was made from; nothing was changed"
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
  take_original
  # Its content is compared in finish_stages, once it has its second name.
  if [ "$3" = absent ]; then is_as "$real" absent; else [ -f "$real" ]; fi || changed_before
  [ "$2" = write ] || [ ! -L "$path" ] || fail target-refused "$path is a symbolic link; lfce does not remove it"
  place=${real%/*}
  [ -d "${place:-/}" ] || fail target-refused "the directory $place does not exist"
  method=none
  kept=''
  # No include pattern of a daemon takes it for a file of its own: hidden, and logrotate leaves out names in ~.
  stage=$place/.lfce-stage-$id-$1~
  [ "$2" = remove ] || remember leftovers "$stage"
  [ "$3" = absent ] || keep_original "$1"
  [ "$2" = remove ] || write_stage "$@"
  remember "facts/$1" "$method$newline$real$newline$stage$newline$kept$newline$original"
}

# write_stage NUMBER ACTION BEFORE AFTER MODE OWNER GROUP PATH
write_stage() {
  words=$({
    if [ "$3" = absent ]; then
      create "$transaction/after/$1" "$5" "$6" "$7"
    else
      copy_whole "$real" "$stage" && cat "$transaction/after/$1" >"$stage"
    fi
  } 2>&1) || fail_because stage-failed "cannot stage $8" "$words"
}

# create CONTENT MODE OWNER GROUP: the stage file of a file that is new. Small systems lack install(1), which does it
# in one process.
create() {
  install -m "$2" -o "$3" -g "$4" "$1" "$stage" 2>/dev/null ||
    { cat "$1" >"$stage" && chown "$3:$4" "$stage" && chmod "$2" "$stage"; }
}

# stage_files: what can be done for all of them at once is: a new client of a log server is a file there.
stage_files() {
  look_at_originals
  while IFS=' ' read -r number action before after mode owner group path; do
    stage_file "$number" "$action" "$before" "$after" "$mode" "$owner" "$group" "$path"
    step "staged-$number"
  done <"$transaction/files"
  finish_stages
}

# finish_stages: the originals that were kept and the new content compared, that on the disk; the last line of each
# file's facts.
finish_stages() {
  new_list
  set --
  while IFS=' ' read -r number action before after rest; do
    read_facts "$transaction" "$number"
    [ "$before" = absent ] || listed "$before" "$(source_of "$transaction" "$number")"
    [ "$action" = write ] || continue
    set -- "$@" "$stage"
    listed "$after" "$stage"
  done <"$transaction/files"
  all_as_listed || check_stages
  # With what names them: after a power cut somebody has to know whose they are.
  words=$(flush "$@" "$transaction" "$transaction/leftovers" 2>&1) ||
    fail_because stage-failed "cannot stage the new files" "$words"
  identities=
  [ "$#" = 0 ] || identities=$(identity "$@")
  while IFS=' ' read -r number action rest; do
    staged=-
    if [ "$action" = write ]; then
      staged=${identities%%"$newline"*}
      identities=${identities#*"$newline"}
    fi
    remember "facts/$number" "$staged"
  done <"$transaction/files"
  : "$rest"
}

check_stages() {
  while IFS=' ' read -r number action before after mode owner group path; do
    read_facts "$transaction" "$number"
    [ "$before" = absent ] || is_as "$(source_of "$transaction" "$number")" "$before" || changed_before
    [ "$action" != write ] || is_as "$stage" "$after" || fail bad-input "the new content of $path did not arrive whole"
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

# flush_facts PATH: that, and all that a put-back needs, after a power cut as well.
flush_facts() {
  set -- "$1" "$transaction"
  for fact in "$transaction"/* "$transaction"/before/* "$transaction"/facts/*; do
    [ -p "$fact" ] || [ ! -e "$fact" ] || set -- "$@" "$fact"
  done
  flush "$@"
}

# read_facts TRANSACTION NUMBER: fails where they are not complete, with those that are there.
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
  if [ "$method" = beside ]; then printf '%s\n' "$kept"; else echo "$1/before/$2"; fi
}
