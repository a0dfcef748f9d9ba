import { escapeLine } from "../core/byte-text.ts";
import type { Notification } from "./notification.ts";
import { sectionsOf, someHosts, titleOf } from "./text.ts";

/** A mail (RFC 5322) for `sendmail -t -i`, which adds From, Date and Message-ID. `address` was checked by parseTarget. */
export function mailMessage(notification: Notification, address: string): string {
  return [
    `To: ${address}`,
    `Subject: ${encodedWords(titleOf(notification).slice(0, MAXIMUM_SUBJECT))}`,
    // RFC 3834: nobody's holiday message answers it.
    "Auto-Submitted: auto-generated",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: 8bit",
    "",
    ...mailBody(notification).flatMap(brokenLine),
    "",
  ].join("\n");
}

const MAXIMUM_SUBJECT = 300;

function mailBody(notification: Notification): string[] {
  const { playbook, controller, time, exitCode, run } = notification;
  return [
    titleOf(notification),
    ...sectionsOf(notification).flatMap(({ title, lines, more }) => [
      "",
      title,
      ...lines.map(({ hosts, sentence }) => {
        const names = someHosts(hosts, escapeLine);
        return `  ${names === "" ? "" : `${names}: `}${escapeLine(sentence)}`;
      }),
      ...(more > 0 ? [`  … and ${more} more`] : []),
    ]),
    "",
    `Playbook ${escapeLine(playbook)} on ${escapeLine(controller)}, ${time}, exit code ${exitCode}, run ${escapeLine(run)}.`,
    `More: lfce history, or lfce drift ${escapeLine(playbook)}`,
  ];
}

/** RFC 5322 allows 998 bytes a line; of what is longer, every piece stands on a line of its own. */
function brokenLine(line: string): string[] {
  return [...line.matchAll(/.{1,240}/gsu)].map(([piece]) => piece).concat(line === "" ? [""] : []);
}

/** A header's text: as it is where it is ASCII, else as encoded words (RFC 2047) of 45 bytes at most. */
function encodedWords(text: string): string {
  if (/^[ -~]*$/.test(text)) return text;
  const pieces: string[] = [""];
  for (const character of text) {
    const last = pieces.at(-1) ?? "";
    if (Buffer.byteLength(last + character) > 45) pieces.push(character);
    else pieces[pieces.length - 1] = last + character;
  }
  return pieces.map((piece) => `=?utf-8?B?${Buffer.from(piece).toString("base64")}?=`).join("\n ");
}
