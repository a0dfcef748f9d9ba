/** What a key asks for: a step in a direction, or an end of the line. */
const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/**
 * Makes many things one stop of the Tab key (WAI-ARIA practices, "roving tabindex"): inside, arrow keys go to the
 * nearest in their direction, Home and End to the ends of the line.
 */
export function rove(container: Element, selector: string): void {
  const items = () => [...container.querySelectorAll<HTMLElement | SVGAElement>(selector)].filter(isShown);
  const all = [...container.querySelectorAll<HTMLElement | SVGAElement>(selector)];
  for (const [index, item] of all.entries()) item.setAttribute("tabindex", index === 0 ? "0" : "-1");
  container.addEventListener("focusin", ({ target }) => {
    const item = target instanceof Element ? target.closest(selector) : null;
    if (!item) return;
    for (const other of container.querySelectorAll(`${selector}[tabindex="0"]`))
      other.setAttribute("tabindex", "-1");
    item.setAttribute("tabindex", "0");
  });
  container.addEventListener("keydown", (event) => {
    if (!(event instanceof KeyboardEvent) || event.altKey || event.ctrlKey || event.metaKey) return;
    const from = event.target instanceof Element ? event.target.closest<HTMLElement>(selector) : null;
    if (!from) return;
    const to = nextItem(from, items(), event.key);
    if (!to) return;
    event.preventDefault();
    event.stopPropagation();
    to.focus();
    to.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
}

/** After some were hidden: one that is shown takes the stop, so that Tab still comes in. */
export function mendStop(container: Element, selector: string): void {
  const stop = container.querySelector(`${selector}[tabindex="0"]`);
  if (stop && isShown(stop)) return;
  stop?.setAttribute("tabindex", "-1");
  [...container.querySelectorAll(selector)].find(isShown)?.setAttribute("tabindex", "0");
}

function nextItem(from: Element, items: readonly (HTMLElement | SVGAElement)[], key: string) {
  const own = from.getBoundingClientRect();
  const boxes = items.map((item) => ({ item, box: item.getBoundingClientRect() }));
  const inLine = boxes.filter(({ box }) => box.top < own.bottom - 1 && box.bottom > own.top + 1);
  if (key === "Home") return inLine.toSorted((a, b) => a.box.left - b.box.left)[0]?.item;
  if (key === "End") return inLine.toSorted((a, b) => b.box.left - a.box.left)[0]?.item;
  const step = STEPS[key];
  if (!step) return undefined;
  const [x, y] = step;
  const middle = (box: DOMRect) => [box.left + box.width / 2, box.top + box.height / 2] as const;
  const [ownX, ownY] = middle(own);
  let best: { item: HTMLElement | SVGAElement; distance: number } | undefined;
  // Right stays in its line as long as that goes on.
  const ahead = inLine.filter(({ box }) =>
    x > 0 ? box.left >= own.right - 1.5 : box.right <= own.left + 1.5,
  );
  for (const { item, box } of x !== 0 && ahead.length > 0 ? ahead : boxes) {
    if (item === from) continue;
    const gap =
      x > 0
        ? box.left - own.right
        : x < 0
          ? own.left - box.right
          : y > 0
            ? box.top - own.bottom
            : own.top - box.bottom;
    if (gap < -1.5) continue;
    const [otherX, otherY] = middle(box);
    // What is straight ahead is nearer than what is as far away to the side.
    const sideways = x !== 0 ? Math.abs(otherY - ownY) * 4 : Math.abs(otherX - ownX) * 0.5;
    const distance = (x !== 0 ? Math.abs(otherX - ownX) : Math.abs(otherY - ownY) * 4) + sideways;
    if (!best || distance < best.distance) best = { item, distance };
  }
  return best?.item;
}

function isShown(item: Element): boolean {
  return item.getClientRects().length > 0;
}
