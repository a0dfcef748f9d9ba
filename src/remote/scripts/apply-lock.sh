# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared between the parts of apply.sh
# One lfce at a time on a host. The lock is a file that names its holder by boot, process and start of the
# process: a number alone may meanwhile belong to another process, or to another boot.

locked=no

since=           # when this process began to take the lock
holder_lines=

describe_holder() {
  printf '%s\n' "$holder_lines"
}

# take_lock: 0 taken, 1 held (holder says by whom), 2 not possible. A stale lock has a successor: a link whose name
# is made from the stale lock's content, so that of all who find it stale exactly one becomes it, however many
# they are; a successor that died has one in turn. Whoever is the last of that row, and finds that it still begins
# with the same lock, holds it: its own description then takes the lock's place.
take_lock() {
  since=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  holder_lines=$(printf 'boot-id %s\npid %s\nstarted %s\nsince %s\nwho %s' \
    "$(boot_id)" "$$" "$(process_start "$$")" "$since" "$who")
  describe_holder 2>/dev/null >"$state/lock.$$" || {
    rm -f "$state/lock.$$"
    return 2
  }
  for attempt in 1 2 3 4 5; do
    : "$attempt"
    try_lock
    tried=$?
    [ "$tried" = 3 ] || break
  done
  rm -f "$state/lock.$$" "$state/lock.$$.seen"
  [ "$tried" != 3 ] || return 2
  return "$tried"
}

# try_lock: as take_lock, and 3 when somebody else was quicker.
try_lock() {
  # A hard link appears with its content, or fails when the name is there: no half-made lock exists.
  if ln "$state/lock.$$" "$state/lock" 2>/dev/null; then
    locked=yes
    return 0
  fi
  [ -f "$state/lock" ] || return 3
  first=''
  link=$state/lock
  while cat "$link" >"$state/lock.$$.seen" 2>/dev/null; do
    if alive "$state/lock.$$.seen"; then
      holder="$(value_of who "$state/lock.$$.seen"), process $(value_of pid "$state/lock.$$.seen")"
      holder="$holder, since $(value_of since "$state/lock.$$.seen")"
      return 1
    fi
    key=$(checksum "$state/lock.$$.seen")
    [ -n "$key" ] || return 3
    : "${first:=$key}"
    link=$state/lock.after-$key
  done
  if [ -z "$first" ] || ! ln "$state/lock.$$" "$link" 2>/dev/null; then return 3; fi
  # The row may have been dissolved by its last holder since it was read.
  if [ "$(checksum "$state/lock")" != "$first" ]; then
    rm -f "$link"
    return 3
  fi
  mv -f "$state/lock.$$" "$state/lock" || return 2
  rm -f "$state"/lock.after-*
  locked=yes
}

unlock() {
  [ "$locked" = yes ] || return 0
  [ "$(value_of pid "$state/lock")" = "$$" ] && rm -f "$state/lock"
  locked=no
}

# Temporary names of holders that died while they took the lock.
sweep_lock_files() {
  for left in "$state"/lock.*; do
    [ -f "$left" ] && ! alive "$left" && rm -f "$left"
  done
}
