#!/bin/bash
# Succeeds when an SSH server greets at the address: read-banner.sh ADDRESS (bash, for its /dev/tcp)
exec 3<>"/dev/tcp/$1/22" && IFS= read -r -t 2 banner <&3 && [[ $banner == SSH-* ]]
