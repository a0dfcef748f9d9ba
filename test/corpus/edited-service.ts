import type { ByteText } from "../../src/core/byte-text.ts";
import type { CorpusFile, CorpusServiceName } from "./corpus-files.ts";

/** The files of a host: path → bytes. */
export type HostFiles = ReadonlyMap<string, ByteText>;

/** A host's files after a plan was carried out; with errors they are as they were. */
export interface Outcome {
  files: Map<string, ByteText>;
  /** Codes of the plan's errors, each once. */
  errors: string[];
  /** The main file as it would be handed to the daemon for validation; undefined when nothing changes. */
  stagedMain: ByteText | undefined;
}

/** Something that a playbook declares for one service of a host, to be tried on every file. */
export interface RoleSetting {
  name: string;
  /** Carries out what the playbook declares. `version` is the host's; left out: Debian 12's, or the setting's own. */
  apply(files: HostFiles, version?: string): Outcome;
  /** The same, with the service's other role declared absent: so that one setting can follow any other. */
  applyAlone(files: HostFiles): Outcome;
  /** Carries out the same roles with `state: absent`. */
  undo(files: HostFiles, version?: string): Outcome;
}

/** A service as the corpus run sees it. */
export interface EditedService<Setting extends RoleSetting = RoleSetting> {
  name: CorpusServiceName;
  mainFile: string;
  /** The files of the corpus, and variants of them that say more about this service. */
  files(): CorpusFile[];
  settings: readonly Setting[];
  /** Errors that an unreadable or entangled file may deserve; any other error of a plan is a violation. */
  deservedErrors: ReadonlySet<string>;
  /** print(parse(text)). */
  reprint(text: ByteText): ByteText;
  /** The text without lfce's blocks and marks. */
  withoutLfce(text: ByteText): ByteText;
  /** lfce's blocks in a text, in order. */
  blocks(text: ByteText): ByteText[];
  /** Whether neighbouring lines that lfce switched off, without their marks, are what a role may own. */
  isOwned(lines: ByteText): boolean;
}
