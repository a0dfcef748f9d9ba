import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { HostHistory, ItemHistory, Night, NightOfHost } from "../../../src/core/history.ts";
import { historyText } from "../../../src/report/history-text.ts";
import { calendarIn } from "../../../src/report/html/calendar.ts";
import { createPaint } from "../../../src/report/paint.ts";

const screen = {
  calendar: calendarIn("UTC"),
  columns: 80,
  paint: createPaint(false),
  now: "2026-11-03T02:31:00.000Z",
};

const clean: NightOfHost = { state: "looked", found: 0, fresh: 0, resolved: 0 };
const unknown: NightOfHost = { ...clean, state: "unknown" };
const found = (count: number, fresh = 0): NightOfHost => ({ ...clean, found: count, fresh });
const gone: NightOfHost = { ...clean, resolved: 1 };

/** Nights from 31 October 2026 on; of each, what was found on which host. */
function nightsOf(...outcomes: Record<string, NightOfHost>[]): Night[] {
  return outcomes.map((hosts, index) => {
    const started = new Date(Date.UTC(2026, 9, 31 + index, 2, 30)).toISOString();
    const run = { path: "", run: "", playbook: "", version: "", started, ended: started, exitCode: 0 };
    return { run: { ...run, hosts: {} as never }, hosts: new Map(Object.entries(hosts)) };
  });
}

function history(host: string, seen: string, more: Partial<ItemHistory> = {}): HostHistory {
  const item = { code: "unit-stale", item: "chrony", message: "chrony is stale", looks: 2, seen };
  const since = "2026-11-01T02:30:00.000Z";
  return { host, looks: seen.length, met: since, items: [{ ...item, since, last: since, ...more }] };
}

function textOf(
  nights: Night[],
  hosts: HostHistory[],
  more: { inDetail?: boolean; columns?: number } = {},
): string[] {
  const { inDetail = false, columns = 80 } = more;
  return historyText({ playbook: "/srv/site.yml", nights, hosts, inDetail }, { ...screen, columns }).split(
    "\n",
  );
}

describe("drift over time, as a person reads it", () => {
  it("has a row for each of very many hosts over very many nights", () => {
    const hosts = Object.fromEntries(
      Array.from({ length: 1_500 }, (_, index) => [`web${index}`, found(100)]),
    );
    const text = textOf(nightsOf(...Array.from({ length: 120 }, () => hosts)), [], { inDetail: true });
    assert.equal(text.filter((line) => /^web\d+( +99)+$/.test(line)).length, 1_500);
  });

  it("shows who drifted in which night, with marks that need no colour, and counts the others", () => {
    const text = textOf(
      nightsOf(
        { web1: found(2, 2), web2: clean, web10: clean, web3: clean },
        { web1: found(2), web2: unknown, web10: clean, web3: clean },
        { web1: found(3, 1), web2: gone, web10: { ...clean, state: "skipped" } },
      ),
      [],
    );
    assert.deepEqual(text.slice(0, 8), [
      "/srv/site.yml  31 Oct 2026, 02:30 to 2 Nov 2026, 02:30, 3 runs",
      "",
      "          Nov",
      "       31  1  2",
      "web1   +2  2 +3",
      "web2    ·  ?  ✔",
      "",
      "2 hosts as declared in every run",
    ]);
  });

  it("tells since when and how often, hosts of which the same is to be said together", () => {
    const text = textOf(nightsOf({ web1: found(1) }), [
      history("web10", "00011"),
      history("web2", "00011"),
      history("web3", "10101", { looks: 1 }),
      history("web4", "00001", { looks: 1 }),
    ]);
    const at = text.indexOf("Standing");
    assert.deepEqual(text.slice(at, at + 6), [
      "Standing",
      "  ! chrony is stale (unit-stale)",
      "      since 2 nights  2 of 5 looks                             web2, web10",
      "      back again      3 of 5 looks, came back twice: flapping  web3",
      "      new             1 of 5 looks                             web4",
      "",
    ]);
  });

  it("shows what has gone where a host was asked for, else only what flaps", () => {
    const hosts = [history("web1", "0010"), history("web2", "10101010")];
    const inDetail = textOf(nightsOf({ web1: clean, web2: clean }), hosts, { inDetail: true }).join("\n");
    assert.match(inDetail, /^Gone\n.*\n(.*\n)? {6}last 1 Nov 2026, 02:30 {2}1 of 4 looks +web1$/m);
    const short = textOf(nightsOf({ web1: clean, web2: clean }), hosts).join("\n");
    assert.match(short, /Gone for now, but flapping\n.*\n {6}last .*came back 3 times: flapping {2}web2\n$/);
    assert.doesNotMatch(short, /web1/);
  });

  it("names those that nobody could look at", () => {
    const hosts = ["web2", "web10"].map((host) => ({
      ...history(host, "0"),
      items: [],
      unknownSince: "2026-10-31T02:30:00.000Z",
    }));
    assert.ok(
      textOf(nightsOf({ web2: unknown, web10: unknown }), hosts).includes(
        "  ? web2, web10  since 3 nights (31 Oct 2026, 02:30)",
      ),
    );
  });

  it("leaves out the oldest runs where a screen has no room for them, and says so", () => {
    const nights = nightsOf(...Array.from({ length: 20 }, (_, index) => ({ web1: found(index + 1) })));
    const text = textOf(nights, [], { columns: 40 });
    const row = text.find((line) => line.startsWith("web1")) ?? "";
    assert.ok([...row].length <= 40, row);
    assert.match(row, / 19 20$/);
    assert.ok(text.some((line) => /^\d+ earlier runs have no room/.test(line)));
  });

  it("cannot drive the terminal, nor break its own lines, by a host's name or a message", () => {
    const evil = "\u001b[2J\n\u202e";
    const hosts = [history(`web${evil}`, "1", { message: `m${evil}`, code: `c${evil}` })];
    const text = textOf(nightsOf({ [`web${evil}`]: found(1) }), hosts).join("\n");
    assert.doesNotMatch(text, /[\u001b\u202e]/);
    assert.match(text, /^web\\x1b\[2J\\n\\u202e +1$/m);
  });
});
