# shellcheck shell=sh
# Shared by the scripts that answer in frames (see frames.ts): a line `key text`, or `key:LENGTH` followed by
# LENGTH bytes and a newline. Every script ends its answer with `finish`: what lacks it was cut off.
LC_ALL=C
export LC_ALL
PATH="$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
export PATH

# field KEY TEXT: TEXT must not hold a newline.
field() {
  printf '%s %s\n' "$1" "$2"
}

# block KEY TEXT: TEXT may hold anything that a shell variable can.
block() {
  printf '%s:%s\n%s\n' "$1" "${#2}" "$2"
}

finish() {
  printf 'end\n'
}
