# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared between the parts of apply.sh
# How apply.sh speaks and how it ends. stdout carries nothing but lines `lfce KEYWORD ...` (parsed by
# transaction-frames.ts), and the last one always says what became of the change:
#   lfce committed | lfce rolled-back yes|no REASON | lfce untouched | lfce kept REASON
# Everything the script knows arrived on stdin; no value of it is ever evaluated.
set -u
umask 077
LC_ALL=C
export LC_ALL
# Appended, so that a test can put stand-ins for the daemons first.
PATH="$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
export PATH

state=             # lfce's directory on the host
transaction=       # this transaction's directory below it
progress=outside   # outside -> prepared -> open -> decided
keep_failed=no
outcome=           # a file that keeps what is said while a change is put back

say() {
  printf 'lfce %s\n' "$*" 2>/dev/null
  [ -z "$outcome" ] || printf '%s\n' "$*" >>"$outcome"
} 2>/dev/null

# step NAME: the boundaries between which a test lets the script fail. Here they mean nothing.
step() {
  :
}

phase() {
  say "phase $1"
}

# details WORDS: a program's own words, bounded, line by line.
details() {
  [ -n "$1" ] || return 0
  printf '%s\n' "$1" | tail -n 40 | cut -c 1-1000 | while IFS= read -r detail; do
    say "detail $detail"
  done
}

# fail CODE TEXT [WORDS]: reports, leaves the host as it was, and ends the script.
fail() {
  say "error $1 $2"
  details "${3-}"
  give_up "$2" "$1"
}

# fail_because CODE TEXT WORDS: as fail, but a full or read-only file system has a code of its own. Not every
# shell says why its own printf failed, hence the second look.
fail_because() {
  because=$3
  case $because in
    *'No space left on device'* | *'Disk quota exceeded'* | *'Read-only file system'*) ;;
    *)
      because="$because$({ printf '%4096s' '' | cat >"$state/probe.$$"; } 2>&1)"
      rm -f "$state/probe.$$" 2>/dev/null
      ;;
  esac
  case $because in
    *'No space left on device'* | *'Disk quota exceeded'*) fail disk-full "$2: the file system is full" "$3" ;;
    *'Read-only file system'* | *'ead-only'*) fail read-only "$2: the file system is read-only" "$3" ;;
    *) fail "$1" "$2" "$3" ;;
  esac
}

# give_up REASON [CODE]: --keep-failed leaves what is in place and unhealthy; whatever else goes wrong, a half-made
# change and a verdict among it, is put back all the same.
give_up() {
  trap '' TERM INT
  case $progress in
    open)
      if [ "$keep_failed" = yes ] && [ "${2-}" = unhealthy ]; then keep "$1"; else roll_back "$1"; fi
      ;;
    prepared)
      forget "$transaction" || say "notice stage files could not be removed; the next run does it"
      finished untouched
      ;;
    outside) finished untouched ;;
  esac
  exit 1
}

# finished WORDS: the last line. Nothing after it may touch the host.
finished() {
  progress=decided
  unlock
  say "$*"
}

# Whatever ends the shell before a verdict (a signal, a fault of this script) ends the change as well.
on_exit() {
  status=$?
  [ "$progress" = decided ] && return
  decided_by=process
  say "error interrupted the script on the host ended early (status $status)"
  give_up "the script on the host ended early"
}

trap '' HUP PIPE
trap 'exit 143' TERM
trap 'exit 130' INT
trap on_exit EXIT
