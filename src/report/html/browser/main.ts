import { readData } from "./data.ts";
import { setUpDialog } from "./host-dialog.ts";
import { rove } from "./roving.ts";
import { ROVED, setUpSearch } from "./search.ts";

const data = readData();
const openHost = setUpDialog(data);
setUpSearch(data, (host) => openHost(`#host-${host}`));
for (const [container, selector] of ROVED) {
  for (const one of document.querySelectorAll(container)) rove(one, selector);
}
// The newest night is what people come for.
const nights = document.querySelector("#timeline .scroll");
if (nights) nights.scrollLeft = nights.scrollWidth;

document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest('a[href^="#"]') : null;
  const target = link?.getAttribute("href");
  if (!link || !target || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (openHost(target, nightOf(link, event))) event.preventDefault();
  else if (openProblem(target)) document.querySelector<HTMLDialogElement>("dialog[open]")?.close();
});

addEventListener("hashchange", () => openProblem(location.hash));
if (!openHost(location.hash)) openProblem(location.hash);

/** The night that a click in a spell of several means; by keyboard, the newest. */
function nightOf(link: Element, event: MouseEvent): number | undefined {
  const cell = link.closest<HTMLTableCellElement>("td[class]");
  const newest = Number(link.getAttribute("data-night") ?? Number.NaN);
  if (!cell || Number.isNaN(newest)) return undefined;
  const box = cell.getBoundingClientRect();
  if (event.detail === 0 || event.clientX < box.left || event.clientX > box.right) return newest;
  const part = Math.floor(((event.clientX - box.left) / box.width) * cell.colSpan);
  return newest - cell.colSpan + 1 + Math.min(part, cell.colSpan - 1);
}

/** A finding that a link goes to is opened, and the list around it. */
function openProblem(target: string): boolean {
  const place = /^#(problem|variant)-\d+$/.test(target) ? document.querySelector(target) : null;
  for (let around = place; around; around = around.parentElement) {
    if (around instanceof HTMLDetailsElement) around.open = true;
  }
  return place !== null;
}

// Who looks at a box sees what it hangs on.
for (const picture of document.querySelectorAll(".picture")) {
  const show = (node: Element | null) => {
    const own = node?.getAttribute("data-node");
    const near = new Set([own]);
    for (const line of picture.querySelectorAll("[data-from]")) {
      const ends = [line.getAttribute("data-from"), line.getAttribute("data-to")];
      const isOwn = own !== undefined && ends.includes(own);
      line.classList.toggle("near", isOwn);
      if (isOwn) for (const end of ends) near.add(end);
    }
    for (const one of picture.querySelectorAll(".node")) {
      one.classList.toggle("near", own !== undefined && near.has(one.getAttribute("data-node")));
    }
    picture.classList.toggle("looking", own !== undefined);
  };
  for (const type of ["pointerover", "focusin"]) {
    picture.addEventListener(type, ({ target }) =>
      show(target instanceof Element ? target.closest(".node") : null),
    );
  }
  for (const type of ["pointerleave", "focusout"]) picture.addEventListener(type, () => show(null));
}

// Paper cannot be opened: what is folded is unfolded for it, and folded again.
let unfolded: HTMLDetailsElement[] = [];
addEventListener("beforeprint", () => {
  unfolded = [...document.querySelectorAll<HTMLDetailsElement>("details:not([open])")];
  for (const one of unfolded) one.open = true;
});
addEventListener("afterprint", () => {
  for (const one of unfolded) one.open = false;
});
