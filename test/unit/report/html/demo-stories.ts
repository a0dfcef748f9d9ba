import type { DriftFinding } from "../../../../src/core/drift.ts";
import type { LfceErrorData } from "../../../../src/core/errors.ts";
import type { DemoHost } from "./demo-hosts.ts";

/** Something that happened to some hosts on some nights. */
export interface Story {
  hosts: ReadonlySet<string>;
  isOn(night: number): boolean;
  finding?: DriftFinding;
  error?: (host: string) => LfceErrorData;
  /** A server that cannot be reached, and what is said of it. */
  broken?: readonly [string, string];
}

/** What a host's look comes to on a night. */
export function foundOn({ name }: DemoHost, told: readonly Story[], night: number) {
  const own = told.filter((story) => story.hosts.has(name) && story.isOn(night));
  return {
    findings: own.flatMap(({ finding }) => finding ?? []),
    error: own.find(({ error }) => error)?.error?.(name),
    broken: new Map(own.flatMap(({ broken }) => (broken ? [broken] : []))),
  };
}

/** A month as it goes: an upgrade, a hand in a file, a disabled unit, a firewall, an outage, a clock that walks. */
export function stories(hosts: readonly DemoHost[], nights: number): Story[] {
  const clients = hosts.filter(({ kind }) => kind === "client").map(({ name }) => name);
  const webs = clients.filter((name) => name.startsWith("web"));
  const apps = clients.filter((name) => name.startsWith("app"));
  const last = nights - 1;
  const log = hosts.find(({ kind }) => kind === "log")?.name ?? "";
  const one = (from: readonly string[], index: number) => new Set(from.slice(index, index + 1));
  return [
    {
      hosts: new Set(webs.slice(0, Math.ceil(webs.length / 4))),
      isOn: (night) => night >= last - 2,
      finding: stockFile,
    },
    { hosts: one(clients, clients.length - 1), isOn: (night) => night > last - 13, finding: disabled },
    { hosts: one(webs, webs.length - 1), isOn: (night) => night % 5 < 2 || night === last, finding: walks },
    { hosts: one(apps, 0), isOn: (night) => night === last, finding: forwardGone },
    {
      hosts: new Set(apps.slice(0, Math.max(1, Math.floor(apps.length / 6)))),
      isOn: (night) => night >= last - 1,
      finding: unreachableTarget(log),
      broken: [log, "connection refused"],
    },
    { hosts: new Set(webs.slice(0, 3)), isOn: (night) => night >= 4 && night <= 6, finding: edited },
    { hosts: new Set(apps.slice(1, 3)), isOn: (night) => night >= 4 && night < last, finding: stale },
    {
      hosts: new Set(clients.filter((_, index) => index % 3 === 0)),
      isOn: (night) => night === last - 9,
      error: timedOut,
    },
    {
      hosts: one(clients, Math.floor(clients.length / 2)),
      isOn: (night) => night >= last - 4,
      error: timedOut,
    },
  ];
}

const stockFile: DriftFinding = {
  code: "source-undeclared",
  item: "2.debian.pool.ntp.org",
  message: "2.debian.pool.ntp.org is a source that the playbook does not declare",
  detail: `/etc/chrony/chrony.conf:8
--- /etc/chrony/chrony.conf
+++ /etc/chrony/chrony.conf
@@ -5,7 +5,11 @@
 # See chrony.conf(5) for what can stand here.
 confdir /etc/chrony/conf.d
 
-pool 2.debian.pool.ntp.org iburst
+#lfce# pool 2.debian.pool.ntp.org iburst
+# lfce: begin ntp_client
+server time1 iburst
+server time2 iburst
+# lfce: end ntp_client
 
 sourcedir /run/chrony-dhcp
`,
};

const disabled: DriftFinding = {
  code: "unit-disabled",
  item: "rsyslog.service",
  message: "rsyslog.service runs and does not start at boot",
  detail: "unit file state: disabled",
};

const walks: DriftFinding = {
  code: "offset-too-large",
  item: "clock",
  message: "the clock is 0.184 s behind its source, and 0.1 s is the limit",
  detail: "chronyc tracking: last offset −0.184 s, frequency 81.4 ppm slow, root dispersion 0.0021 s",
};

const forwardGone: DriftFinding = {
  code: "forward-missing",
  item: "log1 tcp/514",
  message: "messages are no longer sent to log1, tcp port 514",
  detail: `--- /etc/rsyslog.conf
+++ /etc/rsyslog.conf
@@ -41,2 +41,8 @@
 $IncludeConfig /etc/rsyslog.d/*.conf
 
+# lfce: begin syslog_client
+*.* action(type="omfwd" target="log1" port="514" protocol="tcp"
+  action.resumeRetryCount="-1" queue.type="LinkedList"
+  queue.filename="lfce-forward" queue.maxDiskSpace="1g" queue.saveOnShutdown="on")
+# lfce: end syslog_client
`,
};

const unreachableTarget = (log: string): DriftFinding => ({
  code: "target-unreachable",
  item: `${log} tcp/514`,
  message: `${log} refuses connections on tcp port 514: a firewall rejects them, or nothing listens`,
  detail:
    "rsyslogd: cannot connect: Connection refused (journal, 01:12:44)\nqueue: 1,204 messages wait on disk, 3.1 MB",
});

const edited: DriftFinding = {
  code: "directive-differs",
  item: "makestep",
  message: "makestep is 10 -1, and 1 3 is declared",
  detail: `--- /etc/chrony/chrony.conf
+++ /etc/chrony/chrony.conf
@@ -30,3 +30,3 @@
 rtcsync
-makestep 10 -1
+makestep 1 3
 leapsectz right/UTC
`,
};

const stale: DriftFinding = {
  code: "unit-stale",
  item: "chrony.service",
  message: "chrony.service runs since before /etc/chrony/chrony.conf changed",
  detail: "started 14 Oct 03:11:09, file changed 29 Oct 16:40:55",
};

function timedOut(host: string): LfceErrorData {
  return {
    code: "connect-timeout",
    message: `${host} does not answer on port 22 (tried 3 times)`,
    hint: "see whether the host is up and whether a firewall is on the way: `nc -vz HOST 22`",
  };
}
