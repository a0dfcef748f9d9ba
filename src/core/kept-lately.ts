/** How much is kept: of so many texts, none of them longer than `longest`. */
export interface Kept {
  most: number;
  longest: number;
}

/** The hosts of a fleet have mostly the same few files; larger ones are rare. */
const FEW: Kept = { most: 64, longest: 32 * 1024 };

/**
 * `work`, with what it made of the latest texts kept: what a fleet's hosts have in common is then done once. Only for
 * results that nobody changes.
 */
export function keptLately<Result>(work: (text: string) => Result, kept = FEW): (text: string) => Result {
  const results = new Map<string, Result>();
  return (text) => {
    if (results.has(text)) return results.get(text) as Result;
    const result = work(text);
    if (text.length > kept.longest) return result;
    const [oldest] = results.keys();
    if (results.size >= kept.most && oldest !== undefined) results.delete(oldest);
    results.set(text, result);
    return result;
  };
}
