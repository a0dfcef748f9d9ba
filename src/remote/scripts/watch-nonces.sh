# shellcheck shell=sh
# After frames.sh and dated-path.sh. Stays open and looks for messages in log files as other hosts send them.
# stdin, any number of lines at any time: `expect NONCE MILLISECONDS PATH`; PATH is absolute and may hold %Y, %m
# and %d, filled with this host's own date (the day before is looked at as well, for midnight).
# stdout: `watching`, then `found NONCE<tab>PATH<tab>LINE` or `late NONCE` for each, `end` after the end of stdin.
state=$(mktemp -d /run/lfce-watch.XXXXXX 2>/dev/null || mktemp -d) || exit 1
trap 'rm -rf "$state"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$state/files" && : >"$state/requests" && : >"$state/nonces" || exit 1
newline='
'

# now: milliseconds since boot in $now, without a process.
now() {
  read -r now _ </proc/uptime
  now=${now%.*}${now#*.}0
}

# Every watched file is a symbolic link today_N or yesterday_N in files/: one `stat` of them all says which grew.
# point LINK PATH: what was written lately counts (the message may be faster than the request), the rest not.
point() {
  eval "path_$1=\$2"
  ln -s "$2" "$1"
  point_size=$(stat -L -c %s "$1" 2>/dev/null || echo 0)
  if [ "$point_size" -gt 65536 ]; then point_size=$((point_size - 65536)); else point_size=0; fi
  eval "offset_$1=$point_size size_$1="
}

# turn_day: notices midnight and points the links of dated patterns anew.
turn_day() {
  date=$(date '+%Y %m %d')
  [ "$date" != "$today" ] || return
  yesterday=$today
  [ -n "$yesterday" ] || yesterday=$(date -d "@$(($(date +%s) - 86400))" '+%Y %m %d' 2>/dev/null)
  today=$date
  turn=0
  while [ "$turn" -lt "$patterns" ]; do
    turn=$((turn + 1))
    rm -f "today_$turn" "yesterday_$turn"
    point_pattern "$turn"
  done
}

# point_pattern N
point_pattern() {
  eval "pattern=\$pattern_$1"
  fill "$pattern" "$today"
  point "today_$1" "$filled"
  [ "$filled" != "$pattern" ] && [ -n "$yesterday" ] || return 0
  fill "$pattern" "$yesterday"
  point "yesterday_$1" "$filled"
}

# request NONCE MILLISECONDS PATH
request() {
  case $1 in '' | -* | *[!A-Za-z0-9-]*) return ;; esac
  case $2 in '' | *[!0-9]*) return ;; esac
  case $3 in /*) ;; *) return ;; esac
  number=0
  while [ "$number" -lt "$patterns" ]; do
    number=$((number + 1))
    eval "pattern=\$pattern_$number"
    [ "$pattern" != "$3" ] || break
    pattern=
  done
  if [ "$number" = 0 ] || [ -z "$pattern" ]; then
    patterns=$((patterns + 1))
    number=$patterns
    eval "pattern_$number=\$3"
    point_pattern "$number"
  fi
  requests=$((requests + 1))
  eval "nonce_$requests=\$1 of_$requests=$number deadline_$requests=$((now + $2))"
  open="$open $requests"
  printf '%s\n' "$1" >>"$state/nonces"
  # Files that have not grown since must be looked at once more for the new nonce.
  eval "size_today_$number= size_yesterday_$number="
}

# take_requests: reads what was appended since the last time; a line may arrive in two pieces.
take_requests() {
  while IFS= read -r piece <&4; do
    line=$kept$piece
    kept=
    case $line in
      'expect '*' '*' '*)
        line=${line#expect }
        rest=${line#* }
        request "${line%% *}" "${rest%% *}" "${rest#* }"
        ;;
    esac
  done
  kept=$kept$piece
}

# search LINK SIZE: reads what LINK gained and reports the open requests that it answers.
search() {
  eval "offset=\$offset_$1 known=\$size_$1 path=\$path_$1"
  [ "$2" != "$known" ] || return 0
  [ "$2" -ge "$offset" ] || offset=0
  lines=$newline$(tail -c "+$((offset + 1))" "$1" 2>/dev/null | tr -c '\012\040-\176' '?' |
    grep -F -f "$state/nonces" | cut -b 1-2000)$newline
  # The last bytes are read again next time: the line that they belong to may not be complete yet.
  if [ $(($2 - 4096)) -gt "$offset" ]; then offset=$(($2 - 4096)); fi
  eval "offset_$1=$offset size_$1=$2"
  left=
  for index in $open; do
    eval "nonce=\$nonce_$index of=\$of_$index"
    left="$left $index"
    [ "$of" = "${1#*_}" ] || continue
    case $lines in
      *"$nonce"*"$newline"*)
        before=${lines%%"$nonce"*}
        after=${lines#*"$nonce"}
        printf 'found %s\t%s\t%s\n' "$nonce" "$path" "${before##*"$newline"}$nonce${after%%"$newline"*}"
        left=${left% *}
        ;;
    esac
  done
  open=$left
}

expire() {
  left=
  for index in $open; do
    eval "nonce=\$nonce_$index deadline=\$deadline_$index"
    if [ "$now" -ge "$deadline" ]; then field late "$nonce"; else left="$left $index"; fi
  done
  open=$left
}

watch() {
  cd "$state/files" || exit 1
  exec 4<"$state/requests"
  patterns=0 requests=0 open='' kept='' today='' yesterday=''
  # Set by eval and by fill.
  known='' path='' nonce='' of='' deadline='' filled=''
  # $$ is the script itself: without it there is nobody to report to.
  while [ -d "/proc/$$" ] && [ -d "$state" ]; do
    now
    turn_day
    take_requests
    if [ -n "$open" ]; then
      sizes=$(stat -L -c '%s %n' -- * 2>/dev/null)
      while read -r size link; do
        [ -z "$link" ] || search "$link" "$size"
      done <<SIZES
$sizes
SIZES
      expire
    fi
    sleep 0.2 2>/dev/null || sleep 1
  done
}

field watching yes
watch </dev/null &
watcher=$!
cat >>"$state/requests"
kill "$watcher" 2>/dev/null
wait "$watcher" 2>/dev/null
finish
