import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ObservedFirewall } from "../../../src/core/observed.ts";
import {
  blockingFirewalls,
  firewallVerdict,
  firewallWarnings,
} from "../../../src/services/firewall-hints.ts";
import type { Packet } from "../../../src/services/firewall-rules.ts";

/** `nft -t list ruleset` of nftables 1.0.6. */
const NFT = `table inet filter {
	set trusted {
		type ipv4_addr
		flags interval
	}

	chain input {
		type filter hook input priority filter; policy drop;
		ct state vmap { invalid : drop, established : accept, related : accept }
		iifname "lo" accept
		ip protocol icmp accept
		meta l4proto ipv6-icmp accept
		tcp dport { 22, 80, 443,
			    1000-1030 } ct state new accept
		ip saddr @trusted udp dport 123 accept
		ip saddr 10.9.0.0/24 tcp dport 514 counter packets 0 bytes 0 log prefix "syslog: " accept comment "log clients"
		jump services
	}

	chain services {
		udp dport 161 limit rate 10/second accept
		meta nfproto ipv4 udp dport { 53, 5353 } accept
		return
	}

	chain output {
		type filter hook output priority filter; policy accept;
		udp dport 123 drop
	}
}
`;

/** `iptables-save -t filter` of iptables 1.8. */
const IPTABLES = `*filter
:INPUT DROP [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:clients - [0:0]
:local-only - [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p icmp -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -m comment --comment "logins -j DROP" -j ACCEPT
-A INPUT -j local-only
-A INPUT -p tcp -m multiport --dports 80,514:520 -j clients
-A local-only -m addrtype --dst-type LOCAL -j RETURN
-A local-only -m limit --limit 3/min -j LOG
-A local-only -j DROP
-A clients ! -s 10.0.0.0/8 -j REJECT --reject-with icmp-port-unreachable
-A clients -j ACCEPT
COMMIT
`;

const UFW = `Status: active
Logging: on (low)
Default: deny (incoming), allow (outgoing), disabled (routed)
New profiles: skip

To                         Action      From
--                         ------      ----
22/tcp                     ALLOW IN    Anywhere
514/tcp                    ALLOW IN    10.0.0.0/8
6000:6007/tcp              ALLOW IN    Anywhere
514/udp                    DENY IN     Anywhere
123/udp (v6)               ALLOW IN    Anywhere (v6)
`;

const FIREWALLD: ObservedFirewall = {
  kind: "firewalld",
  rules:
    "default-zone: public\npublic (active)\n  target: default\n  services: ssh dhcpv6-client\n  ports: 500-520/tcp\n",
  allowed: ["ssh", "dhcpv6-client", "500-520/tcp"],
};

function packet(text: string, peer?: string): Packet {
  const [protocol, port, direction = "input"] = text.split(" ");
  return {
    protocol: protocol as Packet["protocol"],
    port: Number(port),
    direction: direction as Packet["direction"],
    ...(peer === undefined ? {} : { peer }),
  };
}

function verdict(kind: ObservedFirewall["kind"], rules: string, text: string, peer?: string): string {
  const found = firewallVerdict({ kind, rules }, packet(text, peer));
  return found.blocks === "no" ? "no" : `${found.blocks}: ${found.openCommand}`;
}

describe("nftables", () => {
  const cases: [string, string | undefined, string][] = [
    ["tcp 22", undefined, "no"],
    ["tcp 1010", undefined, "no"],
    ["udp 123", "10.1.2.3", "maybe: nft add rule inet filter input udp dport 123 accept"],
    ["tcp 514", "10.9.0.7", "no"],
    ["tcp 514", "10.8.0.7", "yes: nft add rule inet filter input tcp dport 514 accept"],
    ["tcp 514", undefined, "maybe: nft add rule inet filter input tcp dport 514 accept"],
    ["udp 53", "10.0.0.1", "no"],
    ["udp 53", "fd00::1", "yes: nft add rule inet filter input udp dport 53 accept"],
    ["udp 161", undefined, "maybe: nft add rule inet filter input udp dport 161 accept"],
    ["tcp 6514", undefined, "yes: nft add rule inet filter input tcp dport 6514 accept"],
    ["udp 123 output", undefined, "yes: nft insert rule inet filter output udp dport 123 accept"],
    ["tcp 514 output", undefined, "no"],
  ];
  for (const [text, peer, expected] of cases) {
    it(`${text}${peer ? ` from ${peer}` : ""}: ${expected.split(":")[0]}`, () => {
      assert.equal(verdict("nftables", NFT, text, peer), expected);
    });
  }

  it("puts the new rule before one that drops, in the chain where the kernel starts", () => {
    const rules =
      "table ip guard {\n chain in {\n type filter hook input priority filter; policy accept;\n goto deny\n }\n chain deny {\n udp dport != 53 counter packets 3 bytes 9 drop\n }\n}\n";
    assert.equal(
      verdict("nftables", rules, "udp 123"),
      "yes: nft insert rule ip guard in udp dport 123 accept",
    );
    assert.equal(verdict("nftables", rules, "udp 53"), "no");
  });

  it("opens every base chain that is in the way", () => {
    const chain = "chain c {\n type filter hook input priority 0; policy drop;\n }\n";
    const rules = `table inet a {\n ${chain}}\ntable inet b {\n ${chain}}\n`;
    assert.equal(
      verdict("nftables", rules, "udp 123"),
      "yes: nft add rule inet a c udp dport 123 accept && nft add rule inet b c udp dport 123 accept",
    );
  });

  it("follows a chain that returns what is for this host and drops the rest", () => {
    const rules = (table: string) =>
      `table ${table} {\n chain INPUT {\n type filter hook input priority 0; policy accept;\n jump local-only\n }\n chain local-only {\n fib daddr type local counter packets 0 bytes 0 return\n fib daddr type multicast return\n limit rate 3/minute jump log\n drop\n }\n chain log {\n log prefix "x "\n }\n}\n`;
    assert.equal(verdict("nftables", rules("inet f"), "udp 123"), "no");
    const unsure = rules("inet f").replace("fib daddr type local", "meta mark 1");
    assert.match(verdict("nftables", unsure, "udp 123"), /^maybe: nft insert/);
  });

  it("does not hold a table of the other family against a packet", () => {
    const rules = "table ip6 f {\n chain i {\n type filter hook input priority 0; policy drop;\n }\n}\n";
    assert.equal(verdict("nftables", rules, "udp 123"), "no");
    assert.equal(verdict("nftables", rules, "udp 123", "10.0.0.1"), "no");
    assert.match(verdict("nftables", rules, "udp 123", "fd00::1"), /^yes/);
    assert.equal(verdict("iptables", ":INPUT DROP [0:0]\n", "udp 123", "fd00::1"), "no");
  });

  it("is careful with what it does not know", () => {
    const base = (rule: string) =>
      `table inet a {\n chain c {\n type filter hook input priority 0; policy accept;\n ${rule}\n }\n}\n`;
    assert.match(verdict("nftables", base("socket transparent 1 drop"), "udp 123"), /^maybe/);
    assert.match(
      verdict("nftables", base("udp dport vmap { 123 : jump x, 53 : accept }"), "udp 123"),
      /^maybe/,
    );
    assert.match(verdict("nftables", base("jump nowhere"), "udp 123"), /^maybe/);
    assert.match(verdict("nftables", base("ct state { new, untracked } drop"), "udp 123"), /^yes/);
    assert.equal(verdict("nftables", base("type nonsense {{{"), "udp 123"), "no");
    assert.equal(verdict("nftables", "", "udp 123"), "no");
  });
});

describe("iptables", () => {
  const cases: [string, string | undefined, string][] = [
    ["tcp 22", undefined, "no"],
    ["udp 22", undefined, "yes: iptables -I INPUT -p udp --dport 22 -j ACCEPT"],
    ["tcp 514", "10.0.0.1", "no"],
    ["tcp 515", "192.0.2.1", "yes: iptables -I INPUT -p tcp --dport 515 -j ACCEPT"],
    ["tcp 514", undefined, "maybe: iptables -I INPUT -p tcp --dport 514 -j ACCEPT"],
    ["udp 123 output", undefined, "no"],
  ];
  for (const [text, peer, expected] of cases) {
    it(`${text}${peer ? ` from ${peer}` : ""}: ${expected.split(":")[0]}`, () => {
      assert.equal(verdict("iptables", IPTABLES, text, peer), expected);
    });
  }
});

describe("ufw", () => {
  const cases: [string, string][] = [
    ["tcp 22", "no"],
    ["tcp 6003", "no"],
    ["udp 123", "yes: ufw allow 123/udp"],
    ["tcp 514", "maybe: ufw allow 514/tcp"],
    ["udp 514", "yes: ufw allow 514/udp"],
    ["udp 123 output", "no"],
  ];
  for (const [text, expected] of cases) {
    it(`${text}: ${expected}`, () => assert.equal(verdict("ufw", UFW, text), expected));
  }

  it("lets everything in by default, or when it is off", () => {
    assert.equal(verdict("ufw", UFW.replace("deny (incoming)", "allow (incoming)"), "udp 123"), "no");
    assert.equal(verdict("ufw", "Status: inactive\n", "udp 123"), "no");
  });
});

describe("firewalld", () => {
  const verdictOf = (firewall: ObservedFirewall, text: string): string => {
    const found = firewallVerdict(firewall, packet(text));
    return found.blocks === "no" ? "no" : `${found.blocks}: ${found.openCommand}`;
  };

  it("names the service where there is one, the port otherwise", () => {
    assert.equal(
      verdictOf(FIREWALLD, "udp 123"),
      "yes: firewall-cmd --permanent --add-service=ntp && firewall-cmd --reload",
    );
    assert.equal(
      verdictOf(FIREWALLD, "tcp 10514"),
      "yes: firewall-cmd --permanent --add-port=10514/tcp && firewall-cmd --reload",
    );
  });

  it("knows open ports, ranges and services, and zones that accept everything", () => {
    assert.equal(verdictOf(FIREWALLD, "tcp 514"), "no");
    assert.equal(verdictOf({ ...FIREWALLD, allowed: ["ntp"] }, "udp 123"), "no");
    const trusted = { ...FIREWALLD, rules: FIREWALLD.rules.replace("target: default", "target: ACCEPT") };
    assert.equal(verdictOf(trusted, "udp 123"), "no");
  });

  it("names the zone when it is not the default one, and is careful with rich rules", () => {
    const rules = `${FIREWALLD.rules.replace("public (active)", "internal (active)")}\trule family="ipv4" source address="10.0.0.0/8" port port="123" protocol="udp" accept\n`;
    assert.equal(
      verdictOf({ ...FIREWALLD, rules }, "udp 123"),
      "maybe: firewall-cmd --permanent --zone=internal --add-service=ntp && firewall-cmd --reload",
    );
  });
});

describe("several firewalls on one host", () => {
  const nft = (table: string): string =>
    `table ${table} {\n chain INPUT {\n type filter hook input priority 0; policy drop;\n }\n}\n`;
  const kinds = (firewalls: ObservedFirewall[]): string[] =>
    blockingFirewalls(firewalls, packet("udp 123")).map(({ kind }) => kind);

  it("hears only the one that writes the tables", () => {
    assert.deepEqual(kinds([FIREWALLD, { kind: "nftables", rules: nft("inet firewalld") }]), ["firewalld"]);
    assert.deepEqual(
      kinds([
        { kind: "ufw", rules: UFW },
        { kind: "nftables", rules: nft("ip filter") },
        { kind: "iptables", rules: ":INPUT DROP [0:0]\n" },
      ]),
      ["ufw"],
    );
    assert.deepEqual(
      kinds([
        { kind: "nftables", rules: nft("ip filter") },
        { kind: "iptables", rules: ":INPUT DROP [0:0]\n" },
      ]),
      ["iptables"],
    );
  });

  it("hears a table beside them", () => {
    const open = { ...FIREWALLD, allowed: ["ntp"] };
    assert.deepEqual(kinds([open, { kind: "nftables", rules: nft("inet site") }]), ["nftables"]);
  });
});

it("warns in a plan only of ports that are certainly closed", () => {
  const firewalls: ObservedFirewall[] = [{ kind: "nftables", rules: NFT }];
  const ports = [
    { protocol: "tcp" as const, port: 514 },
    { protocol: "tcp" as const, port: 6514 },
  ];
  assert.deepEqual(firewallWarnings({ firewalls }, ports), [
    {
      code: "firewall-closes-port",
      message: "nftables (chain input of table inet filter) drops what other hosts send to tcp port 6514",
      hint: "to open it, run on that host: nft add rule inet filter input tcp dport 6514 accept",
    },
  ]);
});
