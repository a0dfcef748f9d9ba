import { escapeLine } from "../core/byte-text.ts";
import { markupWords } from "../core/markup-words.ts";

/** A text as a code span (CommonMark 6.1): nothing in it is markup, a link or a mention. */
export function codeSpan(text: string): string {
  const shown = escapeLine(text);
  if (shown.trim() === "") return "` `";
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  // A backtick at an edge would join the fence; blanks at both edges would be taken away.
  const room = /^[` ]|[` ]$/.test(shown) ? " " : "";
  return `${fence}${room}${shown}${room}${fence}`;
}

/** A sentence in Markdown: words that could act as markup stand in code spans, the others as they are. */
export function markdownSentence(sentence: string): string {
  return markupWords(sentence)
    .map(({ code, text }) => (code ? codeSpan(text) : text))
    .join(" ");
}
