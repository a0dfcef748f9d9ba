/**
 * The words of a command line without a shell: blanks part words, and a part in single or double quotes is taken as it
 * stands. Nothing is expanded and nothing escapes. Undefined if a quote stays open.
 */
export function splitWords(text: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  for (const [part] of text.matchAll(/'[^']*'|"[^"]*"|\s+|[^\s'"]+|['"]/g)) {
    if (/^\s/.test(part)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (/^['"]/.test(part)) {
      if (part.length === 1) return undefined;
      word = (word ?? "") + part.slice(1, -1);
    } else word = (word ?? "") + part;
  }
  return word === undefined ? words : [...words, word];
}
