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

/** A `ByteText` as text for people: decoded as UTF-8, with control characters shown as escapes. */
export function displayText(text: ByteText): string {
  return escapeControls(Buffer.from(text, "latin1").toString("utf8"));
}

/** Makes control characters visible (ESC becomes `\x1b`), so that no file or host can drive a terminal. */
export function escapeControls(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}
