import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import type { ByteText } from "../../src/core/byte-text.ts";
import { type CorpusServiceName, corpusFiles } from "./corpus-files.ts";
import type { EditedService } from "./edited-service.ts";
import { checkSetting, hostOf, type Violation } from "./rules.ts";

/** Ways in which an input is made. */
export const inputKinds = ["random bytes", "mutated corpus files", "mutated grammar fragments"] as const;
export type InputKind = (typeof inputKinds)[number];

const services = join(import.meta.dirname, "../../src/services");

/** The inputs of each kind that there are for a service: without a corpus, files of cases take its place. */
export function inputsOf(service: CorpusServiceName): Record<InputKind, fc.Arbitrary<ByteText>> {
  const cases = caseTexts(service);
  const lines = [...new Set(cases.flatMap((text) => text.split(/(?<=\n)/)))];
  const files = corpusFiles(service).map(({ content }) => content);
  const fragments = fc
    .array(fc.constantFrom(...lines), { minLength: 1, maxLength: 25 })
    .map((chosen) => chosen.join(""));
  const seeds = fc.constantFrom(...(files.length > 0 ? files : cases));
  return {
    "random bytes": fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
    "mutated corpus files": mutated(seeds, lines),
    "mutated grammar fragments": mutated(fragments, lines),
  };
}

/** Each of so many inputs is held to every rule of an edit, the others to being planned without a throw. */
const RULES_ON_ONE_IN = 5;

/** What came of generated inputs. */
export interface GeneratedTally {
  violations: Violation[];
  tried: number;
  /** Inputs on which the plan of a setting was carried out and compared. */
  edited: number;
}

/**
 * Tries `count` inputs: print(parse(x)) = x, no plan throws, and of some what can be planned keeps every rule.
 * It stops at the first input that breaks one, made as small as possible. The same `seed` makes the same inputs.
 */
export function tryGenerated(
  service: EditedService,
  kind: InputKind,
  options: { count: number; seed: number },
): GeneratedTally {
  const tally: GeneratedTally = { violations: [], tried: 0, edited: 0 };
  const input = fc.record({
    text: inputsOf(service.name)[kind],
    setting: fc.constantFrom(...service.settings),
    everyRule: fc.nat(RULES_ON_ONE_IN - 1).map((number) => number === 0),
  });
  const property = fc.property(input, ({ text, setting, everyRule }) => {
    tally.tried += 1;
    const printed = service.reprint(text);
    if (printed !== text) throw new Error(`print(parse(x)) is ${JSON.stringify(printed)}`);
    const host = hostOf(service, text);
    // Traces of lfce that it did not leave may go.
    if (!everyRule || text.includes("lfce")) {
      if (setting.apply(host).errors.length === 0) tally.edited += 1;
      return;
    }
    const { kind: outcome, broken } = checkSetting(service, setting, host);
    // Rubbish deserves any error; nothing may be thrown.
    if (outcome === "refused") return;
    tally.edited += 1;
    if (broken.length > 0) throw new Error(broken.map(({ rule, detail }) => `${rule}: ${detail}`).join("; "));
  });
  const { count: numRuns, seed } = options;
  const { failed, counterexample, errorInstance } = fc.check(property, { numRuns, seed });
  if (failed) {
    const [{ text, setting } = { text: "", setting: { name: "-" } }] = counterexample ?? [];
    const rule = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
    const detail = JSON.stringify(text);
    tally.violations.push({ file: `${kind}, seed ${seed}`, setting: setting.name, rule, detail });
  }
  return tally;
}

/** The files that cases start from: fragments of the grammar in every form that the project knows. */
function caseTexts(service: CorpusServiceName): ByteText[] {
  const directory = join(services, service, "cases");
  return readdirSync(directory)
    .sort()
    .map((name) => join(directory, name, "before.conf"))
    .filter((path) => existsSync(path))
    .map((path) => readFileSync(path, "latin1"));
}

/** One change of a text: of `length` bytes at `at`, a share of the text's length. */
interface Mutation {
  kind: "drop" | "repeat" | "insert" | "overwrite" | "line" | "cut" | "swap" | "endings";
  at: number;
  length: number;
  bytes: ByteText;
  line: ByteText;
}

function mutated(texts: fc.Arbitrary<ByteText>, lines: readonly ByteText[]): fc.Arbitrary<ByteText> {
  const special = fc.constantFrom(..."(){}[]\"'`\\\n\r\t $&*.#/:;,=~@!|-%?".split(""));
  const bytes = fc
    .array(
      fc.oneof(
        special,
        fc.nat(255).map((code) => String.fromCharCode(code)),
      ),
      { maxLength: 8 },
    )
    .map((characters) => characters.join(""));
  const mutation: fc.Arbitrary<Mutation> = fc.record({
    kind: fc.constantFrom("drop", "repeat", "insert", "overwrite", "line", "cut", "swap", "endings"),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.nat(60),
    bytes,
    line: fc.constantFrom(...lines),
  });
  return fc
    .tuple(texts, fc.array(mutation, { minLength: 1, maxLength: 6 }))
    .map(([text, mutations]) => mutations.reduce(mutate, text));
}

function mutate(text: ByteText, { kind, at, length, bytes, line }: Mutation): ByteText {
  const start = Math.floor(at * text.length);
  const end = Math.min(text.length, start + length);
  const [before, piece, after] = [text.slice(0, start), text.slice(start, end), text.slice(end)];
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  switch (kind) {
    case "drop":
      return before + after;
    case "repeat":
      return before + piece + piece + after;
    case "insert":
      return before + bytes + piece + after;
    case "overwrite":
      return before + bytes + after;
    case "line":
      return text.slice(0, lineStart) + line + text.slice(lineStart);
    case "cut":
      return before;
    case "swap":
      return after + before;
    case "endings":
      return text.includes("\r\n") ? text.replaceAll("\r\n", "\n") : text.replaceAll("\n", "\r\n");
  }
}
