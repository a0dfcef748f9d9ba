import type { FilePiece, FileToken } from "./file-tokens.ts";

/**
 * rsyslog properties of each token. What the sender controls goes through `securepath`, which turns `/` and
 * the names `.` and `..` into underscores. The date is the server's own ($year …), not the message's.
 */
const properties: Record<FileToken, readonly string[]> = {
  host: [`property(name="$.lfce_host")`],
  address: [`property(name="fromhost-ip")`],
  hostname: [`property(name="hostname" securepath="replace")`],
  program: [`property(name="programname" securepath="replace")`],
  year: [`property(name="$year")`],
  month: [`property(name="$month")`],
  day: [`property(name="$day")`],
  date: [
    `property(name="$year")`,
    `constant(value="-")`,
    `property(name="$month")`,
    `constant(value="-")`,
    `property(name="$day")`,
  ],
};

/** A list template that makes a file name. `{host}` is taken from the variable that a look-up has set. */
export function renderTemplate(name: string, pieces: readonly FilePiece[]): string {
  const lines = pieces.flatMap((piece) =>
    "literal" in piece ? [`constant(value="${piece.literal}")`] : properties[piece.token],
  );
  return `template(name="${name}" type="list") {\n${lines.map((line) => `  ${line}\n`).join("")}}\n`;
}
