# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared between the parts of apply.sh
# The transaction as it arrives on stdin (written by transaction-encode.ts): lines `KEYWORD VALUES`, a path
# always last on its line, file contents as lines `=TEXT` ended by a dot, `go` at the end. Lines, because the
# read of every POSIX shell takes single bytes from a pipe, while head and dd may take more than they should.

# read_preamble: what is needed before the lock can be taken; ends with the line `lock`.
read_preamble() {
  IFS= read -r line
  [ "$line" = "lfce-transaction 1" ] ||
    fail bad-input "the transaction does not begin as this script expects"
  id='' who='' playbook='' lease='' boot_units='' made_by='' rooms=''
  while IFS= read -r line; do
    case $line in
      'state '/*) state=${line#state } ;;
      'id '*) id=${line#id } ;;
      'who '*) who=${line#who } ;;
      'playbook '*) playbook=${line#playbook } ;;
      'lease '*) lease=${line#lease } ;;
      'boot-units '/*) boot_units=${line#boot-units } ;;
      'made-by command '* | 'made-by run '* | 'made-by version '* | 'made-by undoes '*)
        made_by="$made_by${line#made-by }
"
        ;;
      'tree-room '*)
        case /${line#tree-room }/ in */../* | */./* | *//*) fail bad-input "not a name below the staging directory" ;; esac
        rooms="$rooms${line#tree-room }$newline"
        ;;
      'keep-failed') keep_failed=yes ;;
      lock) break ;;
      *) fail bad-input "unknown line before the lock" ;;
    esac
  done
  case $id in '' | *[!A-Za-z0-9-]* | -*) fail bad-input "the transaction's identifier is not usable" ;; esac
  case $lease in '' | *[!0-9]*) fail bad-input "the lease is not a number of seconds" ;; esac
  # Both stand in a unit file, where other characters would mean something.
  for place in "$state" "$boot_units"; do
    case $place in '' | *[!A-Za-z0-9/._-]*) fail bad-input "no usable directory was named" ;; esac
  done
}

# read_blob FILE: the content that follows, written by the shell itself: a process for each file of a log server with
# many clients would take longer than all else. It is data to printf's %b, which only undoes its own escapes.
read_blob() {
  blob=incomplete
  # Not with `:`, a special builtin: where its redirection fails the whole shell ends.
  { printf '' >"$1"; } 2>/dev/null || blob=unwritten
  while IFS= read -r line; do
    case $line in
      .)
        [ "$blob" = unwritten ] || blob=complete
        break
        ;;
      =*) [ "$blob" = unwritten ] || printf %b "${line#=}" 2>/dev/null >>"$1" || blob=unwritten ;;
      *) fail bad-input "unknown line in a file's content" ;;
    esac
  done
  case $blob in
    complete) ;;
    unwritten) fail_because bad-input "cannot store the new content below $state" "" ;;
    *) fail connection-lost "the transaction arrived incomplete" ;;
  esac
}

# remember LIST LINE
remember() {
  { printf '%s\n' "$2" >>"$transaction/$1"; } 2>/dev/null || fail_because backup-failed "cannot write below $state" ""
}

# prepare: this transaction's own directory, with all that the phases read and write below it, made by one process.
prepare() {
  transaction=$state/transactions/$id
  [ ! -e "$transaction" ] || fail bad-input "a transaction $id exists already"
  serial=$(($(last_serial) + 1))
  progress=prepared
  set --
  while IFS= read -r room; do
    [ -z "$room" ] || set -- "$@" "$transaction/trees/$room"
  done <<ROOMS
$rooms
ROOMS
  words=$({
    mkdir -p "$transaction/after" "$transaction/before" "$transaction/facts" "$transaction/displaced" \
      "$transaction/trees" "$transaction/units" "$transaction/found" "$transaction/restarts" "$@" &&
      for list in expect matches directory files unit health loaded leftovers scratch created touched units-due; do
        : >"$transaction/$list" || exit 1
      done
  } 2>&1) || fail_because backup-failed "cannot write below $state" "$words"
  remember meta "id $id"
  remember meta "playbook $playbook"
  remember meta "made-at $since"
  remember meta "who $who"
  [ -z "$made_by" ] || remember meta "${made_by%?}"
  remember meta "boot-units $boot_units"
  remember meta "serial $serial"
  remember meta "boot-id $(boot_id)"
}

# last_serial: the highest number of a transaction so far. Clocks are set, by lfce among others; numbers grow.
last_serial() {
  set -- "$state"/transactions/*/meta
  [ -f "$1" ] || {
    echo 0
    return
  }
  sed -n 's/^serial \([1-9][0-9]*\)$/\1/p' "$@" 2>/dev/null | {
    highest=0
    while IFS= read -r one; do
      [ "$one" -le "$highest" ] || highest=$one
    done
    echo "$highest"
  }
}

# read_transaction: everything else, into files below the transaction's directory.
read_transaction() {
  number=0
  tree=0
  while IFS= read -r line; do
    value=${line#* }
    case $line in
      'expect '* | 'matches '* | 'directory '* | 'unit '* | 'health '* | 'loaded '*) remember "${line%% *}" "$value" ;;
      'remove '* | 'write '*)
        number=$((number + 1))
        remember files "$number $line"
        case $line in 'write '*) read_blob "$transaction/after/$number" ;; esac
        ;;
      'tree '*)
        tree=$((tree + 1))
        remember "trees/$tree/service" "$value"
        ;;
      'tree-main '* | 'tree-directory '* | 'tree-staged-main '*)
        remember "trees/$tree/${line%% *}" "$value"
        ;;
      'tree-file '*)
        # Names were checked on the controller, and are once more: nothing may climb out.
        case /$value/ in */../* | */./* | *//*) fail bad-input "not a name below the staging directory: $value" ;; esac
        read_blob "$transaction/trees/$tree/files/$value"
        ;;
      recovery) read_blob "$transaction/recover" ;;
      go) return 0 ;;
      *) fail bad-input "unknown line: ${line%% *}" ;;
    esac
  done
  fail connection-lost "the transaction arrived incomplete"
}
