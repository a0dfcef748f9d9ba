# shellcheck shell=sh
# The committed changes of a host, for `lfce rollback`; changes nothing. Loaded after frames.sh. The request comes
# on stdin, one item a line, and ends with `end`:
#   state DIRECTORY
#   before ID NUMBER | after ID NUMBER   wants that content of a committed file as well

state=/var/lib/lfce
newline='
'
wanted=

while IFS= read -r request; do
  case $request in
    'state /'*) state=${request#state } ;;
    'before '* | 'after '*)
      case ${request#* } in *[!A-Za-z0-9\ -]* | *' '*' '* | -* | *' -'*) exit 64 ;; esac
      wanted="$wanted$request$newline"
      ;;
    end) break ;;
    *) exit 64 ;;
  esac
done
[ "$request" = end ] || exit 64

for change in "$state"/transactions/*/; do
  change=${change%/}
  [ -f "$change/committed" ] || continue
  field change "${change##*/}"
  block meta "$(cat "$change/meta")"
  block files "$(cat "$change/files")"
  block units "$(cat "$change/touched")"
  block units-before "$(cat "$change/units-before" 2>/dev/null)"
  block created "$(cat "$change/created")"
  block services "$(cat "$change"/trees/*/service 2>/dev/null)"
done

printf '%s' "$wanted" | {
  while IFS=' ' read -r kind id number; do
    content=$state/transactions/$id/$kind/$number
    [ -f "$content" ] || continue
    field content "$kind $id $number $(stat -c '%a %U %G' "$content")"
    block base64 "$(base64 <"$content" | tr -d '\n')"
  done
}
finish

# sudo that logs output drops what it has not passed on yet when its command exits. The reader closes our stdin
# when it has everything.
if [ -n "${SUDO_USER-}" ]; then cat >/dev/null; fi
