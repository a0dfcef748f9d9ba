import { isIP } from "node:net";
import type { Diagnosis } from "../../core/checks.ts";
import type { NtpEvidence } from "../../core/evidence.ts";
import { blockingFirewalls } from "../firewall-hints.ts";
import { parseActivity, parseNtpData, parseSelectReasons } from "./chronyc.ts";
import type { DesiredSource } from "./desired.ts";
import {
  drops,
  type NtpClientContext,
  type NtpServerView,
  notServing,
  serverFault,
} from "./diagnosis-server.ts";
import { isDeclared, type KnownSource, knownSources, sourceTitle } from "./probes-sources.ts";

/** Why a declared source is of no use to this client; undefined when it is usable. */
export function diagnoseSource(
  declared: DesiredSource,
  maxOffset: number,
  evidence: NtpEvidence,
  context: NtpClientContext,
): Diagnosis | undefined {
  const title = sourceTitle(declared);
  const sources = knownSources(evidence).filter((source) => isDeclared(declared, source, evidence.names));
  const usable = sources.find(({ state }) => ["selected", "combined", "not-combined"].includes(state));
  if (usable)
    return Math.abs(usable.offset) > maxOffset ? beyondOffset(title, usable.offset, maxOffset) : undefined;
  const [source] = sources.sort((a, b) => b.reach - a.reach);
  if (!source || source.address === undefined)
    return unresolvedOrUnknown(declared, source, evidence, context);
  if (source.state === "falseticker") {
    return {
      code: "falseticker",
      detail: `${title} disagrees with the other sources about the time (falseticker, off by ${seconds(source.offset)})`,
      hint: "compare the servers with `chronyc sources -v` and repair or remove the wrong one; it takes at least three to outvote one",
    };
  }
  if (source.state === "too-variable") {
    return {
      code: "too-variable",
      detail: `the answers of ${title} vary too much to be used`,
      hint: "look at its jitter with `chronyc sourcestats`; a nearer server, or a path without congestion, helps",
    };
  }
  if (source.reach > 0) {
    const reason = parseSelectReasons(evidence.selectdata).get(source.address);
    return {
      code: "not-selectable",
      detail: `${title} answers but is not selected: ${reason ?? "chronyd does not take it as usable yet"}`,
      hint: "see `chronyc selectdata -v` on the client; a longer verify_timeout helps where only time is missing",
    };
  }
  return noAnswer(declared, source.address, evidence, context);
}

/** A clock that is further from its source than the playbook allows. */
export function beyondOffset(title: string, offset: number, maxOffset: number): Diagnosis {
  return {
    code: "offset-too-large",
    detail: `the clock is ${seconds(offset)} off ${title}, more than max_offset allows (${seconds(maxOffset)})`,
    hint: "`chronyc makestep` sets the clock at once, where a jump does no harm; otherwise wait until chronyd has slewed it",
  };
}

function unresolvedOrUnknown(
  declared: DesiredSource,
  source: KnownSource | undefined,
  evidence: NtpEvidence,
  context: NtpClientContext,
): Diagnosis {
  const { address } = declared;
  if (isIP(address) === 0 && (evidence.names[address] ?? []).length === 0) {
    return {
      code: "name-not-resolved",
      detail: `the name ${address} does not resolve on this host`,
      hint: `try \`getent ahosts ${address}\` there; repair DNS or /etc/hosts, or give an address in the playbook`,
    };
  }
  if (source) {
    return {
      code: "name-not-resolved",
      detail: `chronyd has not resolved the name ${address} yet, though the host finds it now`,
      hint: "`chronyc refresh` makes chronyd look it up again",
    };
  }
  return {
    code: "source-not-loaded",
    detail: `the running chronyd does not have ${sourceTitle(declared)} among its sources`,
    hint: `apply the playbook; if the file names it already, \`systemctl restart ${context.unit}\``,
  };
}

/** Reach 0. What the server says of itself, where it could be asked, decides among the causes. */
function noAnswer(
  declared: DesiredSource,
  address: string,
  evidence: NtpEvidence,
  context: NtpClientContext,
): Diagnosis {
  const title = sourceTitle(declared);
  const view = context.servers.find(({ host }) => host === declared.host);
  const data = parseNtpData(evidence.ntpdata).find((record) => record.address === address);
  if (view?.evidence) {
    const fault = serverFault(view, view.evidence, context.clientAddresses);
    if (fault) return fault;
  }
  if (data && data.received > 0 && !data.good) {
    const unsynchronised = data.leap === "Not synchronised" || data.stratum === 0 || data.stratum > 15;
    return unsynchronised
      ? notServing(title)
      : {
          code: "answers-not-accepted",
          detail: `${title} answers, but chronyd accepts none of its answers`,
          hint: "where keys or NTS are in use, compare both sides; see `chronyc ntpdata` and `chronyc authdata`",
        };
  }
  if ((parseActivity(evidence.activity)?.offline ?? 0) > 0) {
    return {
      code: "source-offline",
      detail: `chronyd does not ask ${title}: sources are switched offline`,
      hint: "`chronyc online` on the client makes it ask them again",
    };
  }
  const [own] = blockingFirewalls(evidence.firewalls, {
    protocol: "udp",
    port: 123,
    direction: "output",
    peer: address,
  });
  if (own) {
    return {
      code: "firewall",
      detail: `no answer from ${title} (reach 0): ${own.where} on this host ${drops(own.blocks)} what it sends to UDP port 123`,
      hint: `on this host: ${own.openCommand}`,
    };
  }
  return unexplained(title, view);
}

function unexplained(title: string, view: NtpServerView | undefined): Diagnosis {
  if (view?.evidence) {
    return {
      code: "no-answer",
      detail: `no answer from ${title} (reach 0), though chronyd runs there and allows this client: something between the hosts drops UDP port 123`,
      hint: `on the client: chronyd -Q -t 3 'server ${title.replace(/.*\((.*)\)/, "$1")} iburst'; look at routers and firewalls between the hosts`,
    };
  }
  if (view) {
    return {
      code: "server-unreachable",
      detail: `no answer from ${title} (reach 0); lfce could not check that host in this run either`,
      hint: `see what the run says of ${view.host}`,
    };
  }
  return {
    code: "no-answer",
    detail: `no answer from ${title} (reach 0): it is down or unreachable, refuses this host, or a firewall drops UDP port 123`,
    hint: "see that the address is right and that UDP port 123 is open on the way there",
  };
}

/** Seconds for people: `6 µs`, `12.3 ms`, `1.50 s`. */
export function seconds(value: number): string {
  const size = Math.abs(value);
  if (size >= 1) return `${size.toFixed(2)} s`;
  return size >= 0.001 ? `${(size * 1e3).toFixed(1)} ms` : `${(size * 1e6).toFixed(0)} µs`;
}
