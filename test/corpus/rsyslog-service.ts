import { debian } from "../../src/distros/debian.ts";
import type { DesiredRsyslog } from "../../src/services/rsyslog/desired.ts";
import { planRsyslog } from "../../src/services/rsyslog/plan.ts";
import { parseRsyslog, printRsyslog } from "../../src/services/rsyslog/syntax/parse.ts";
import { carriedOut, observedHost } from "../unit/services/rsyslog/host.ts";
import { type CorpusFile, corpusFiles } from "./corpus-files.ts";
import type { EditedService, HostFiles, Outcome } from "./edited-service.ts";
import { rsyslogDeclarations } from "./rsyslog-settings.ts";

const { mainFile } = debian.services.rsyslog;

/** What a forward, a listener or their settings have somewhere, in either language. */
const OWNED = /@|omfwd|omrelp|im(tcp|udp|ptcp|relp)|\$(InputTCP|InputPTCP|InputRELP|UDPServer|Action)/i;

const BLOCK = /(?<![^\n])# lfce: begin [\s\S]*?# lfce: end [^\n]*(?:\n|$)/g;

/** rsyslog on a Debian host that has a file of the corpus as its only configuration file. */
export const rsyslogService: EditedService = {
  name: "rsyslog",
  mainFile,
  files: () => {
    const files = corpusFiles("rsyslog");
    return [...files, ...files.flatMap(forwardingElsewhere)];
  },
  settings: [...rsyslogDeclarations].map(([name, { desired, version: own }]) => ({
    name,
    apply: (files, version) => carryOut(desired, files, own ?? version),
    applyAlone: (files) => carryOut({ ...bothAbsent(desired), ...desired }, files, own),
    undo: (files, version) => carryOut(absentOf(desired), files, own ?? version),
  })),
  deservedErrors: new Set(["forward-entangled", "depends-on-environment"]),
  reprint: (text) => printRsyslog(parseRsyslog(text)),
  withoutLfce: (text) => text.replaceAll(BLOCK, "").replaceAll(/(?<![^\n])#lfce# /g, ""),
  blocks: (text) => text.match(BLOCK) ?? [],
  isOwned: (lines) => OWNED.test(lines),
};

/**
 * The file as it would forward to another host: many files from tests forward to the machine itself, which is
 * no target that a playbook can name.
 */
function forwardingElsewhere({ name, content }: CorpusFile): CorpusFile[] {
  const other = content.replaceAll("127.0.0.1", "10.9.9.9");
  return other === content ? [] : [{ name: `${name}, forwarding to 10.9.9.9`, content: other }];
}

function carryOut(desired: DesiredRsyslog, files: HostFiles, version = "8.2302.0"): Outcome {
  const observed = observedHost(files, mainFile, { versions: { rsyslog: version } });
  const plan = planRsyslog(desired, observed, debian);
  return {
    files: plan.errors.length > 0 ? new Map(files) : carriedOut(files, plan),
    errors: [...new Set(plan.errors.map(({ code }) => code))],
    stagedMain: plan.staged?.files[plan.staged.stagedMain],
  };
}

function bothAbsent({ playbook }: DesiredRsyslog): DesiredRsyslog {
  return {
    playbook,
    server: { state: "absent", listen: [], store: [] },
    client: { state: "absent", forwards: [], verifyTimeout: 60 },
  };
}

/** The roles of a setting as absent. */
function absentOf(desired: DesiredRsyslog): DesiredRsyslog {
  const { playbook, client, server } = bothAbsent(desired);
  return { playbook, ...(desired.client && { client }), ...(desired.server && { server }) };
}
