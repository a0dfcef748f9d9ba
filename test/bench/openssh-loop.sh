#!/bin/sh
# The same floor with OpenSSH: `true` on every machine, as many at once as lfce works on.
#   openssh-loop.sh ADDRESSES PRIVATE_KEY KNOWN_HOSTS FORKS
set -eu
xargs -P "$4" -I ADDRESS ssh -F none -i "$2" -o "UserKnownHostsFile=$3" -o BatchMode=yes root@ADDRESS true <"$1"
