import type { ErrorObject } from "ajv";
import type { Finding, SchemaWords } from "./schema-words.ts";

/** Scores that order the branches of a union by how far they are from what was written. */
const WRONG_TYPE = 10_000;
const WRONG_KIND = 100;

/**
 * ajv reports the errors of every branch of a union, and that none fits. This keeps the errors of the one
 * branch that was most probably meant; when no branch has even the right type, the union's own error stays.
 * Needs schemas without `$ref` inside unions: branches are told apart by their schema path.
 */
export function reduceUnions(errors: readonly ErrorObject[]): Finding[] {
  const unions = errors.filter((error) => error.keyword === "anyOf");
  const outer = unions.filter((union) => !unions.some((other) => other !== union && isInside(union, other)));
  const plain = errors.filter((error) => !outer.some((union) => error === union || isInside(error, union)));
  return [...plain, ...outer.flatMap((union) => reduceUnion(union, errors))];
}

function isInside(error: ErrorObject, union: ErrorObject): boolean {
  return (
    error.schemaPath.startsWith(`${union.schemaPath}/`) &&
    (error.instancePath === union.instancePath || error.instancePath.startsWith(`${union.instancePath}/`))
  );
}

function reduceUnion(union: ErrorObject, errors: readonly ErrorObject[]): Finding[] {
  const schemas = union.schema as object[];
  const branches = schemas.map((schema, index) => {
    const prefix = `${union.schemaPath}/${index}/`;
    const own = errors.filter((error) => isInside(error, union) && error.schemaPath.startsWith(prefix));
    const findings = reduceUnions(own);
    return { schema, findings, score: score(findings, union.instancePath) };
  });
  if (branches.some((branch) => branch.findings.length === 0)) return [];
  const best = branches.reduce((least, branch) => (branch.score < least.score ? branch : least));
  if (best.score >= WRONG_TYPE) return [union];
  const data = union.data as Record<string, unknown>;
  const tag = constantTag(schemas);
  if (best.score >= WRONG_KIND && tag) return [wrongTag(union, data, tag)];
  const keys = discriminators(schemas);
  if (best.score >= WRONG_KIND && keys.length > 1) {
    return [{ ...union, oneOf: keys }];
  }
  return best.findings.map((finding) => {
    const extra = finding.keyword === "additionalProperties" && finding.instancePath === union.instancePath;
    const key = extra ? (finding.params.additionalProperty as string) : "";
    return extra && keys.includes(key) && key in data ? { ...finding, oneOf: keys } : finding;
  });
}

function score(findings: readonly Finding[], path: string): number {
  return findings.reduce((sum, finding) => sum + weight(finding, path), 0);
}

function weight(finding: Finding, path: string): number {
  const here = finding.instancePath === path;
  if (here && ["type", "const", "enum", "anyOf"].includes(finding.keyword)) return WRONG_TYPE;
  if (here && finding.keyword === "required") return WRONG_KIND;
  const child = finding.instancePath.slice(path.length + 1);
  if (finding.keyword === "const" && !child.includes("/")) return WRONG_KIND;
  return 1;
}

interface Tag {
  key: string;
  values: unknown[];
  description: string | undefined;
}

/** The key whose constant tells the branches apart, such as `role`. */
function constantTag(schemas: readonly object[]): Tag | undefined {
  const all = schemas.map((schema) => (schema as SchemaWords).properties ?? {});
  const key = Object.keys(all[0] ?? {}).find((name) => all.every((item) => item[name]?.const !== undefined));
  if (key === undefined) return undefined;
  return { key, values: all.map((item) => item[key]?.const), description: all[0]?.[key]?.description };
}

function wrongTag(union: Finding, data: Record<string, unknown>, tag: Tag): Finding {
  const schema = { enum: tag.values, description: tag.description };
  if (!(tag.key in data)) {
    const parentSchema = { properties: { [tag.key]: schema } };
    return { ...union, keyword: "required", params: { missingProperty: tag.key }, parentSchema };
  }
  const instancePath = `${union.instancePath}/${tag.key}`;
  return { ...union, keyword: "enum", instancePath, data: data[tag.key], parentSchema: schema };
}

/** The keys by which the object branches of a union differ: each one's only required key. */
function discriminators(schemas: readonly object[]): string[] {
  return schemas.flatMap((schema) => {
    const required = (schema as { required?: string[] }).required;
    return required?.length === 1 ? required : [];
  });
}
