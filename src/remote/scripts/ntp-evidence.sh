# shellcheck shell=sh
# After frames.sh, network.sh and journal.sh. Waits until chronyd has selected a source that is acceptable and
# close enough, then (or when the time is up) tells everything that a diagnosis could need. Changes nothing;
# a burst only makes chronyd ask its sources sooner.
# stdin: lines `unit NAME`, `wait MILLISECONDS`, `max-offset MICROSECONDS`, `burst yes`, `accept ADDRESS-OR-NAME`
# (`any`: all sources), `access ADDRESS`, `name NAME`, `only selection` or `only serving`: no more than the proof of that
# needs when it passes; the first of them only where a source was selected.
unit=chrony
wait=0
max_offset=
burst=no
accept_any=no
accepted=' '
access=
addresses=0
names=
only=
by_name=no
while read -r key value; do
  case $key in
    unit) unit=$value ;;
    wait) wait=$value ;;
    max-offset) max_offset=$value ;;
    burst) burst=$value ;;
    accept)
      # An IPv6 address may be written otherwise than chronyc prints it: it is looked for by its name as well.
      case $value in
        any) accept_any=yes ;;
        *[!0-9.]*) by_name=yes ;;
      esac
      accepted="$accepted$value "
      ;;
    only) only=$value ;;
    access)
      access="${access}accheck $value
"
      addresses=$((addresses + 1))
      ;;
    name) names="$names $value" ;;
  esac
done

# now: milliseconds since boot in $now, without a process.
now() {
  read -r now _ </proc/uptime
  now=${now%.*}${now#*.}0
}

# close_enough SECONDS: whether a decimal such as -0.001234567 is within max_offset (microseconds).
close_enough() {
  [ -n "$max_offset" ] || return 0
  whole=${1#-}
  fraction=${whole#*.}000000
  whole=${whole%%.*}
  while [ "${#fraction}" -gt 6 ]; do fraction=${fraction%?}; done
  # The leading 1 keeps a fraction such as 001234 from being read as octal; it is taken off again.
  [ $((whole * 1000000 + 1$fraction - 1000000)) -le "$max_offset" ]
}

# look OPTION: whether an acceptable source is selected, or a reference clock is and such a source is usable.
# OPTION is -n (addresses) or -N (names as configured, chrony 4.0 and newer).
look() {
  listing=$(chronyc -c "$1" sources 2>/dev/null) || return 1
  clock=no
  usable=no
  while IFS=, read -r mode state name _ _ _ _ offset _; do
    if [ "$mode$state" = '#*' ]; then
      clock=yes
      continue
    fi
    if [ "$accept_any" = no ]; then
      case $accepted in *" $name "*) ;; *) continue ;; esac
    fi
    case $state in
      '*') close_enough "$offset" && return 0 ;;
      + | -) close_enough "$offset" && usable=yes ;;
    esac
  done <<LISTING
$listing
LISTING
  [ "$clock$usable" = yesyes ]
}

# The names that are accepted, as the addresses that chronyd may show.
resolved_addresses=
for name in $names; do
  resolved "$name"
  case $accepted in *" $name "*) accepted="$accepted$resolved_addresses" ;; esac
done

# await_change: until chronyd follows another clock than its own, by one process that asks it ten times a second for at
# most two seconds, and no longer than the time that is left; what is selected is for look to judge. Where it is so
# already, or chronyc knows no such waiting, for a moment.
synchronised=no
await_change() {
  if [ "$synchronised" = no ]; then
    now
    before=$now
    # There is no wait behind the last try.
    tries=$(((deadline - now) / 100 + 1))
    [ "$tries" -le 20 ] || tries=20
    [ "$now" -lt "$deadline" ] || return 0
    if timeout 3 chronyc waitsync "$tries" 0 0 0.1 >/dev/null 2>&1; then
      synchronised=yes
      return
    fi
    now
    [ $((now - before)) -lt 200 ] && [ "$now" -lt "$deadline" ] || return 0
  fi
  sleep 0.4 2>/dev/null || sleep 1
}

now
started=$now
deadline=$((started + wait))
asked=no
selected=no
while :; do
  if look -n || { [ "$by_name" = yes ] && look -N; }; then
    selected=yes
    now
    field selected-after $((now - started))
    break
  fi
  now
  [ "$now" -lt "$deadline" ] || break
  # Without the daemon there is nothing to wait for, unless it is about to start.
  if ! chronyc -c tracking >/dev/null 2>&1; then
    case $(systemctl is-active "$unit" 2>/dev/null) in active | activating | reloading) ;; *) break ;; esac
  elif [ "$asked" = no ] && { [ "$burst" = yes ] || [ $((now - started)) -ge 8000 ]; }; then
    # A source with iburst is selected within 6 s; what takes longer has none.
    asked=yes
    chronyc burst 4/4 >/dev/null 2>&1
  fi
  await_change
done

# access_checks: a field for each address, all by one process, which answers a line each. Where it did not give every one
# its verdict nobody can say whose each is: they are asked about one by one.
access_checks() {
  [ -n "$access" ] || return 0
  verdicts=
  number=0
  while IFS= read -r answer; do
    case $answer in
      '208 '* | '209 '*)
        number=$((number + 1))
        verdicts="$verdicts$answer
"
        ;;
    esac
  done <<ANSWERS
$(printf '%s' "$access" | timeout 20 chronyc 2>/dev/null)
ANSWERS
  case $number in
    0) return ;;
    "$addresses") ;;
    *)
      access_checks_each
      return
      ;;
  esac
  while read -r _ address && read -r answer <&3; do
    [ -z "$address" ] || field access "$address $answer"
  done <<ADDRESSES 3<<VERDICTS
$access
ADDRESSES
$verdicts
VERDICTS
}

access_checks_each() {
  while read -r _ address; do
    [ -n "$address" ] || continue
    answer=$(printf 'accheck %s\n' "$address" | timeout 5 chronyc 2>/dev/null | grep '^20[89] ' | head -n 1)
    [ -z "$answer" ] || field access "$address $answer"
  done <<ADDRESSES
$access
ADDRESSES
}

field unit-state "$(systemctl is-active "$unit" 2>/dev/null)"
sources=$(chronyc -c -n sources -a 2>/dev/null) || sources=$(chronyc -c -n sources 2>/dev/null)
block sources "$sources"
block sources-named "$(chronyc -c -N sources -a 2>/dev/null)"
block tracking "$(chronyc -c tracking 2>/dev/null)"
access_checks
if [ "$only" = serving ]; then
  listeners
  firewalls
fi
if [ "$only" = serving ] || [ "$only$selected" = selectionyes ]; then
  finish
  exit
fi
block ntpdata "$(chronyc -c -n ntpdata 2>/dev/null | head -n 200)"
block selectdata "$(chronyc -c -n selectdata 2>/dev/null)"
block activity "$(chronyc -c activity 2>/dev/null)"
listeners
firewalls
unit_journal "$unit" chronyd
finish
