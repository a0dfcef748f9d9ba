/**
 * Whether a text fits a pattern of ssh_config(5), PATTERNS: `*` and `?` only; brackets are part of `[host]:port`.
 * Linear in memory, no backtracking over several stars.
 */
export function wildcardMatches(pattern: string, text: string): boolean {
  let patternAt = 0;
  let textAt = 0;
  let starAt = -1;
  let resumeAt = 0;
  while (textAt < text.length) {
    const wanted = pattern[patternAt];
    if (wanted === "*") {
      starAt = patternAt;
      patternAt += 1;
      resumeAt = textAt;
    } else if (wanted !== undefined && (wanted === "?" || wanted === text[textAt])) {
      patternAt += 1;
      textAt += 1;
    } else if (starAt !== -1) {
      patternAt = starAt + 1;
      resumeAt += 1;
      textAt = resumeAt;
    } else return false;
  }
  while (pattern[patternAt] === "*") patternAt += 1;
  return patternAt === pattern.length;
}

/** Whether the comma-separated patterns fit, as `anyPatternMatches` has it. */
export function patternListMatches(patterns: string, text: string): boolean {
  return anyPatternMatches(patterns.split(","), text);
}

/**
 * Whether one of the patterns fits and none with `!` before it does. An empty list, and one of negations only, fits
 * nothing.
 */
export function anyPatternMatches(patterns: readonly string[], text: string): boolean {
  let matched = false;
  for (const pattern of patterns) {
    const negated = pattern.startsWith("!");
    if (!wildcardMatches(negated ? pattern.slice(1) : pattern, text)) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}
