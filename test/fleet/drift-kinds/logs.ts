import { onHost } from "../proof-hosts.ts";
import type { DriftKind } from "./kind.ts";

const MAIN = "/etc/rsyslog.conf";
/** An address of the lab's network that no machine has. */
const NOBODY = "172.31.96.250";

const edit = (file: string, script: string): string => `sed -i '${script}' ${file}`;
const append = (file: string, line: string): string => `echo '${line}' >>${file}`;

/** What can become of the logs on the way from web1 and db1 to log1, the server; by their addresses. */
export function logKinds(address: { log1: string; web1: string }): DriftKind[] {
  const web1 = { host: "web1", restart: "rsyslog" };
  const db1 = { host: "db1", restart: "rsyslog" };
  const server = { host: "log1", restart: "rsyslog", clients: ["web1", "db1"] };
  const target = `tcp/${address.log1}:514`;
  const rules = `/etc/rsyslog.d/00-lfce-${address.web1}.conf`;
  /** web1's own log on the server, and what shows that its messages arrive in it again. */
  const log = "/var/log/remote/web1.log";
  return [
    {
      ...web1,
      name: "a forward removed",
      inject: edit(MAIN, "/^# lfce: begin syslog_client/,/^# lfce: end/d"),
      expect: [`forward-missing ${target}`],
    },
    {
      ...db1,
      name: "a forward removed on EL, and rsyslogd not restarted",
      inject: edit(MAIN, "/^# lfce: begin syslog_client/,/^# lfce: end/d"),
      expect: [`forward-missing ${target}`],
    },
    {
      ...web1,
      name: "a forward redirected to another port",
      inject: edit(MAIN, 's/port="514"/port="5140"/'),
      expect: [`forward-differs ${target}`],
    },
    {
      ...db1,
      name: "a forward redirected to another address",
      inject: edit(MAIN, `s/target="${address.log1}"/target="${NOBODY}"/`),
      expect: [`forward-differs ${target}`],
    },
    {
      ...web1,
      name: "a forward switched to UDP",
      inject: edit(MAIN, 's/protocol="tcp"/protocol="udp"/'),
      expect: [`forward-differs ${target}`],
    },
    {
      ...web1,
      name: "a forward that sends less",
      inject: edit(MAIN, 's/^\\*\\.\\* action(type="omfwd"/*.warning action(type="omfwd"/'),
      expect: [`forward-differs ${target}`],
    },
    {
      ...db1,
      name: "a forward beside the declared one",
      inject: append("/etc/rsyslog.d/ours.conf", `authpriv.* @${NOBODY}`),
      expect: [`forward-undeclared udp/${NOBODY}:514`],
    },
    {
      ...web1,
      name: "an included file edited so that nothing reaches the forward",
      inject: append("/etc/rsyslog.d/30-site.conf", "*.* stop"),
      expect: ["rules-stray /etc/rsyslog.d/30-site.conf"],
    },
    {
      ...server,
      name: "a rules file deleted",
      // Once a look must have the patience that rsyslogd on the clients needs.
      clients: [],
      inject: `rm ${rules}`,
      expect: [`rules-file-missing ${rules}`],
    },
    {
      ...server,
      name: "a rules file edited",
      inject: edit(rules, "s/web1.log/elsewhere.log/"),
      expect: [`rules-file-differs ${rules}`],
    },
    {
      ...server,
      name: "a stray file that discards a client's messages first",
      inject: append("/etc/rsyslog.d/00-a-stray.conf", `:fromhost-ip, isequal, "${address.web1}" stop`),
      expect: ["rules-stray /etc/rsyslog.d/00-a-stray.conf"],
    },
    {
      ...server,
      name: "a listener added",
      inject: edit(MAIN, '/^input(type="imtcp" port="514")/a input(type="imtcp" port="10514")'),
      expect: ["listener-undeclared tcp/10514"],
    },
    {
      ...server,
      name: "a second listener, by UDP in an included file",
      inject:
        'printf \'module(load="imudp")\\ninput(type="imudp" port="514")\\n\' >/etc/rsyslog.d/zz-second.conf',
      expect: ["listener-undeclared udp/514"],
    },
    {
      ...server,
      name: "the declared listener moved to another port",
      inject: edit(MAIN, 's/^input(type="imtcp" port="514")/input(type="imtcp" port="1514")/'),
      expect: ["listener-differs tcp/514"],
      healed: "ss -Hltn | grep -q ':514 '",
    },
    {
      ...server,
      name: "the port of the declared listener taken by another program",
      inject: `systemctl stop rsyslog syslog.socket
        systemd-run --unit=thief --socket-property=ListenStream=514 /bin/sleep infinity`,
      expect: [`port-taken ${MAIN}`],
      mend: "systemctl stop thief.socket thief.service",
      healed: "ss -Hltnp | grep ':514 ' | grep -q rsyslogd",
    },
    {
      ...server,
      name: "a log file that stopped growing, because another one was put into its place",
      foundOn: "web1",
      restart: undefined,
      // rsyslogd goes on with the file that it has open, and the other one stays as it is.
      inject: async (lab) => {
        await onHost(lab, "web1", "logger -t growing before");
        const isOpen = `ls -l /proc/$(pidof rsyslogd)/fd | grep -q ${log}`;
        await onHost(
          lab,
          "log1",
          `until ${isOpen}; do :; done; cp -p ${log} ${log}.new; mv ${log}.new ${log}; touch -d '3 days ago' ${log}`,
        );
      },
      expect: [`log-not-growing log1:${log}`],
      mend: async (lab) => {
        await onHost(lab, "log1", "systemctl kill -s HUP rsyslog");
        await onHost(lab, "web1", "logger -t growing after");
      },
      healed: `test -n "$(find ${log} -mmin -60)"`,
    },
    {
      ...web1,
      name: "a queue that spools to disk",
      inject: `nft add table inet fault
        nft add chain inet fault output '{ type filter hook output priority 0; policy accept; }'
        nft add rule inet fault output ip daddr ${address.log1} tcp dport 514 reject with tcp reset
        systemctl restart rsyslog
        yes 'a message of a certain length, of which there are many while the log server is away' |
          head -n 6000 | logger -t spooling`,
      restart: undefined,
      until: "[ $(find /var/spool/rsyslog -name 'lfce-forward.0*' | wc -l) -ge 2 ]",
      expect: [`queue-spooling ${target}`],
      mend: "nft delete table inet fault; systemctl restart rsyslog; logger -t spooling flushed",
      healed: "test -z \"$(find /var/spool/rsyslog -name 'lfce-forward.0*')\"",
    },
    {
      ...web1,
      name: "a log server that this client cannot reach",
      inject: `nft add table inet fault
        nft add chain inet fault output '{ type filter hook output priority 0; policy accept; }'
        nft add rule inet fault output ip daddr ${address.log1} tcp dport 514 reject with tcp reset
        systemctl restart rsyslog
        logger -t unreachable message`,
      restart: undefined,
      expect: [`forward-not-connected ${target}`],
      mend: "nft delete table inet fault; systemctl restart rsyslog; logger -t unreachable flushed",
      healed: `ss -Htn state established dst ${address.log1}:514 | grep -q .`,
    },
  ];
}
