# shellcheck shell=sh
# After frames.sh and dated-path.sh. Stays open and looks for messages in log files as other hosts send them.
# stdin, any number of lines at any time: `expect NONCE MILLISECONDS PATH`; PATH is absolute and may hold %Y, %m
# and %d, filled with this host's own date (after midnight the day before is looked at as well). `look NUMBER`: looks
# for all that is expected. Whoever asks knows when a message was sent, and so when a look is worth its processes.
# stdout: `watching`, then `found NONCE<tab>PATH<tab>LINE` or `late NONCE` for each, `looked NUMBER` after every look,
# `end` after the end of stdin. One look costs two processes however many hosts send: one for the sizes of their files,
# one for what is in them; and few more for a large file, or a line that is not plain ASCII.
newline='
'
# Larger files are read from where they were last looked at; of one that is new to the watch, its last part.
small=262144
overlap=1048576
# GNU grep takes a log with stray bytes for a binary file; the one of busybox has no such notion.
text=-a

# now: milliseconds since boot in $now, without a process.
now() {
  read -r now _ </proc/uptime
  now=${now%.*}${now#*.}0
}

# Numbered variables stand for records: pattern_N with path_today_N and path_yesterday_N; nonce_I with of_I (its
# pattern) and deadline_I; size_KEY and offset_KEY of the file of a key such as today_3. $open: requests waiting.

# request NONCE MILLISECONDS PATH
request() {
  case $1 in '' | -* | *[!A-Za-z0-9-]*) return ;; esac
  case $2 in '' | *[!0-9]*) return ;; esac
  case $3 in /*) ;; *) return ;; esac
  number=0
  pattern=
  while [ "$number" -lt "$patterns" ] && [ "$pattern" != "$3" ]; do
    number=$((number + 1))
    eval "pattern=\$pattern_$number"
  done
  if [ "$pattern" != "$3" ]; then
    patterns=$((patterns + 1))
    number=$patterns
    case $3 in
      *%[Ymd]*)
        dated=yes
        turn_day
        ;;
    esac
    fill "$3" "$today"
    eval "pattern_$number=\$3 path_today_$number=\$filled path_yesterday_$number="
  fi
  requests=$((requests + 1))
  eval "nonce_$requests=\$1 of_$requests=$number deadline_$requests=$((now + $2))"
  # Its message may have come before: looked for once more, also in a part that was searched for the others.
  eval "size_today_$number= size_yesterday_$number= offset_today_$number= offset_yesterday_$number="
  open="$open $requests"
}

# turn_day: after midnight today's files become yesterday's, where any has a date. Once a second is enough to ask.
turn_day() {
  [ -n "$dated" ] && [ "$now" -ge "$day_due" ] || return 0
  day_due=$((now + 1000))
  date=$(date '+%Y %m %d')
  [ "$date" != "$today" ] || return
  today=$date
  turn=0
  while [ "$turn" -lt "$patterns" ]; do
    turn=$((turn + 1))
    eval "pattern=\$pattern_$turn path=\$path_today_$turn"
    fill "$pattern" "$today"
    [ "$filled" != "$path" ] || continue
    eval "path_yesterday_$turn=\$path size_yesterday_$turn= offset_yesterday_$turn=0"
    eval "path_today_$turn=\$filled size_today_$turn= offset_today_$turn=0"
  done
}

# search: finds the files that grew, by one `stat`, and what they gained, small ones by one `grep`.
search() {
  set --
  keys=
  sought=' '
  for index in $open; do
    eval "of=\$of_$index"
    case $sought in *" $of "*) continue ;; esac
    sought="$sought$of "
    for key in "today_$of" "yesterday_$of"; do
      eval "path=\$path_$key"
      [ -f "$path" ] || continue
      keys="$keys $key"
      set -- "$@" "$path"
    done
  done
  [ $# -gt 0 ] || return 0
  # Should a file vanish right now, the sizes are one too few: then the next round looks.
  sizes=$(stat -L -c %s -- "$@" 2>/dev/null) || return 0
  set --
  for key in $keys; do
    size=${sizes%%"$newline"*}
    sizes=${sizes#*"$newline"}
    eval "known=\${size_$key-} path=\$path_$key"
    [ "$size" != "$known" ] || continue
    eval "size_$key=\$size"
    if [ "$size" -le "$small" ]; then
      set -- "$@" "$path"
    else
      gained "$key" "$path" "$size"
    fi
  done
  [ $# -gt 0 ] || return 0
  # /dev/null makes grep name the file also when there is only one.
  find_open /dev/null "$@"
  report "$found"
}

# gained KEY PATH SIZE: searches what a large file gained.
gained() {
  eval "offset=\${offset_$1:-0}"
  if [ "$offset" = 0 ] || [ "$3" -lt "$offset" ]; then offset=$(($3 - overlap)); fi
  [ "$offset" -ge 0 ] || offset=0
  # The last bytes are read again next time: the line that they belong to may not be complete yet.
  eval "offset_$1=$(($3 - 4096))"
  part=$2
  part_from=$((offset + 1))
  find_open
  report "$found" "$2"
}

# find_open [FILE...]: the lines that hold a nonce that is waited for, in $found; without a FILE those of $part from
# byte $part_from on.
find_open() {
  found=
  # What came before may have answered all; an empty pattern would be in every line.
  [ -n "$open" ] || return 0
  wanted=
  for index in $open; do
    eval "wanted=\$wanted\$newline\$nonce_$index"
  done
  wanted=${wanted#"$newline"}
  if ! grep_open "$@" && [ -n "$text" ] && ! printf 'x\n' | grep -a x >/dev/null 2>&1; then
    text=
    grep_open "$@"
  fi
  # Nothing of the host's logs but plain ASCII goes on. Hardly any line needs it.
  case $found in *[!"$newline"\ -~]*) found=$(printf '%s\n' "$found" | tr -c '\012\040-\176' '?') ;; esac
}

# grep_open [FILE...]: sets $found; fails where grep did not do its work.
grep_open() {
  found=$(
    exec 2>/dev/null 3<<NONCES
$wanted
NONCES
    if [ $# -gt 0 ]; then
      exec grep -F $text -f /proc/self/fd/3 -- "$@"
    else
      tail -c "+$part_from" "$part" | grep -F $text -f /proc/self/fd/3
    fi
  ) || [ $? -eq 1 ]
}

# report LINES [PATH]: tells the requests that the lines answer; without PATH each line begins with its file and `:`.
report() {
  [ -n "$1" ] || return 0
  while IFS= read -r line; do
    left=
    for index in $open; do
      eval "nonce=\$nonce_$index"
      case $line in
        *"$nonce"*) answer "$index" "$nonce" "$line" "${2-}" || left="$left $index" ;;
        *) left="$left $index" ;;
      esac
    done
    open=$left
  done <<LINES
$1
LINES
}

# answer INDEX NONCE LINE PATH: whether the line stands in a file of this request.
answer() {
  eval "of=\$of_$1"
  for key in "today_$of" "yesterday_$of"; do
    eval "path=\$path_$key"
    [ -n "$path" ] || continue
    if [ "$path" = "$4" ]; then
      printf 'found %s\t%s\t%.2000s\n' "$2" "$path" "$3"
      return 0
    fi
    [ -z "$4" ] || continue
    case $3 in
      "$path":*)
        printf 'found %s\t%s\t%.2000s\n' "$2" "$path" "${3#"$path":}"
        return 0
        ;;
    esac
  done
  return 1
}

expire() {
  left=
  for index in $open; do
    eval "nonce=\$nonce_$index deadline=\$deadline_$index"
    if [ "$now" -ge "$deadline" ]; then field late "$nonce"; else left="$left $index"; fi
  done
  open=$left
}

patterns=0 requests=0 open='' today='' dated='' day_due=0
# Set by eval and by fill.
known='' path='' nonce='' of='' deadline='' filled='' pattern='' offset=''
field watching yes
while IFS= read -r line; do
  now
  case $line in
    'expect '*' '*' '*)
      line=${line#expect }
      rest=${line#* }
      request "${line%% *}" "${rest%% *}" "${rest#* }"
      ;;
    'look '*)
      look=${line#look }
      turn_day
      if [ -n "$open" ]; then
        search
        expire
      fi
      field looked "$look"
      ;;
  esac
done
finish
