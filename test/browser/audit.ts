import type { Page } from "playwright-core";

/**
 * What a person with a screen reader, with poor eyes or without a mouse would trip over, in words; checks of our own
 * after WCAG 2.2 (1.1.1, 1.3.1, 1.4.3, 2.4.1, 2.4.6, 4.1.2). Only of what is shown now.
 */
export async function audit(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const faults: string[] = [];
    const shown = (element: Element) => element.checkVisibility({ visibilityProperty: true });
    const words = (element: Element) => (element.textContent ?? "").trim().slice(0, 40);
    const labelled = (element: Element): string => {
      const by = element.getAttribute("aria-labelledby");
      const text = by === null ? null : document.getElementById(by)?.textContent;
      return (text ?? element.getAttribute("aria-label") ?? "").trim();
    };

    if (document.documentElement.lang === "") faults.push("the page has no language");
    if (document.title === "") faults.push("the page has no title");
    if (document.querySelectorAll("h1").length !== 1) faults.push("not exactly one h1");
    if (document.querySelectorAll("main").length !== 1) faults.push("not exactly one main");
    let level = 1;
    for (const heading of document.querySelectorAll("h1, h2, h3, h4")) {
      if (!shown(heading) || heading.closest("dialog")) continue;
      const own = Number(heading.tagName.slice(1));
      if (own > level + 1) faults.push(`heading "${words(heading)}" skips a level`);
      level = own;
    }
    for (const region of document.querySelectorAll(
      "section, nav, dialog[open], [role=region], [role=group]",
    )) {
      if (shown(region) && labelled(region) === "") faults.push(`a ${region.tagName} has no name`);
    }
    for (const control of document.querySelectorAll("a[href], button, input, summary")) {
      if (!shown(control)) continue;
      const label =
        control instanceof HTMLInputElement ? (control.labels?.[0]?.textContent ?? "") : words(control);
      if (label === "" && labelled(control) === "")
        faults.push(`a ${control.tagName} has no name: ${control.outerHTML.slice(0, 90)}`);
    }
    for (const picture of document.querySelectorAll("svg")) {
      const isHidden = picture.closest("[aria-hidden=true]") !== null;
      if (!isHidden && labelled(picture) === "") faults.push("a picture has no words");
    }
    for (const table of document.querySelectorAll("table")) {
      if (table.querySelector("thead th[scope]") === null) faults.push("a table has no headings");
    }
    const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
    for (const id of new Set(ids))
      if (ids.filter((other) => other === id).length > 1) faults.push(`two are called ${id}`);
    for (const attribute of ["aria-labelledby", "aria-describedby", "for"]) {
      for (const element of document.querySelectorAll(`[${attribute}]`)) {
        const id = element.getAttribute(attribute) ?? "";
        const isDrawn = !element.matches("dialog:not([open])");
        if (isDrawn && document.getElementById(id) === null)
          faults.push(`${attribute} names ${id}, which is not there`);
      }
    }
    return faults;
  });
}

/** Texts whose colour is too close to what is behind them: less than 4.5:1 (3:1 for large ones). */
export async function lowContrast(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    type Colour = [number, number, number, number];
    const parse = (text: string): Colour => {
      const numbers = text.match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0, 0];
      return [numbers[0] ?? 0, numbers[1] ?? 0, numbers[2] ?? 0, numbers[3] ?? 1];
    };
    const luminance = ([red, green, blue]: Colour) => {
      const [r = 0, g = 0, b = 0] = [red, green, blue].map((value) => {
        const part = value / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element: Element): Colour => {
      const box =
        element.closest(".node")?.querySelector(".box") ??
        element.parentElement?.querySelector(":scope > rect");
      if (element instanceof SVGElement && box) return parse(getComputedStyle(box).fill);
      for (let around: Element | null = element; around; around = around.parentElement) {
        const colour = parse(getComputedStyle(around).backgroundColor);
        if (colour[3] > 0.99) return colour;
      }
      return [255, 255, 255, 1];
    };
    const faults = new Set<string>();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      const text = (node.textContent ?? "").trim();
      if (!element || text === "" || element.closest("script, style, title, dialog:not([open])")) continue;
      if (!element.checkVisibility()) continue;
      const style = getComputedStyle(element);
      const colour = parse(element instanceof SVGElement ? style.fill : style.color);
      const [light = 0, dark = 0] = [luminance(colour), luminance(behind(element))].sort((a, b) => b - a);
      const size = Number.parseFloat(style.fontSize);
      const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      const ratio = (light + 0.05) / (dark + 0.05);
      if (ratio < (isLarge ? 3 : 4.5))
        faults.add(
          `${ratio.toFixed(2)}:1 .${element.getAttribute("class") ?? element.tagName} "${text.slice(0, 30)}"`,
        );
    }
    return [...faults];
  });
}

/** Lines and marks (not text) against the ground they are drawn on: less than 3:1 (WCAG 1.4.11). */
export async function faintMarks(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const root = getComputedStyle(document.documentElement);
    const luminance = (name: string) => {
      const hex = root.getPropertyValue(name).trim().slice(1);
      const full = hex.length === 3 ? [...hex].map((digit) => digit + digit).join("") : hex;
      const [r = 0, g = 0, b = 0] = [0, 2, 4].map((at) => {
        const part = Number.parseInt(full.slice(at, at + 2), 16) / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    return ["--time", "--logs", "--broken", "--edge", "--fine", "--unknown", "--link"].flatMap((name) => {
      const [light = 0, dark = 0] = [luminance(name), luminance("--surface")].sort((a, b) => b - a);
      const ratio = (light + 0.05) / (dark + 0.05);
      return ratio < 3 ? [`${name} ${ratio.toFixed(2)}:1`] : [];
    });
  });
}
