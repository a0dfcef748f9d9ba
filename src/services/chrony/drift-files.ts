import { byteText } from "../../core/byte-text.ts";
import type { ServicePlan } from "../../core/host-plan.ts";
import type { ObservedHost } from "../../core/observed.ts";
import type { LocatedFinding } from "../host-drift.ts";
import { canonicalAddress } from "./address.ts";
import { type BaseFile, type BaseLine, filesNow } from "./base.ts";
import { type Claims, SOURCE_NAMES } from "./claims.ts";
import { decide } from "./decide.ts";
import type { SourceKind } from "./desired.ts";
import { accessFindings, localFindings } from "./drift-access.ts";
import { type LinesInQuestion, missingLine, wordsOf, wrongLine } from "./drift-lines.ts";
import { loadOrder } from "./load-order.ts";
import { observedContents } from "./observation.ts";
import { sourceTitle } from "./probes-sources.ts";
import { readSource, sameAddress, writeSource } from "./source-line.ts";

/**
 * In what the files that chronyd would load now are not as declared, statement by statement. Judged by the same rules
 * as the plan, but on the files as they are: with lfce's blocks, and without what is switched off.
 */
export function statementFindings(
  claims: Claims,
  main: string,
  observed: ObservedHost,
  plan: ServicePlan,
): LocatedFinding[] {
  const contents = observedContents(main, observed);
  if (!contents.has(main)) return [];
  const files = filesNow(contents);
  const { lines } = loadOrder(main, files, observed.globs, new Set());
  const { off, missing } = decide(claims, lines, observed.names, observed.versions.chrony);
  const wrong = new Set(off);
  const found: LinesInQuestion = {
    main,
    observed,
    lines,
    wrong: lines.filter(({ line }) => wrong.has(line)),
  };
  const changing = new Set(plan.files.map(({ path }) => path));
  return [
    ...sourceFindings(claims, found, missing.sources),
    ...rewrittenFindings(claims, found, files, changing),
    ...accessFindings(claims, found, missing),
    ...localFindings(claims, found, missing),
    ...directiveFindings(claims, found, missing.directives),
  ];
}

function sourceFindings(
  claims: Claims,
  found: LinesInQuestion,
  missing: readonly NonNullable<Claims["sources"]>["wanted"][number][],
): LocatedFinding[] {
  const wanted = claims.sources?.wanted ?? [];
  const differing = new Set<string>();
  const findings = found.wrong.flatMap((loaded): LocatedFinding[] => {
    const { line } = loaded;
    if (line.name === "sourcedir") {
      const item = wordsOf(line.arguments.join(" "));
      const message = `${line.file} takes time sources from ${item}, which the playbook does not declare`;
      return [wrongLine(found, loaded, "source-undeclared", item, message)];
    }
    if (!SOURCE_NAMES.has(line.name)) return [];
    const written = readSource(line.name as SourceKind, line.arguments);
    const declared = written && wanted.find((source) => sameAddress(source, written.address));
    if (declared) {
      differing.add(declared.address);
      const message = `${line.file} has the source ${sourceTitle(declared)} otherwise than declared`;
      return [wrongLine(found, loaded, "source-differs", declared.address, message)];
    }
    const item = wordsOf(canonicalAddress(written?.address ?? line.name));
    const message = `${line.file} names the source ${item}, which the playbook does not declare`;
    return [wrongLine(found, loaded, "source-undeclared", item, message)];
  });
  for (const source of missing) {
    if (differing.has(source.address)) continue;
    const message = `no file names the declared source ${sourceTitle(source)}`;
    findings.push(missingLine(found, "source-missing", source.address, message, writeSource(source)));
  }
  return findings;
}

/** Declared sources that are named twice, or otherwise than lfce wrote them, where the plan puts that right. */
function rewrittenFindings(
  claims: Claims,
  found: LinesInQuestion,
  files: ReadonlyMap<string, BaseFile>,
  changing: ReadonlySet<string>,
): LocatedFinding[] {
  if (changing.size === 0) return [];
  const wrong = new Set(found.wrong.map(({ line }) => line));
  const own = linesOfOwnBlocks(files);
  return (claims.sources?.wanted ?? []).flatMap((source): LocatedFinding[] => {
    const { address } = source;
    const lines = found.lines.filter(
      ({ line }) =>
        SOURCE_NAMES.has(line.name) && !wrong.has(line) && sameAddress(source, line.arguments[0] ?? ""),
    );
    const changed = lines.findLast(({ line }) => changing.has(line.file));
    if (!changed) return [];
    if (lines.length > 1) {
      const places = lines.map(({ line }) => `${line.file}:${line.number}`).join(", ");
      const message = `the source ${sourceTitle(source)} is named ${lines.length} times`;
      return [{ ...wrongLine(found, changed, "source-repeated", address, message), detail: places }];
    }
    if (!own.has(changed.line) || changed.line.text === byteText(writeSource(source))) return [];
    const message = `${changed.line.file} has the source ${sourceTitle(source)} otherwise than declared`;
    return [wrongLine(found, changed, "source-differs", address, message)];
  });
}

function linesOfOwnBlocks(files: ReadonlyMap<string, BaseFile>): ReadonlySet<BaseLine> {
  const own = new Set<BaseLine>();
  for (const { lines } of files.values()) {
    let inside = false;
    for (const line of lines) {
      if (line.marker) inside = line.marker.edge === "begin";
      else if (inside) own.add(line);
    }
  }
  return own;
}

function directiveFindings(
  claims: Claims,
  found: LinesInQuestion,
  missing: ReadonlyMap<string, readonly string[]>,
): LocatedFinding[] {
  const findings: LocatedFinding[] = [];
  for (const name of claims.directives.keys()) {
    const values = missing.get(name) ?? [];
    const wrong = found.wrong.filter(({ line }) => line.name === name);
    for (const loaded of wrong) {
      const differs = values.length > 0;
      const code = differs ? "directive-differs" : "directive-undeclared";
      const message = differs
        ? `${loaded.line.file} gives ${name} another value than declared`
        : `${loaded.line.file} gives ${name} a value beside the declared ones`;
      findings.push(wrongLine(found, loaded, code, name, message));
    }
    if (wrong.length > 0) continue;
    for (const value of values) {
      const line = value === "" ? name : `${name} ${value}`;
      findings.push(missingLine(found, "directive-missing", name, `no file says "${line}"`, line));
    }
  }
  return findings;
}
