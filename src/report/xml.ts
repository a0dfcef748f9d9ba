import { escapeControls } from "../core/byte-text.ts";

/**
 * A text as the content of an XML element. What XML 1.0 (section 2.2) does not allow, and what hides or turns a text,
 * stands there as an escape that people can read (`\x1b`); newlines and tabs stay.
 */
export function xmlText(text: string): string {
  return escapeControls(text)
    .replace(NO_CHARACTER, "\u{fffd}")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}

/** A text as the value of an XML attribute, quotes around it included. Line breaks and tabs survive. */
export function xmlAttribute(text: string): string {
  const value = xmlText(text).replaceAll('"', "&quot;").replaceAll("\n", "&#10;").replaceAll("\t", "&#9;");
  return `"${value}"`;
}

/** The start of an element, or all of an empty one: attributes that are undefined are left out. */
export function xmlTag(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
  end: ">" | "/>" = ">",
): string {
  const written = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}=${xmlAttribute(String(value))}`],
  );
  return `<${name}${written.join("")}${end}`;
}

/** The two code points that are Unicode, and no control characters, but not XML. */
const NO_CHARACTER = /[\ufffe\uffff]/g;
