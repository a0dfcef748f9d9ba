/**
 * The directives of chrony.conf(5) with the first version that knows each (from chrony's NEWS); undefined
 * where every version that lfce can meet (1.24 and later) has it, and for obsolete ones.
 */
const DIRECTIVES: Record<string, string | undefined> = {
  acquisitionport: undefined,
  allow: undefined,
  authselectmode: "4.0",
  bindacqaddress: "1.30",
  bindacqdevice: "4.0",
  bindaddress: undefined,
  bindcmdaddress: undefined,
  bindcmddevice: "4.0",
  binddevice: "4.0",
  broadcast: undefined,
  clientloglimit: undefined,
  clockprecision: "4.0",
  cmdallow: undefined,
  cmddeny: undefined,
  cmdport: undefined,
  cmdratelimit: "2.3",
  combinelimit: "1.28",
  commandkey: undefined,
  confdir: "4.0",
  corrtimeratio: "1.27",
  deny: undefined,
  driftfile: undefined,
  dscp: "4.0",
  dumpdir: undefined,
  dumponexit: undefined,
  fallbackdrift: "1.25",
  generatecommandkey: "1.28",
  hwclockfile: "1.30",
  hwtimestamp: "3.0",
  hwtstimeout: "4.4",
  include: "1.25",
  initstepslew: undefined,
  keyfile: undefined,
  leapseclist: "4.6",
  leapsecmode: "2.0",
  leapsectz: "1.27",
  linux_freq_scale: undefined,
  linux_hz: undefined,
  local: undefined,
  lock_all: undefined,
  log: undefined,
  logbanner: "1.25",
  logchange: undefined,
  logdir: undefined,
  mailonchange: undefined,
  makestep: "1.24",
  manual: undefined,
  maxchange: "1.27",
  maxclockerror: "1.25",
  maxdistance: "2.2",
  maxdrift: "2.4",
  maxjitter: "3.0",
  maxntsconnections: "4.0",
  maxsamples: "1.28",
  maxslewrate: "1.30",
  maxstratum: "4.9",
  maxtxbuffers: "4.9",
  maxupdateskew: undefined,
  minsamples: "1.28",
  minsources: "2.0",
  minstratum: "4.9",
  nocerttimecheck: "4.0",
  noclientlog: undefined,
  nosystemcert: "4.0",
  ntpsigndsocket: "3.0",
  ntsaeads: "4.6.1",
  ntscachedir: "4.0",
  ntsdumpdir: "4.0",
  ntsntpserver: "4.0",
  ntsport: "4.0",
  ntsprocesses: "4.0",
  ntsratelimit: "4.0",
  ntsrefresh: "4.0",
  ntsrotate: "4.0",
  ntsservercert: "4.0",
  ntsserverkey: "4.0",
  ntstrustedcerts: "4.0",
  opencommands: "4.7",
  peer: undefined,
  pidfile: undefined,
  pool: "2.0",
  port: undefined,
  ptpdomain: "4.6",
  ptpport: "4.2",
  ratelimit: "2.3",
  refclock: undefined,
  refresh: "4.4",
  reselectdist: "1.25",
  rtcautotrim: "1.30",
  rtcdevice: undefined,
  rtcfile: undefined,
  rtconutc: undefined,
  rtcsync: "1.25",
  sched_priority: undefined,
  server: undefined,
  smoothtime: "2.0",
  sourcedir: "4.0",
  stratumweight: "1.25",
  tempcomp: "1.25",
  user: "1.28",
};

/** Directives whose words chronyd compares without regard to case, none of them a path or a name. */
const CASELESS = new Set(["authselectmode", "leapsecmode"]);

/** Whether chrony has, or ever had, a directive of this (lower case) name. */
export function isDirective(name: string): boolean {
  return Object.hasOwn(DIRECTIVES, name);
}

/** The first chrony version that knows the directive; undefined: all of them, or no such directive. */
export function directiveSince(name: string): string | undefined {
  return Object.hasOwn(DIRECTIVES, name) ? DIRECTIVES[name] : undefined;
}

/** Every directive name, for suggestions. */
export const directiveNames: readonly string[] = Object.keys(DIRECTIVES);

/**
 * Whether two argument lists of one directive mean the same to chronyd: numbers by value (`1` and `1.0`),
 * keywords without regard to case where chronyd does so, the words of `log` in any order.
 */
export function sameArguments(name: string, left: readonly string[], right: readonly string[]): boolean {
  if (left.length !== right.length) return false;
  const one = name === "log" ? left.map((word) => word.toLowerCase()).sort() : left;
  const two = name === "log" ? right.map((word) => word.toLowerCase()).sort() : right;
  return one.every((word, index) => sameWord(name, word, two[index] ?? ""));
}

function sameWord(name: string, left: string, right: string): boolean {
  if (left === right) return true;
  if (CASELESS.has(name) && left.toLowerCase() === right.toLowerCase()) return true;
  return isNumber(left) && isNumber(right) && Number(left) === Number(right);
}

/** Whether a word is a plain decimal number, as sscanf's %d and %lf read it. */
export function isNumber(word: string): boolean {
  return /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(word);
}
