import type { DriftKind } from "./kind.ts";

/** Shell command that succeeds when chronyd has selected a source. */
const SELECTED = "chronyc -n sources | grep -q '^^\\*'";

/** A unit of one of the hosts; syslog.socket would start Debian's rsyslog again. */
interface UnitOf {
  host: string;
  unit: string;
  stop: string;
  healed: string;
}

/** What can become of units: some kinds once for chronyd and once for rsyslogd. */
export function unitKinds(): DriftKind[] {
  return [...anyUnit(), ...severalUnits()];
}

function anyUnit(): DriftKind[] {
  return [
    { host: "web1", unit: "chrony", stop: "systemctl stop chrony", healed: SELECTED },
    { host: "db1", unit: "rsyslog", stop: "systemctl stop rsyslog", healed: "systemctl is-active rsyslog" },
  ].flatMap(kindsOf);
}

function kindsOf({ host, unit, stop, healed }: UnitOf): DriftKind[] {
  const start = `systemctl start ${unit}`;
  const dropIn = `/run/systemd/system/${unit}.service.d/fault.conf`;
  return [
    { host, healed, name: `${unit} stopped`, inject: stop, expect: [`unit-inactive ${unit}`], mend: start },
    {
      host,
      healed,
      name: `${unit} disabled`,
      inject: `systemctl disable ${unit}`,
      expect: [`unit-disabled ${unit}`],
      mend: `systemctl enable ${unit}`,
    },
    {
      host,
      healed,
      name: `${unit} masked`,
      inject: `systemctl mask --now ${unit}`,
      expect: [`unit-masked ${unit}`],
      refused: "unit-masked",
      mend: `systemctl unmask ${unit}; ${start}`,
    },
    {
      host,
      healed,
      name: `${unit} failed`,
      inject: `mkdir -p ${dropIn.replace("/fault.conf", "")}
        printf '[Service]\\nRestart=no\\nExecStartPre=/bin/false\\n' >${dropIn}
        systemctl daemon-reload; systemctl restart ${unit} || true`,
      until: `systemctl is-failed ${unit}`,
      expect: [`unit-failed ${unit}`],
      mend: `rm ${dropIn}; systemctl daemon-reload; systemctl reset-failed ${unit}; ${start}`,
    },
  ];
}

function severalUnits(): DriftKind[] {
  return [
    {
      host: "web1",
      name: "a file that chronyd has not read since",
      inject: "echo '# by hand' >>/etc/chrony/chrony.conf",
      expect: ["unit-stale chrony"],
      mend: "systemctl restart chrony",
      healed: SELECTED,
    },
    {
      host: "web1",
      name: "a file that rsyslogd has not read since, on Debian",
      inject: "echo '# by hand' >>/etc/rsyslog.conf",
      expect: ["unit-stale rsyslog"],
      mend: "systemctl restart rsyslog",
    },
    {
      host: "db1",
      name: "an included file that rsyslogd has not read since, on EL",
      inject: "echo 'local5.* /var/log/site.log' >/etc/rsyslog.d/site.conf",
      expect: ["unit-stale rsyslog"],
      mend: "rm /etc/rsyslog.d/site.conf; systemctl restart rsyslog",
    },
    {
      host: "web1",
      name: "systemd told not to synchronise the time",
      inject: "timedatectl set-ntp false",
      until: "! systemctl is-active chrony && ! systemctl is-enabled chrony",
      expect: ["unit-disabled chrony", "unit-inactive chrony"],
      mend: "timedatectl set-ntp true",
      healed: `systemctl is-enabled chrony && ${SELECTED}`,
    },
    {
      host: "web1",
      name: "another time daemon",
      // Not the program itself, which the machine does not have: a unit of that name that runs.
      inject: `printf '[Service]\\nExecStart=/bin/sleep infinity\\n' >/etc/systemd/system/systemd-timesyncd.service
        systemctl daemon-reload; systemctl start systemd-timesyncd`,
      until: "systemctl is-active chrony",
      expect: ["other-time-daemon systemd-timesyncd"],
      refused: "other-time-daemon",
      mend: `systemctl stop systemd-timesyncd; rm /etc/systemd/system/systemd-timesyncd.service
        systemctl daemon-reload`,
    },
    {
      host: "web1",
      name: "both units stopped and disabled: apply does what drift announced",
      inject: "systemctl disable --now chrony rsyslog; systemctl stop syslog.socket rsyslog",
      expect: [
        "unit-disabled chrony",
        "unit-disabled rsyslog",
        "unit-inactive chrony",
        "unit-inactive rsyslog",
      ],
      mend: "apply",
      healed: SELECTED,
    },
  ];
}
