import type { PageData } from "../page-data.ts";
import { indexes } from "./data.ts";
import { mendStop } from "./roving.ts";

/**
 * The field that finds hosts by any part of their names: lines of others are hidden, boxes of others fade. `/` goes
 * there, Enter opens the first host found, Escape shows all again.
 */
export function setUpSearch(data: PageData, open: (host: number) => void): void {
  const field = document.querySelector<HTMLInputElement>("#search");
  const result = document.querySelector("#search-result");
  if (!field || !result) return;
  const members = Object.entries(data.members).map(([id, ranges]) => [id, indexes(ranges)] as const);
  let found: number[] = [];
  const show = () => {
    const words = field.value
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== "");
    found = data.hosts.flatMap(({ n }, index) =>
      words.every((word) => n.toLowerCase().includes(word)) ? [index] : [],
    );
    const isFound = new Set(found);
    const isAll = words.length === 0;
    data.hosts.forEach((_, index) => {
      hide(document.getElementById(`host-${index}`), !isFound.has(index));
    });
    for (const [id, hosts] of members) {
      const isMiss = !isAll && !hosts.some((host) => isFound.has(host));
      if (!id.startsWith("node-")) hide(document.getElementById(id), isMiss);
      else document.querySelector(`.node[data-node="${id.slice(5)}"]`)?.classList.toggle("miss", isMiss);
    }
    document.querySelector(".picture")?.classList.toggle("searched", !isAll);
    const told = isAll ? "" : `${found.length} of ${data.hosts.length}`;
    result.textContent = told;
    const note = document.querySelector<HTMLElement>("#hosts-found");
    if (note) {
      note.hidden = isAll;
      note.textContent = `Hosts that match: ${told}.`;
    }
    for (const [container, selector] of ROVED) {
      const one = document.querySelector(container);
      if (one) mendStop(one, selector);
    }
  };
  field.addEventListener("input", show);
  field.addEventListener("keydown", (event) => {
    const [first] = found;
    if (event.key === "Enter" && field.value.trim() !== "" && first !== undefined) {
      event.preventDefault();
      open(first);
    }
    if (event.key !== "Escape") return;
    event.preventDefault();
    if (field.value === "") field.blur();
    field.value = "";
    show();
  });
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target instanceof Element && event.target.closest("input, dialog") !== null;
    if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    field.select();
    field.focus();
  });
  field.closest<HTMLElement>(".search")?.removeAttribute("hidden");
}

/** Where arrow keys go, and to what. */
export const ROVED: readonly (readonly [string, string])[] = [
  [".nights", "tbody a"],
  [".hosts-table", "th a"],
  [".picture", "a.node"],
];

function hide(item: HTMLElement | null, isHidden: boolean): void {
  if (item) item.hidden = isHidden;
}
