import { createHash } from "node:crypto";
import { type ByteText, toBytes } from "./byte-text.ts";

/** The SHA-256 of a file's content, hexadecimal, as sha256sum(1) prints it. */
export function checksumOf(content: ByteText): string {
  return createHash("sha256").update(toBytes(content)).digest("hex");
}
