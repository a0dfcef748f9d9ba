/** A word as it can be pasted into a POSIX shell; quoted only where a shell would need it. */
export function shellWord(word: string): string {
  return /^[\w./:@%+-][\w./~:@%+-]*$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
