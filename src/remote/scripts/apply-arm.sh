# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared between the parts of apply.sh
# The rollback is armed twice before anything on the host is touched, each time with the transaction's own copy of the recovery
# script (recover.sh): a timer that looks every few seconds whether the lease is over or the process at work is
# gone, and a unit that goes the way back at the next boot, before the daemons start. A timer that looks is safer
# than one that fires once: a look that was killed or found a full disk is followed by another.
#   holder    the process at work: boot, number and start    deadline  seconds since boot, in a fixed width

look_period=10

# Longer than any single step may take: a unit may need 100 s to start, and 15 s to settle.
step_seconds=300

# uptime_seconds: whole seconds since boot, the clock that nobody sets.
uptime_seconds() {
  since_boot=
  { read -r since_boot rest </proc/uptime; } 2>/dev/null
  [ -n "$since_boot" ] || since_boot=$(date +%s)
  echo "${since_boot%%.*}"
  : "${rest-}"
}

# lease_for SECONDS: from now. Written over the old one in place, which needs no room on a full disk.
lease_for() {
  [ -d "$transaction" ] || return 0
  printf '%12d\n' "$(($(uptime_seconds) + $1))" 1<>"$transaction/deadline"
} 2>/dev/null

# lease_over TRANSACTION: also when it cannot be told.
lease_over() {
  [ "$(value_of boot-id "$1/holder")" = "$(boot_id)" ] || return 0
  lease_end=
  read -r lease_end 2>/dev/null <"$1/deadline"
  case $lease_end in '' | *[!0-9]*) return 0 ;; esac
  [ "$(uptime_seconds)" -ge "$lease_end" ]
}

# arm: a transaction that changes nothing needs no way back.
arm() {
  [ -s "$transaction/files" ] || [ -s "$transaction/unit" ] || [ -s "$transaction/directory" ] || return 0
  [ -s "$transaction/recover" ] || fail bad-input "the recovery script did not arrive"
  words=$({
    describe_holder >"$transaction/holder" && lease_for "$step_seconds"
  } 2>&1) || fail_because backup-failed "cannot write below $state" "$words"
  arm_boot
  step boot-armed
  arm_lease || fail not-armed "no timer could be started that would put the change back" "$words"
  step lease-armed
}

# boot_unit: ordered before the daemons; what lies in the way of its condition is that the transaction is settled.
boot_unit() {
  printf '%s\n' '# Written by lfce, which removes it when the change is committed or put back.' \
    '[Unit]' \
    'Description=Put back the change of lfce that was cut off' \
    "ConditionPathExists=$transaction/recover" \
    "RequiresMountsFor=$state" \
    'After=local-fs.target' \
    'Before=chrony.service chronyd.service rsyslog.service' \
    '' \
    '[Service]' \
    'Type=oneshot' \
    "ExecStart=/bin/sh $transaction/recover boot" \
    'TimeoutStartSec=5min' \
    '' \
    '[Install]' \
    'WantedBy=multi-user.target'
}

# arm_boot: as `systemctl enable` does it, without its reload: only the next boot has to know of the unit. On the disk
# before anything is staged; half a unit, after a power cut before that, has nothing to put back.
arm_boot() {
  remember leftovers "$boot_units/.lfce-recover-$id~"
  words=$({
    wants=$boot_units/multi-user.target.wants
    umask 022
    { [ -d "$wants" ] || mkdir -p "$wants"; } &&
      boot_unit >"$boot_units/.lfce-recover-$id~" &&
      mv -f "$boot_units/.lfce-recover-$id~" "$boot_units/lfce-recover.service" &&
      ln -sf "$boot_units/lfce-recover.service" "$wants/lfce-recover.service" &&
      flush "$boot_units/lfce-recover.service" "$boot_units" "$wants" \
        "$transaction/recover" "$transaction/meta" "$transaction/holder" "$transaction"
  } 2>&1) || fail_because not-armed "cannot write lfce's unit for the next boot below $boot_units" "$words"
  relabel "$boot_units/lfce-recover.service"
}

# arm_lease: systemd's timer; where there is none, or it refuses, a shell that outlives the connection.
arm_lease() {
  words='systemd-run is missing'
  if command -v systemd-run >/dev/null 2>&1 &&
    words=$(systemd-run --quiet --unit="lfce-lease-$id" --description="Put back the change of lfce if its verdict does not come" \
      --on-active="${look_period}s" --on-unit-inactive="${look_period}s" --timer-property=AccuracySec=1s \
      /bin/sh "$transaction/recover" lease </dev/null 2>&1); then
    return 0
  fi
  detached=''
  if command -v setsid >/dev/null 2>&1; then detached=setsid; fi
  (
    trap '' HUP
    exec 3<&- 4<&-
    exec $detached /bin/sh "$transaction/recover" watch
  ) </dev/null >/dev/null 2>&1 &
  watcher=$!
  [ -n "$(process_start "$watcher")" ]
}

# boots_with UNIT-FILE COMMAND
boots_with() {
  while IFS= read -r unit_line; do
    case $unit_line in *"$2"*) return 0 ;; esac
  done <"$1"
  return 1
}

# disarm TRANSACTION: only what belongs to that one.
disarm() {
  [ -f "$1/holder" ] || return 0
  systemctl stop "lfce-lease-${1##*/}.timer" </dev/null
  disarm_boot=$(value_of boot-units "$1/meta")
  if boots_with "$disarm_boot/lfce-recover.service" "transactions/${1##*/}/recover boot"; then
    set -- "$1" "$disarm_boot/multi-user.target.wants/lfce-recover.service" "$disarm_boot/lfce-recover.service"
  fi
  # What says that there is something to disarm goes last.
  disarmed=$1
  shift
  rm -f "$@" "$disarmed/verdict" "$disarmed/holder"
} >/dev/null 2>&1
