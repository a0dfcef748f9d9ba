import type {
  DesiredForward,
  DesiredRsyslog,
  DesiredStoreRule,
  DesiredSyslogServer,
  SyslogSender,
} from "../../src/services/rsyslog/desired.ts";

/** What a playbook declares for rsyslog, and on which version where the setting is about an old one. */
export interface RsyslogDeclaration {
  desired: DesiredRsyslog;
  version?: string;
}

const queue = { file: "lfce-site", maxDisk: "1g", saveOnShutdown: true, written: [] };

const forward: DesiredForward = {
  address: "192.0.2.77",
  aliases: [],
  protocol: "tcp",
  port: 514,
  selector: ["*.*"],
  retry: -1,
  queue,
};

/** Targets that files of the corpus forward to: lines of theirs are satisfied or switched off. */
const targetsOfTheCorpus = [
  "10.9.9.9",
  "172.19.2.16",
  "10.0.1.4",
  "192.168.66.245",
  "CHANGE_ME",
  "remote-host",
  "fluentd",
];

const web: SyslogSender = { host: "web1", addresses: ["192.0.2.11"] };
const database: SyslogSender = { host: "db1", addresses: ["192.0.2.12", "2001:db8::12"] };
const everyClient: SyslogSender[] = Array.from({ length: 40 }, (_, index) => ({
  host: `client${index + 1}`,
  addresses: [`192.0.2.${index + 1}`],
}));

function client(...forwards: Partial<DesiredForward>[]): DesiredRsyslog {
  const all = forwards.map((one, index) => ({
    ...forward,
    queue: forwards.length > 1 ? { ...queue, file: `lfce-site-${index + 1}` } : queue,
    ...one,
  }));
  return { playbook: "site", client: { state: "present", forwards: all, verifyTimeout: 60 } };
}

function server(
  store: DesiredStoreRule[],
  listen: DesiredSyslogServer["listen"] = [tcp(514)],
): DesiredRsyslog {
  return { playbook: "site", server: { state: "present", listen, store } };
}

function tcp(port: number) {
  return { protocol: "tcp" as const, port };
}

function udp(port: number) {
  return { protocol: "udp" as const, port };
}

function from(senders: SyslogSender[], file: string, more: Partial<DesiredStoreRule> = {}): DesiredStoreRule {
  return { from: [{ kind: "senders", senders }], file, stop: true, ...more };
}

const dated = "/var/log/remote/{host}/{date}.log";
const plain = "/var/log/remote/{host}.log";

/** Settings that every rsyslog file is tried with: name → what is declared. */
export const rsyslogDeclarations: ReadonlyMap<string, RsyslogDeclaration> = new Map([
  ["client of one server", { desired: client({}) }],
  ["client by UDP without a queue", { desired: client({ protocol: "udp", queue: false, retry: 0 }) }],
  [
    "client of two servers, some facilities",
    {
      desired: client(
        { selector: ["authpriv.*", "local6.info"] },
        { address: "logs.example.net", port: 6514, selector: ["*.err;mail.none"] },
      ),
    },
  ],
  [
    "client of targets that files forward to already",
    { desired: client(...targetsOfTheCorpus.map((address) => ({ address }))) },
  ],
  [
    "client of such targets by UDP, without queues",
    {
      desired: client(
        ...targetsOfTheCorpus.map((address) => ({
          address,
          protocol: "udp" as const,
          queue: false as const,
        })),
      ),
    },
  ],
  [
    "client with a queue and retries written out",
    {
      desired: client({
        retry: 5,
        queue: {
          file: "central",
          maxDisk: "200m",
          saveOnShutdown: false,
          written: ["file", "maxDisk", "saveOnShutdown"],
        },
      }),
    },
  ],
  [
    "client of three servers of three kinds",
    {
      desired: client(
        { address: "192.0.2.78" },
        { address: "192.0.2.79", protocol: "udp", queue: false, retry: 0 },
        { address: "2001:db8::79", port: 10514, selector: ["*.info"], retry: 10 },
      ),
    },
  ],
  ["client with rsyslog 8.24", { desired: client({}), version: "8.24.0" }],
  ["client with rsyslog 5", { desired: client({ address: "10.9.9.9" }), version: "5.8.10" }],
  ["server with one file a client", { desired: server([from([web, database], plain)]) }],
  [
    "server on other ports and one address",
    {
      desired: server(
        [from([web], dated), from([database], "/var/log/remote/db/{program}.log", { stop: false })],
        [{ ...tcp(10514), address: "127.0.0.1" }, udp(514), udp(5514)],
      ),
    },
  ],
  [
    "server of networks, names and any sender",
    {
      desired: server(
        [
          {
            from: [{ kind: "network", network: "198.51.100.0/24" }],
            file: "/var/log/net/{address}.log",
            stop: true,
          },
          { from: [{ kind: "hostname", hostname: "switch1" }], file: "/var/log/switch.log", stop: false },
          { from: [{ kind: "address", address: "203.0.113.9" }], file: "/var/log/one.log", stop: true },
          { from: [{ kind: "any" }], file: "/var/log/any/{hostname}/{year}-{month}-{day}.log", stop: true },
        ],
        [tcp(514), udp(514)],
      ),
    },
  ],
  ["server of forty clients", { desired: server([from(everyClient, dated)], [udp(514)]) }],
  [
    "server with rotation, owner and mode",
    {
      desired: server([
        from([web], plain, {
          rotate: { keepDays: 30, compress: true },
          mode: "0640",
          owner: "root",
          group: "adm",
        }),
        from([database], "/var/log/remote/{host}-{date}.log", { rotate: { keepDays: 7, compress: false } }),
      ]),
    },
  ],
  [
    "server and client on one host",
    { desired: { ...server([from([web, database], dated)], [tcp(514), udp(514)]), ...client({}) } },
  ],
]);
