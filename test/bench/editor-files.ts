/** A kind of file that the editors are timed on: content by path, the main file under `main`. */
export interface BenchFiles {
  kind: string;
  files: Map<string, string>;
}

/** Repeats what `piece` makes until `bytes` are there. */
function grown(bytes: number, head: string, piece: (index: number) => string): string {
  const pieces = [head];
  for (let length = head.length, index = 0; length < bytes; index++) {
    const next = piece(index);
    pieces.push(next);
    length += next.length;
  }
  return pieces.join("");
}

const octets = (index: number) => `${(index >> 8) & 255}.${index & 255}`;

const chronyHead =
  "pool 2.debian.pool.ntp.org iburst\ndriftfile /var/lib/chrony/drift\nmakestep 1 3\nrtcsync\n";

/** Kinds of chrony configurations of `bytes` bytes altogether. */
export function chronyBenchFiles(main: string, bytes: number): BenchFiles[] {
  const includes = Array.from({ length: 100 }, (_, index) => `/etc/chrony/extra/${1000 + index}.conf`);
  return [
    {
      kind: "comments",
      files: new Map([
        [
          main,
          grown(bytes, chronyHead, (index) => `# ${index}: allow 10.0.0.0/8, said nobody, and no server\n`),
        ],
      ]),
    },
    {
      kind: "sources and networks",
      files: new Map([
        [
          main,
          grown(
            bytes,
            chronyHead,
            (index) => `server ntp${index}.example.net iburst minpoll 4\nallow 10.${octets(index)}\n`,
          ),
        ],
      ]),
    },
    {
      kind: "100 includes",
      files: new Map([
        [main, `${chronyHead}include /etc/chrony/extra/*.conf\n`],
        ...includes.map((path, index): [string, string] => [
          path,
          grown(bytes / 100, "", (line) => `allow 10.${octets(index * 100 + line)}\n# of rack ${index}\n`),
        ]),
      ]),
    },
  ];
}

const rsyslogHead =
  'module(load="imuxsock")\n$WorkDirectory /var/spool/rsyslog\n$IncludeConfig /etc/rsyslog.d/*.conf\n';
const rsyslogTail = "*.*;auth,authpriv.none -/var/log/syslog\n";

/** Kinds of rsyslog configurations of `bytes` bytes altogether. */
export function rsyslogBenchFiles(main: string, bytes: number): BenchFiles[] {
  const includes = Array.from({ length: 100 }, (_, index) => `/etc/rsyslog.d/${1000 + index}.conf`);
  const whole = (kind: string, piece: (index: number) => string): BenchFiles => ({
    kind,
    files: new Map([[main, grown(bytes, rsyslogHead, piece) + rsyslogTail]]),
  });
  return [
    whole("comments", (index) => `# ${index}: *.* @@192.0.2.1:514 is how to forward everything, they say\n`),
    whole(
      "selector lines",
      (index) => `local${index % 8}.info;mail.none;auth.=err\t-/var/log/local/${index}.log # ${index}\n`,
    ),
    whole(
      "property filters",
      (index) => `:programname, isequal, "app${index}" -/var/log/app/${index}.log\n& stop\n`,
    ),
    whole(
      "rulesets",
      (index) =>
        `ruleset(name="r${index}") {\n  if $fromhost-ip == "10.${octets(index)}" then {\n` +
        `    action(type="omfile" file="/var/log/r/${index}.log")\n    stop\n  }\n}\n`,
    ),
    whole(
      "forwards with queues",
      (index) =>
        `local${index % 8}.* action(type="omfwd" target="10.${octets(index)}" port="514" protocol="tcp"\n` +
        `  queue.type="LinkedList" queue.filename="q${index}" action.resumeRetryCount="-1")\n`,
    ),
    {
      kind: "100 includes",
      files: new Map([
        [main, rsyslogHead + rsyslogTail],
        ...includes.map((path, index): [string, string] => [
          path,
          grown(
            bytes / 100,
            "",
            (line) => `if $programname == "a${index}-${line}" then /var/log/a.log\n# of app ${index}\n`,
          ),
        ]),
      ]),
    },
  ];
}
