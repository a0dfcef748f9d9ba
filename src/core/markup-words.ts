import { escapeLine } from "./byte-text.ts";

/**
 * Splits a sentence, which may hold words of hosts and files, for a markup language: `code` pieces must not act as
 * markup (links, mentions, emphasis, tags) and are to be shown as code, the others hold nothing that any markup acts
 * upon. Neighbouring words of one kind are one piece; the pieces joined by blanks are the sentence on one line.
 */
export function markupWords(sentence: string): { code: boolean; text: string }[] {
  const pieces: { code: boolean; text: string }[] = [];
  for (const word of escapeLine(sentence).split(" ")) {
    const code = !PLAIN_WORD.test(word) || LINK.test(word);
    const last = pieces.at(-1);
    // An empty word is a second blank: part of whatever stands before it.
    if (last && (last.code === code || word === "")) last.text += ` ${word}`;
    else pieces.push({ code, text: word });
  }
  return pieces;
}

/** Letters of any script, digits, and the punctuation of sentences. */
const PLAIN_WORD = /^[\p{L}\p{M}\p{N}.,:;()'"/%=?-]*$/u;

const LINK = /:\/\/|www\./i;
