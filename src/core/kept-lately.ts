/** The hosts of a fleet have mostly the same few files; larger ones are rare. */
const MOST = 64;
const LONGEST = 32 * 1024;

/**
 * `work`, with what it made of the latest texts kept: what a fleet's hosts have in common is then done once. Only for
 * results that nobody changes.
 */
export function keptLately<Result>(work: (text: string) => Result): (text: string) => Result {
  const results = new Map<string, Result>();
  return (text) => {
    if (results.has(text)) return results.get(text) as Result;
    const result = work(text);
    if (text.length > LONGEST) return result;
    const [oldest] = results.keys();
    if (results.size >= MOST && oldest !== undefined) results.delete(oldest);
    results.set(text, result);
    return result;
  };
}
