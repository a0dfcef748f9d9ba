import { escapeControls } from "../../core/byte-text.ts";

/** HTML or SVG that may stand in a page as it is; only `html` and `joined` make it, so that all other text is escaped. */
export interface Markup {
  readonly markup: string;
}

/** What `html` takes: text is escaped, markup is not, lists are put together, `undefined` and `false` are nothing. */
export type Piece = Markup | string | number | undefined | false | readonly Piece[];

/** A template whose values are escaped: hosts' names, their words and their files are hostile text. */
export function html(strings: TemplateStringsArray, ...pieces: Piece[]): Markup {
  let markup = strings[0] ?? "";
  pieces.forEach((piece, index) => {
    markup += rendered(piece) + (strings[index + 1] ?? "");
  });
  return { markup };
}

/** Pieces with one between each two of them. */
export function joined(pieces: readonly Piece[], between: Piece): Markup {
  return { markup: pieces.map(rendered).join(rendered(between)) };
}

/** Text of lfce's own build (its style, its script): neither hosts nor people wrote it. */
export function trusted(markup: string): Markup {
  return { markup };
}

/**
 * Data for a script element of type application/json. In JSON, `<` stands inside strings only, so that its escape
 * changes no value and no text can end the element or open a comment in it (HTML, "script data state").
 */
export function jsonForScript(value: unknown): Markup {
  const text = JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "string" ? escapeControls(inner) : inner,
  );
  return { markup: text.replaceAll("<", "\\u003c").replaceAll(">", "\\u003e").replaceAll("&", "\\u0026") };
}

function rendered(piece: Piece): string {
  if (piece === undefined || piece === false) return "";
  if (typeof piece === "number") return String(piece);
  if (typeof piece === "string") return escapeText(piece);
  if ("markup" in piece) return piece.markup;
  return piece.map(rendered).join("");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeText(text: string): string {
  return escapeControls(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
