# shellcheck shell=sh
# After frames.sh: installs packages. stdin: the package manager's name, a package name on each line, `go`.
# Answers `result ok|CODE` and a block with the end of the package manager's output.

# An installation that is cut off halfway is worse than one that goes on after the connection dropped.
trap '' HUP PIPE

output=''

# answer CODE [WORDS]
answer() {
  field result "$1"
  block output "$(printf '%s\n' "${2-$output}" | tr -d '\000' | tail -n 60 | tail -c 8000)"
  finish
  exit 0
}

# run COMMAND...: appends what it prints to output; its exit status.
run() {
  run_output=$("$@" </dev/null 2>&1)
  run_status=$?
  output="$output$run_output
"
  return "$run_status"
}

# apt_get ARGUMENTS...: waits up to three minutes for another package manager, also where apt does not itself.
apt_get() {
  tries=0
  until run apt-get -q -y -o DPkg::Lock::Timeout=180 -o Dpkg::Options::=--force-confdef \
    -o Dpkg::Options::=--force-confold "$@"; do
    tries=$((tries + 1))
    case $run_output in
      *'Could not get lock'* | *'Unable to acquire the dpkg frontend lock'*) [ "$tries" -lt 60 ] || return 1 ;;
      *) return 1 ;;
    esac
    sleep 3
  done
}

# known_to_apt PACKAGE...: does apt have a candidate for each of them?
known_to_apt() {
  for package in "$@"; do
    apt-cache policy "$package" 2>/dev/null | grep -q 'Candidate: [^(]' || return 1
  done
}

# Recommended packages come or not as the host's own apt configuration says.
install_with_apt() {
  DEBIAN_FRONTEND=noninteractive
  export DEBIAN_FRONTEND
  updated=no
  if ! known_to_apt "$@"; then
    apt_get update
    updated=yes
  fi
  apt_get install -- "$@" && return 0
  # Lists that are too old name files that are gone from the mirror.
  [ "$updated" = no ] && apt_get update && apt_get install -- "$@"
}

install_with_dnf() {
  for program in dnf yum microdnf; do
    command -v "$program" >/dev/null 2>&1 || continue
    run "$program" -y install "$@"
    return
  done
  answer install-failed "none of dnf, yum and microdnf is on this host"
}

install_with_zypper() {
  ZYPP_LOCK_TIMEOUT=180
  export ZYPP_LOCK_TIMEOUT
  run zypper --non-interactive install "$@"
}

IFS= read -r manager || answer bad-input "no package manager was named"
complete=no
set --
while IFS= read -r name; do
  case $name in
    go)
      complete=yes
      break
      ;;
    '' | [!A-Za-z0-9]* | *[!A-Za-z0-9+._-]*) answer bad-input "not the name of a package: $name" ;;
  esac
  set -- "$@" "$name"
done
if [ "$complete" = no ] || [ $# = 0 ]; then answer bad-input "the list of packages arrived incomplete"; fi

case $manager in
  apt-get) install_with_apt "$@" ;;
  dnf) install_with_dnf "$@" ;;
  zypper) install_with_zypper "$@" ;;
  *) answer bad-input "no such package manager: $manager" ;;
esac && answer ok
answer install-failed
