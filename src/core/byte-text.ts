/**
 * File contents as lfce edits them: a string in which every character is one byte (latin1), so that files
 * in any encoding, or in none, survive parsing and printing byte for byte. Never show one to a person
 * without `displayText`, and never mix one with ordinary text without `byteText`.
 */
export type ByteText = string;

/** Reads bytes into a `ByteText`. */
export function fromBytes(bytes: Uint8Array): ByteText {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** The bytes of a `ByteText`. */
export function toBytes(text: ByteText): Buffer {
  return Buffer.from(text, "latin1");
}

/** Ordinary (UTF-16) text as the `ByteText` of its UTF-8 encoding. */
export function byteText(text: string): ByteText {
  return Buffer.from(text, "utf8").toString("latin1");
}

/**
 * A `ByteText` decoded as UTF-8, as paths and names of users are in lfce: bytes that are not UTF-8 become U+FFFD and are
 * never written back. Not for printing.
 */
export function decodedText(text: ByteText): string {
  return toBytes(text).toString("utf8");
}

/** A `ByteText` as text for people: decoded as UTF-8, with control characters shown as escapes. */
export function displayText(text: ByteText): string {
  return escapeControls(decodedText(text));
}

/**
 * Makes visible what is not: control characters (ESC becomes `\x1b`), so that no file or host can drive a terminal,
 * and characters that turn the direction of text, join, hide or break lines (U+202E becomes `\u202e`), so that none
 * can make a text look like another. Tabs and newlines stay.
 */
export function escapeControls(text: string): string {
  return text.replace(UNSAFE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code <= 0xff) return `\\x${code.toString(16).padStart(2, "0")}`;
    return code <= 0xffff ? `\\u${code.toString(16).padStart(4, "0")}` : `\\u{${code.toString(16)}}`;
  });
}

/**
 * C0, DEL and C1 but for tab and newline; Unicode's format characters (general category Cf: bidirectional marks, tags
 * …), everything that is drawn as nothing (zero-width characters, variation selectors, fillers), its line and
 * paragraph separators, and halves of surrogate pairs.
 */
export const UNSAFE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]|\p{Cf}|\p{Default_Ignorable_Code_Point}|\p{Cs}/gu;

/** The same for what must stay on one line: newlines and tabs are escaped, too. */
export function escapeLine(text: string): string {
  return escapeControls(text).replaceAll("\n", "\\n").replaceAll("\t", "\\t");
}
