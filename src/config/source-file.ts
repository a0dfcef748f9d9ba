/** A file that somebody else has read. */
export interface SourceFile {
  path: string;
  text: string;
}
