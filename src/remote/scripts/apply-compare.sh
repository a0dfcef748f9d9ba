# shellcheck shell=sh disable=SC2154 # variables are shared between the parts of apply.sh
# Is the host still what the plan was made from? After apply-files.sh, which knows checksums.

# compare: files by their checksums, and what include patterns find by the checksum of the names, a line each.
compare() {
  new_list
  while IFS=' ' read -r sum path; do
    if [ "$sum" = absent ] || [ ! -f "$path" ]; then
      expected "$path" "$sum"
    else
      listed "$sum" "$path"
    fi
  done <"$transaction/expect"
  number=0
  while IFS=' ' read -r sum pattern; do
    number=$((number + 1))
    matches_of "$pattern" >"$transaction/found/$number"
    listed "$sum" "$transaction/found/$number"
  done <"$transaction/matches"
  all_as_listed || compare_each
}

compare_each() {
  while IFS=' ' read -r sum path; do expected "$path" "$sum"; done <"$transaction/expect"
  number=0
  while IFS=' ' read -r sum pattern; do
    number=$((number + 1))
    found=$(sort "$transaction/found/$number" | sha256sum)
    [ "${found%% *}" = "$sum" ] ||
      fail changed-meanwhile "$pattern finds other files than when the plan was made; nothing was changed"
  done <"$transaction/matches"
}

expected() {
  is_as "$1" "$2" || fail changed-meanwhile "$1 is not what the plan was made from; nothing was changed"
}

# matches_of PATTERN: nothing of it but * ? [ ] means anything where no word is split. Shells sort what they find by
# byte where LC_ALL is C. A name that holds a line break was left out when the plan was made as well.
matches_of() {
  usual_separators=$IFS
  IFS=
  # shellcheck disable=SC2086 # to be expanded as a pattern
  for match in $1; do
    case $match in *"$newline"*) continue ;; esac
    [ ! -f "$match" ] || printf '%s\n' "$match"
  done
  IFS=$usual_separators
}
