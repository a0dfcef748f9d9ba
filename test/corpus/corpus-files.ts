import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ByteText } from "../../src/core/byte-text.ts";

/** A real configuration file of the corpus. */
export interface CorpusFile {
  /** Its path inside the corpus: `chrony/0001-….conf`. */
  name: string;
  content: ByteText;
}

/** A service whose files the corpus has. */
export type CorpusServiceName = "chrony" | "rsyslog";

/** Where the corpus lies: LFCE_CORPUS, else a directory beside the project. It is not part of the project. */
export const corpusDirectory =
  process.env.LFCE_CORPUS ?? new URL("../../../shared/corpus", import.meta.url).pathname;

/** Why nothing can be tried on real files; undefined where the corpus is there. */
export function corpusMissing(service: CorpusServiceName): string | undefined {
  if (existsSync(join(corpusDirectory, service))) return undefined;
  return `no corpus at ${corpusDirectory}: no real ${service} file was tried (set LFCE_CORPUS)`;
}

/** The files from the field and the distributions' stock files of a service, in order; none without a corpus. */
export function corpusFiles(service: CorpusServiceName): CorpusFile[] {
  if (corpusMissing(service) !== undefined) return [];
  return [service, `stock/${service}`].flatMap((folder) =>
    readdirSync(join(corpusDirectory, folder))
      .filter((name) => /\.(conf|sources)$/.test(name))
      .sort()
      .map((name) => ({
        name: `${folder}/${name}`,
        content: readFileSync(join(corpusDirectory, folder, name), "latin1"),
      })),
  );
}
