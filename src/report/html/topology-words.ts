import type { HostLink } from "../../core/drift.ts";
import { nameRanges, rangesTitle, shortened } from "./host-names.ts";
import { countStates, HOST_STATES, STATE_WORDS } from "./host-state.ts";
import { counted, offsetText } from "./measures.ts";
import type { TopologyEdge, TopologyHost, TopologyNode } from "./topology.ts";

/** What a box of the picture says, a line each. */
export interface NodeWords {
  title: string;
  /** The whole of what the title shortens. */
  fullTitle: string;
  /** Stratum and offset; what an address is. */
  clock: string;
  /** How its hosts stand, with marks; empty where it has none. */
  state: string;
}

export const KIND_WORDS: Readonly<Record<HostLink["kind"], string>> = { ntp: "time", syslog: "logs" };

export const LINK_STATE_WORDS: Readonly<Record<HostLink["state"], string>> = {
  "in-use": "in use",
  standby: "standby",
  broken: "broken",
  unknown: "unknown",
};

const TITLE_CHARACTERS = 34;

export function nodeWords(node: TopologyNode, hosts: readonly TopologyHost[]): NodeWords {
  const members = node.hosts.flatMap((index) => hosts[index] ?? []);
  if (node.kind === "outside") return outsideWords(node.addresses);
  const ranges = nameRanges(members.map(({ name }) => name));
  const fullTitle = ranges.map(({ text }) => text).join(", ");
  return {
    title: rangesTitle(ranges, TITLE_CHARACTERS),
    fullTitle,
    clock: clockWords(members),
    state: stateWords(node, members),
  };
}

const LABEL_CHARACTERS = 34;

/** Of `tcp port 514: log1 refuses` what says why; the line and the list say the rest. */
function lastPart(detail: string): string {
  return detail.slice(detail.lastIndexOf(": ") + 1).trim();
}

/** `✕ time: no answer`, `✕ logs: 3 of 480`: only of an edge that is broken or that nobody could judge. */
export function edgeLabel({ kind, state, links, broken, details }: TopologyEdge): string | undefined {
  if (state === "unknown") return links === 1 ? "?" : undefined;
  if (state !== "broken") return undefined;
  const [detail] = details;
  const what =
    broken < links
      ? `${broken} of ${links}`
      : details.length === 1
        ? shortened(lastPart(detail ?? ""), LABEL_CHARACTERS)
        : "";
  return `✕ ${KIND_WORDS[kind]}${what === "" ? "" : `: ${what}`}`;
}

function outsideWords(addresses: readonly string[]): NodeWords {
  const [first = ""] = addresses;
  const more = addresses.length - 1;
  return {
    title:
      more === 0
        ? shortened(first, TITLE_CHARACTERS)
        : `${shortened(first, TITLE_CHARACTERS - 10)} and ${more} more`,
    fullTitle: addresses.join(", "),
    clock: "outside the inventory",
    state: "",
  };
}

function clockWords(members: readonly TopologyHost[]): string {
  const clocks = members.flatMap(({ clock }) => clock ?? []);
  const strata = [...new Set(clocks.map(({ stratum }) => stratum))].sort((a, b) => a - b);
  if (strata.length === 0) return "";
  const stratum = strata.length === 1 ? `${strata[0]}` : `${strata[0]}–${strata[strata.length - 1]}`;
  const [only] = clocks;
  if (clocks.length === 1 && only) return `stratum ${stratum} · ${offsetText(only.offset)}`;
  const largest = clocks.reduce((most, { offset }) => Math.max(most, Math.abs(offset)), 0);
  return `stratum ${stratum} · within ${offsetText(largest).replace("+", "±")}`;
}

function stateWords({ kind }: TopologyNode, members: readonly TopologyHost[]): string {
  const counts = countStates(members.map(({ state }) => state));
  const troubled = HOST_STATES.filter((state) => counts[state] > 0 && state !== "fine");
  const words = troubled.map((state) => {
    const { mark, word } = STATE_WORDS[state];
    return kind === "host" ? `${mark} ${word}` : `${mark} ${counts[state]} ${word}`;
  });
  if (kind === "group") words.unshift(counted(members.length, "host"));
  else if (words.length === 0) words.push(`${STATE_WORDS.fine.mark} ${STATE_WORDS.fine.word}`);
  return words.join(" · ");
}
