import { escapeLine } from "../core/byte-text.ts";
import { markupWords } from "../core/markup-words.ts";
import type { Notification } from "./notification.ts";
import { sectionsOf, someHosts, titleOf } from "./text.ts";

/** Longer messages are cut by Slack; the places that are compatible with it differ. */
const MAXIMUM_TEXT = 3500;

/** The body of a Slack-compatible webhook (Slack, Mattermost, Rocket.Chat …): `{text}` in its markup. */
export function slackMessage(notification: Notification): { text: string; unfurl_links: boolean } {
  const lines = [
    `*${slackText(titleOf(notification))}*`,
    ...sectionsOf(notification).flatMap(({ title, lines: told, more }) => [
      `*${title}*`,
      ...told.map(({ hosts, sentence }) => {
        const names = someHosts(hosts, slackCode);
        return `• ${names === "" ? "" : `${names}: `}${slackText(sentence)}`;
      }),
      ...(more > 0 ? [`• … and ${more} more`] : []),
    ]),
  ];
  return { text: withinLimit(lines).join("\n"), unfurl_links: false };
}

/** Whole lines only, so that no code span stays open. */
function withinLimit(lines: readonly string[]): string[] {
  const kept: string[] = [];
  let room = MAXIMUM_TEXT;
  for (const line of lines) {
    room -= line.length + 1;
    if (room < 0) return [...kept, "…"];
    kept.push(line);
  }
  return kept;
}

/** A sentence whose words cannot act as markup, links or mentions. */
function slackText(sentence: string): string {
  return markupWords(sentence)
    .map(({ code, text }) => (code ? slackCode(text) : slackEscape(text)))
    .join(" ");
}

/** Slack's code spans know no escape for a backtick. */
function slackCode(text: string): string {
  const shown = slackEscape(escapeLine(text).replaceAll("`", "'"));
  return shown.trim() === "" ? "` `" : `\`${shown.slice(0, 500)}\``;
}

function slackEscape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
