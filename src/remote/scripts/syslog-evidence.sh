# shellcheck shell=sh
# After frames.sh, network.sh, journal.sh and dated-path.sh. Tells everything about a host's logging that a diagnosis could
# need. Changes nothing; the one connection it makes to each target is closed at once.
# stdin: lines `unit NAME`, `target tcp|udp PORT ADDRESS`, `name NAME`, `spool DIRECTORY`, `search DIRECTORY`,
# `nonce NONCE`, `file PATH` (with %Y, %m and %d), `configuration PATH`, `recent SECONDS`, `tail PATH`.
unit=rsyslog
names=
nonces=
newline='
'
targets=
files=
searched=
configurations=
recent=
tails=
spool=
while read -r key value; do
  case $key in
    unit) unit=$value ;;
    target) targets="$targets$value$newline" ;;
    name) names="$names $value" ;;
    spool) spool=$value ;;
    search) searched="$searched$value$newline" ;;
    nonce) case $value in '' | -* | *[!A-Za-z0-9-]*) ;; *) nonces="$nonces$value$newline" ;; esac ;;
    file) files="$files$value$newline" ;;
    configuration) configurations="$configurations$value$newline" ;;
    recent) case $value in '' | *[!0-9]*) ;; *) recent=$value ;; esac ;;
    tail) tails="$tails$value$newline" ;;
  esac
done

# outcome TEXT: what a failed connection attempt said, in one word.
outcome() {
  case $1 in
    *refused*) echo refused ;;
    *'not known'* | *'ame resolution'* | *'No address'* | *resolve* | *'bad address'*) echo unresolved ;;
    *'o route'* | *unreachable*) echo unreachable ;;
    *'timed out'* | *TIMEOUT*) echo timeout ;;
    *) echo unknown ;;
  esac
}

# connect ADDRESS PORT: one short TCP connection with whatever this host has for it.
connect() {
  if command -v timeout >/dev/null 2>&1 && command -v bash >/dev/null 2>&1; then
    # shellcheck disable=SC2016 # expanded by that bash
    said=$(timeout 3 bash -c 'exec 3<>"/dev/tcp/$1/$2"' connect "$1" "$2" 2>&1 </dev/null)
    code=$?
  elif command -v nc >/dev/null 2>&1; then
    said=$(nc -v -z -w 3 "$1" "$2" 2>&1 </dev/null)
    code=$?
  else
    echo unknown
    return
  fi
  case $code in
    0) echo open ;;
    124 | 143) echo timeout ;;
    *) outcome "$said" ;;
  esac
}

unit_state "$unit"
unit_journal "$unit" rsyslogd
[ -z "$recent" ] || unit_recent "$unit" "$recent"
listeners
firewalls
for name in $names; do resolved "$name"; done

while read -r protocol port address; do
  case $port in '' | *[!0-9]*) continue ;; esac
  [ "$protocol" = tcp ] || continue
  if command -v ss >/dev/null 2>&1; then
    block connections "$(ss -tan "dport = :$port" 2>/dev/null | head -n 200)"
  fi
  field reachable "$(connect "$address" "$port") $port $address"
done <<TARGETS
$targets
TARGETS

if [ -n "$spool" ] && [ -d "$spool" ]; then
  block queue-files "$(cd "$spool" && stat -c '%s %n' -- * 2>/dev/null | head -n 200)"
fi

while IFS= read -r path; do
  [ -f "$path" ] || continue
  block tail "$path$newline$(tail -c 65536 -- "$path" 2>/dev/null | tr -d '\000')"
done <<TAILS
$tails
TAILS

today=$(date '+%Y %m %d')
filled=
while IFS= read -r path; do
  [ -n "$path" ] || continue
  fill "$path" "$today"
  field file "$(stat -L -c '%s %Y %U %a' -- "$filled" 2>/dev/null || echo '- - - -') $filled"
done <<FILES
$files
FILES

# Where else a message may have gone: files below the searched directories that were written lately.
candidates() {
  while IFS= read -r directory; do
    [ -d "$directory" ] || continue
    find "$directory" -xdev -maxdepth 6 -type f -mmin -20 2>/dev/null | head -n 400
  done <<SEARCHED
$searched
SEARCHED
}

# mention_in TEXT FILE
mention_in() {
  [ -f "$2" ] || return 0
  grep -n -F -e "$1" -- "$2" 2>/dev/null | grep -v '^[0-9]*:[[:space:]]*#' | head -n 3 |
    tr -c '\012\040-\176' '?' | cut -b 1-300 | while IFS= read -r found_line; do printf '%s:%s\n' "$2" "$found_line"; done
}

# mention PATH: the configuration lines that name this file, or else its directory.
mention() {
  for part in "$1" "${1%/*}/"; do
    mentions=$(
      while IFS= read -r pattern; do
        IFS=
        # shellcheck disable=SC2086 # its wildcards are meant to expand; with an empty IFS nothing is split
        for configuration in $pattern; do mention_in "$part" "$configuration"; done
      done <<CONFIGURATIONS
$configurations
CONFIGURATIONS
    )
    [ -z "$mentions" ] || break
  done
  block mentions "$1$newline$mentions"
}

if [ -n "$nonces" ]; then
  set --
  for nonce in $nonces; do set -- "$@" -e "$nonce"; done
  candidates | sort -u | while IFS= read -r path; do
    # journald's own files hold every message; they are no file of rsyslogd's.
    case $path in */journal/*) continue ;; esac
    seen=$(tail -c 8388608 -- "$path" 2>/dev/null | tr -c '\012\040-\176' '?' | grep -F -o "$@" | sort -u)
    [ -n "$seen" ] || continue
    for nonce in $seen; do field found "$nonce $path"; done
    mention "$path"
  done
fi
finish
