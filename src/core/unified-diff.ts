import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";
import { type ByteText, displayText } from "./byte-text.ts";
import { redactSecrets } from "./redact.ts";

/**
 * The unified diff of one file for people: decoded, control characters escaped, secrets hidden. A carriage
 * return is shown as `\x0d`, so that a change of line ends can be seen. Null stands for "no file".
 */
export function unifiedDiff(path: string, before: ByteText | null, after: ByteText | null): string {
  const shown = (content: ByteText | null) =>
    content === null ? "" : redactSecrets(content.split("\n").map(displayText).join("\n"));
  return createTwoFilesPatch(
    before === null ? "/dev/null" : path,
    after === null ? "/dev/null" : path,
    shown(before),
    shown(after),
    undefined,
    undefined,
    { context: 3, headerOptions: FILE_HEADERS_ONLY },
  );
}
