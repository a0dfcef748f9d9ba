# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared between the parts of apply.sh
# The way back. It needs nothing but the transaction's directory, so that another process (the next run) can
# go it for one that died, and it can be interrupted and gone again. Commit and put-back are decided by one
# atomic rename of the record `open`: to transactions/ID/committed or to `rolling-back`; whoever comes second
# finds no record and does nothing.

# open_record: from here on, an interrupted transaction is put back.
open_record() {
  words=$({
    { in_shell <"$transaction/meta" && describe_holder; } >"$state/open.new" &&
      flush_facts "$state/open.new" && mv -f "$state/open.new" "$state/open" && flush "$state"
  } 2>&1) || fail_because backup-failed "cannot write the transaction's record below $state" "$words"
  progress=open
}

# in_shell: a few lines from stdin to stdout, without a process.
in_shell() {
  while IFS= read -r line; do
    printf '%s\n' "$line" || return 1
  done
}

# discard TRANSACTION: what lfce made beside its targets, and directories that it made and nothing uses.
discard() {
  while IFS= read -r left; do
    if [ -e "$left" ] || [ -L "$left" ]; then rm -f "$left"; fi
  done <"$1/leftovers"
  while IFS= read -r left; do
    case $left in */*lfce*) [ ! -e "$left" ] || rm -rf "$left" ;; esac
  done <"$1/scratch"
  [ "${2-}" = keep-directories ] || sort -r "$1/created" | while IFS= read -r left; do
    rmdir "$left" 2>/dev/null
  done
} 2>/dev/null

# is_tidy TRANSACTION: nothing of it lies beside its targets any more.
is_tidy() {
  while IFS= read -r left; do
    [ ! -e "$left" ] || return 1
  done <"$1/leftovers"
} 2>/dev/null

# leave TRANSACTION: after its verdict. As long as something lies about that could not be removed (a file system is
# read-only), it stays armed: the timer and the next boot try again.
leave() {
  if is_tidy "$1"; then disarm "$1"; fi
}

# forget TRANSACTION: one that never came to its first rename. What could not be removed is removed by whoever comes
# next, who finds it in its lists.
forget() {
  discard "$1"
  is_tidy "$1" || return 1
  disarm "$1"
  rm -rf "$1"
}

# restore_file TRANSACTION NUMBER BEFORE AFTER PATH
restore_file() {
  read_facts "$1" "$2" || { could_not "what is known about $5 is incomplete" && return; }
  if [ "$3" = absent ]; then
    remove_created "$@"
    return
  fi
  now=$(identity "$real")
  source=$(source_of "$1" "$2")
  # By both: a disk may have another number after a boot, and a second pass finds no source any more.
  # shellcheck disable=SC3013 # dash, bash and busybox know -ef
  if { [ "$now" = "$original" ] || [ "$real" -ef "$source" ]; } && [ "$method" != copy ]; then
    # It was never swapped. Its second name goes: the next run refuses files with several hard links.
    [ "$method" != link ] || rm -f "$source"
    return 0
  fi
  if [ "$method" = copy ] && [ "$now" = "$original" ] && is_as "$real" "$3"; then return 0; fi
  if [ ! -e "$source" ]; then
    is_as "$real" "$3" || could_not "the backup of $5 is gone"
    return
  fi
  displace "$@" || return 0
  if [ "$method" = copy ]; then
    copy_whole "$source" "$stage" 2>/dev/null || { could_not "cannot put back $5: no room beside it" && return; }
    source=$stage
  fi
  words=$(mv -f "$source" "$real" 2>&1) || { could_not "cannot put back $5: $words" && return; }
  flush "$real" "${real%/*}/" 2>/dev/null
  restored_any=yes
  say "restored $5"
}

# remove_created TRANSACTION NUMBER BEFORE AFTER PATH: only what is ours; a stranger's new file stays.
remove_created() {
  [ -e "$real" ] || return 0
  if [ "$(identity "$real")" != "$staged" ] && ! is_as "$real" "$4"; then
    [ ! -e "$stage" ] || return 0
    say "notice $5 is not what lfce wrote; it was left there"
    return
  fi
  displace "$@" || return 0
  words=$(rm -f "$real" 2>&1) || { could_not "cannot remove $5: $words" && return; }
  flush "${real%/*}/" 2>/dev/null
  restored_any=yes
  say "restored $5"
}

# displace TRANSACTION NUMBER BEFORE AFTER PATH: what somebody wrote over our version is not thrown away. A second
# name needs no room; where lfce's directory is on another file system and that is full, it stays beside.
displace() {
  [ -e "$real" ] || return 0
  is_as "$real" "$4" && return 0
  aside=$1/displaced/$2
  if ! ln -f "$real" "$aside" 2>/dev/null && ! copy_whole "$real" "$aside" 2>/dev/null; then
    rm -f "$aside" 2>/dev/null
    aside=${real%/*}/.lfce-displaced-${1##*/}-$2~
    ln -f "$real" "$aside" 2>/dev/null || { could_not "no room to keep aside what somebody wrote to $5" && return 1; }
  fi
  say "notice $5 was changed after lfce wrote it; that version is kept as $aside"
}

could_not() {
  unrestored=yes
  say "broken $1"
}

# put_back TRANSACTION: files, then units. Sets unrestored (a file could not be put back) and unhealthy (a
# unit did not come back).
put_back() {
  unrestored=no
  unhealthy=no
  restored_any=no
  outcome=$1/outcome
  while IFS=' ' read -r number action before after mode owner group path; do
    restore_file "$1" "$number" "$before" "$after" "$path"
    step "put-back-$number"
    : "$action $mode $owner $group"
  done <"$1/files"
  # Gone again and again while a disk is full, the way must not restart the daemons each time.
  if [ "$restored_any" = yes ] || [ -f "$1/units-due" ]; then
    restore_units "$1"
    rm -f "$1/units-due"
  fi
  step units-put-back
  outcome=
  if [ "$unrestored" = yes ]; then return 1; fi
  discard "$1"
}

# conclude TRANSACTION REASON: after put_back the record's last rename; until then the next run would go the same
# way again. What follows is kept for the run that reports it.
conclude() {
  came_back=yes
  if [ "$unhealthy" = yes ]; then came_back=no; fi
  # At boot they start afterwards: whether they come up is for the next run to see.
  if [ "${booting-}" = yes ]; then came_back=unknown; fi
  {
    printf 'rolled-back-because %s\nrolled-back-by %s\nrolled-back-at %s\nservices-came-back %s\n' \
      "$2" "$decided_by" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$came_back" >>"$1/meta"
  } 2>/dev/null
  mv -f "$state/rolling-back" "$1/rolled-back"
  flush "$state" "$1" 2>/dev/null
  step concluded
  leave "$1"
}

# roll_back REASON: the verdict for this transaction, and the last line.
roll_back() {
  trap '' TERM INT
  phase put-back
  if ! mv -f "$state/open" "$state/rolling-back" 2>/dev/null; then
    finished "rolled-back no $1 (something else had decided about this transaction before)"
    return
  fi
  step rollback-decided
  lease_for "$((2 * step_seconds))"
  if put_back "$transaction"; then
    conclude "$transaction" "$1"
  else
    # Its record stays open, and armed: the timer goes on trying when this process is gone.
    say "notice the host itself tries again every $look_period seconds"
  fi
  prune
  if [ "$unrestored" = no ] && [ "$unhealthy" = no ]; then
    finished "rolled-back yes $1"
  else
    finished "rolled-back no $1"
  fi
}

# keep REASON: --keep-failed leaves files and units as they are.
keep() {
  mv -f "$state/open" "$transaction/kept"
  discard "$transaction" keep-directories
  leave "$transaction"
  finished "kept $1"
}

# recover: what a run that died left behind. The lock is ours, so nobody is at work on it.
recover() {
  sweep_lock_files
  [ ! -e "$state/open.new" ] || rm -f "$state/open.new"
  if [ -f "$state/open" ]; then mv -f "$state/open" "$state/rolling-back"; fi
  if [ -f "$state/rolling-back" ]; then
    interrupted=$(value_of id "$state/rolling-back")
    say "recovering $interrupted"
    if [ -d "$state/transactions/$interrupted" ] && [ -n "$interrupted" ]; then
      decided_by=run
      put_back "$state/transactions/$interrupted" && conclude "$state/transactions/$interrupted" "its run was cut off"
      decided_by=check
    else
      fail recovery-failed "the record of an interrupted change names no backup: see $state/rolling-back"
    fi
    [ "$unrestored" = no ] ||
      fail recovery-failed "an interrupted change could not be put back: see $state/transactions/$interrupted"
    if [ "$unhealthy" = yes ]; then say "recovered no $interrupted"; else say "recovered yes $interrupted"; fi
  fi
  # Directories without a verdict: their run died before it changed anything.
  for left_over in "$state"/transactions/*/; do
    left_over=${left_over%/}
    [ -d "$left_over" ] || continue
    if [ -f "$left_over/committed" ] || [ -f "$left_over/rolled-back" ] || [ -f "$left_over/kept" ]; then
      # Perhaps its run died between its verdict and its tidying up.
      discard "$left_over" keep-directories
      leave "$left_over"
    else
      forget "$left_over"
    fi
  done
}

# prune: the last ten of each verdict stay, by their numbers: the clock may just have been set.
prune() {
  for verdict in committed rolled-back kept; do
    set -- "$state"/transactions/*/"$verdict"
    [ "$#" -gt 10 ] || continue
    for settled in "$state"/transactions/*/"$verdict"; do
      [ -f "$settled" ] || continue
      # Identifiers are [A-Za-z0-9-] only.
      settled=${settled%/*}
      printf '%s %s\n' "$(value_of serial "$settled/meta")" "${settled##*/}"
    done | sort -rn | tail -n +11 | while IFS=' ' read -r serial old; do
      [ -z "$old" ] || [ "$old" = "$id" ] || rm -rf "${state:?}/transactions/$old"
      : "$serial"
    done
  done
}
