import { closest, distance } from "fastest-levenshtein";

/**
 * The candidate that somebody who typed `word` most probably meant, or undefined when none is close:
 * at most a third of the letters may differ, and at least one letter may.
 */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  const list = [...candidates];
  if (list.length === 0 || word === "") return undefined;
  const lower = word.toLowerCase();
  const found = closest(
    lower,
    list.map((candidate) => candidate.toLowerCase()),
  );
  const candidate = list.find((item) => item.toLowerCase() === found);
  const allowed = Math.max(1, Math.floor(Math.max(word.length, found.length) / 3));
  // Two letters that changed places count as one slip, not as two.
  const swapped = lower.length === found.length && sortedLetters(lower) === sortedLetters(found);
  return swapped || distance(lower, found) <= allowed ? candidate : undefined;
}

function sortedLetters(word: string): string {
  return [...word].sort().join("");
}

/** `did you mean X?`, or undefined when nothing is close. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const found = suggest(word, candidates);
  return found === undefined ? undefined : `did you mean ${found}?`;
}

/** `a, b or c`, for sentences. */
export function alternatives(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

/** `a, b and 12 more`: a list that stays readable. */
export function shortList(words: readonly string[], limit = 12): string {
  const shown = words.slice(0, limit).join(", ");
  return words.length > limit ? `${shown} and ${words.length - limit} more` : shown;
}
