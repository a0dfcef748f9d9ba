import type { PageData } from "../page-data.ts";
import { element, indexes } from "./data.ts";

/** A host, or several that share a row of the timeline or a box of the picture. */
interface Subject {
  title: string;
  hosts: readonly number[];
  /** Row of the timeline. */
  row: number | undefined;
  night: number;
}

/** As in host-state.ts: the order of HOST_STATES. */
const STATES = ["drifted", "unknown", "absent", "fine"] as const;
const WORDS = ["drifted", "unknown", "not looked at", "as declared"] as const;
const MARKS = ["", "?", "–", ""] as const;

/** So many wordings of one problem are shown for several hosts. */
const WORDINGS = 5;

/** The dialog that shows a host night by night; returns what opens it for a link such as `#host-12`. */
export function setUpDialog(data: PageData): (target: string, night?: number) => boolean {
  const dialog = document.querySelector<HTMLDialogElement>("#host-dialog");
  const last = data.nights.length - 1;
  let subject: Subject | undefined;
  const subjectOf = (target: string, night: number): Subject | undefined => {
    const [, kind, number = ""] = /^#(host|row|group)-(\d+)$/.exec(target) ?? [];
    const index = Number(number);
    if (kind === "host") {
      const host = data.hosts[index];
      return host && { title: host.n, hosts: [index], row: host.r < 0 ? undefined : host.r, night };
    }
    const row = data.rows[index];
    if (kind === "row" && row) {
      const hosts = indexes(row.h);
      return { title: `${hosts.length} hosts with the same nights`, hosts, row: index, night };
    }
    const group = data.groups[number];
    if (kind !== "group" || !group) return undefined;
    const hosts = indexes(group.h);
    return { title: `${group.t}: ${hosts.length} hosts`, hosts, row: undefined, night };
  };
  const draw = () => {
    if (!dialog || !subject) return;
    const { title, hosts, row, night } = subject;
    const close = element("button", { type: "button", class: "close", "aria-label": "Close" }, "✕");
    close.addEventListener("click", () => dialog.close());
    const [only] = hosts;
    dialog.replaceChildren(
      element("div", { class: "dialog-head" }, element("h2", { id: "dialog-title" }, title), close),
      ...(hosts.length === 1 && only !== undefined ? [facts(only)] : []),
      ...(row === undefined ? [] : [strip(data, row, night, go), ...problemsOf(data, hosts, row, night)]),
      ...(row === undefined && hosts.length === 1 ? noRow(data, only ?? 0) : []),
      ...(hosts.length > 1 ? [memberList(data, hosts)] : []),
    );
  };
  const go = (night: number) => {
    if (!subject || subject.row === undefined || night < 0 || night > last || !dialog) return;
    subject.night = night;
    draw();
    dialog.querySelector<HTMLElement>('.strip [aria-pressed="true"]')?.focus();
  };
  dialog?.addEventListener("keydown", (event) => {
    if (!subject || event.altKey || event.ctrlKey || event.metaKey) return;
    const to = { ArrowLeft: subject.night - 1, ArrowRight: subject.night + 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    go(to);
  });
  dialog?.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  return (target, night = last) => {
    subject = subjectOf(target, Math.min(Math.max(night, 0), last));
    if (!subject || !dialog) return false;
    draw();
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
    dialog.querySelector<HTMLElement>('.strip [aria-pressed="true"], .close')?.focus();
    return true;
  };
}

/** What the table of hosts says of it. */
function facts(host: number): HTMLElement {
  const list = element("dl", { class: "facts" });
  const names = [...document.querySelectorAll(".hosts-table thead th")].map((cell) => cell.textContent ?? "");
  document.querySelectorAll(`#host-${host} td`).forEach((cell, index) => {
    const value = element("dd", {});
    value.append(...[...cell.childNodes].map((node) => node.cloneNode(true)));
    list.append(element("div", {}, element("dt", {}, names[index + 1] ?? ""), value));
  });
  return list;
}

/** The row of the timeline as buttons, one a night, one stop of the Tab key. */
function strip(data: PageData, row: number, chosen: number, go: (night: number) => void): HTMLElement {
  const made = element("div", {
    class: "strip",
    role: "group",
    "aria-label": "Nights; arrow keys go through them",
  });
  for (const [first, nights, state, problems] of data.rows[row]?.s ?? []) {
    for (let night = first; night < first + nights; night += 1) {
      const count = problems.length;
      const level = state > 0 ? STATES[state] : count >= 4 ? "d3" : count >= 2 ? "d2" : "d1";
      const words = `${data.nights[night]}: ${WORDS[state]}${state === 0 ? `, ${count} found` : ""}`;
      const button = element(
        "button",
        {
          type: "button",
          class: `cell ${level}`,
          "aria-label": words,
          title: words,
          "aria-pressed": String(night === chosen),
          tabindex: night === chosen ? "0" : "-1",
        },
        state === 0 ? String(count) : (MARKS[state] ?? ""),
      );
      button.addEventListener("click", () => go(night));
      made.append(button);
    }
  }
  return made;
}

function problemsOf(data: PageData, hosts: readonly number[], row: number, night: number): HTMLElement[] {
  const spell = data.rows[row]?.s.find(([first, nights]) => night >= first && night < first + nights);
  const [first = night, nights = 1, state = 3, problems = []] = spell ?? [];
  const span =
    nights > 1
      ? ` The same on ${nights} nights, ${data.nights[first]} to ${data.nights[first + nights - 1]}.`
      : "";
  const heading = element("h3", {}, `${data.nights[night]}: ${WORDS[state]}`);
  const articles = problems.map((problem) => {
    const own = hosts
      .flatMap((host) => data.hosts[host]?.v ?? [])
      .filter((variant) => data.problems[variant] === problem);
    return problemArticle(problem, [...new Set(own)]);
  });
  const note =
    state === 0 && night < data.nights.length - 1
      ? " Words and evidence are those of the last night that found it."
      : "";
  return [heading, element("p", { class: "intro" }, `${span}${note}`.trim()), ...articles];
}

function problemArticle(problem: number, variants: readonly number[]): HTMLElement {
  const listed = document.getElementById(`problem-${problem}`);
  const what = listed?.querySelector(".what")?.textContent ?? "";
  const code = listed?.querySelector(".code")?.textContent ?? "";
  const article = element("article", { class: "found-one" });
  article.append(element("h4", {}, what, " ", element("code", { class: "code" }, code)));
  for (const variant of variants.slice(0, WORDINGS)) {
    const said = document.querySelector(`#variant-${variant} .said`);
    if (said) article.append(said.cloneNode(true));
  }
  if (variants.length > WORDINGS) {
    const more = element("a", { href: `#problem-${problem}` }, `${variants.length - WORDINGS} more wordings`);
    article.append(element("p", {}, more));
  }
  return article;
}

/** A host that never drifted may have an error now, which nobody sees in the timeline. */
function noRow(data: PageData, host: number): HTMLElement[] {
  const variants = data.hosts[host]?.v ?? [];
  if (variants.length === 0)
    return [element("p", { class: "empty" }, `Nothing was found in ${data.nights.length} nights.`)];
  const problems = new Set(variants.flatMap((variant) => data.problems[variant] ?? []));
  return [...problems].map((problem) =>
    problemArticle(
      problem,
      variants.filter((variant) => data.problems[variant] === problem),
    ),
  );
}

function memberList(data: PageData, hosts: readonly number[]): HTMLElement {
  const list = element("p", { class: "hosts" });
  hosts.forEach((host, index) => {
    if (index > 0) list.append(", ");
    list.append(element("a", { href: `#host-${host}` }, data.hosts[host]?.n ?? ""));
  });
  return element("section", {}, element("h3", {}, `The ${hosts.length} hosts`), list);
}
