import type {
  FileAction,
  Forward,
  Listener,
  MessageFilter,
  Placed,
  RsyslogModel,
} from "../../../../src/services/rsyslog/in-force/in-force-model.ts";

/**
 * What a model says, a line a fact, in the order in which rsyslogd reads: `ORDER FILE:LINE RULESET: fact`, and
 * before them what holds for the whole host. To be read by people.
 */
export function factsOf(model: RsyslogModel): string {
  const facts: [Placed, string][] = [
    ...model.modules.map((one): [Placed, string] => {
      const parameters = Object.entries(one.parameters).map(([name, value]) => ` ${name}=${value}`);
      return [one, `module ${one.name}${one.legacy ? " (legacy)" : ""}${parameters.join("")}`];
    }),
    ...model.listeners.map((one): [Placed, string] => [one, listenerText(one)]),
    ...model.includes.map((one): [Placed, string] => [
      one,
      [
        `include ${one.pattern} -> ${one.paths.join(" ") || "nothing"}`,
        ...(one.optional ? ["optional"] : []),
        ...(one.afterFirstRule ? ["after a rule"] : []),
      ].join(", "),
    ]),
    ...model.forwards.map((one): [Placed, string] => [one, forwardText(one)]),
    ...model.templates.map((one): [Placed, string] => [one, `template ${one.name} ${quote(one.text)}`]),
    ...model.fileActions.map((one): [Placed, string] => [one, fileText(one)]),
    ...model.discards.map((one): [Placed, string] => [one, `discard ${filtersText(one.filters)}`]),
    ...model.rulesets.map((one): [Placed, string] => [one, `ruleset ${one.name}`]),
    ...model.calls.map((one): [Placed, string] => [one, `call ${one.name} ${filtersText(one.filters)}`]),
    ...model.lookupTables.map((one): [Placed, string] => [one, `lookup table ${one.name} ${one.path}`]),
    ...model.queueFiles.map((one): [Placed, string] => [one, `queue file ${one.name}`]),
  ];
  const { workDirectory } = model;
  if (workDirectory) facts.push([workDirectory, `work directory ${workDirectory.path}`]);
  const lines = facts
    .sort(([one], [other]) => one.order - other.order)
    .map(([one, text]) => `${one.order} ${placeText(one, model)} ${one.ruleset}: ${text}`);
  const steps = [...model.rulesetSteps].map(
    ([file, some]) => `${file}: ${some.map(({ offset, ruleset }) => `${ruleset} from ${offset}`).join(", ")}`,
  );
  const head = [
    `files ${model.files.join(" ")}`,
    `directories ${model.includeDirectories.join(" ")}`,
    `not read ${model.unread.join(" ")}`,
    `local messages enter ${model.localRuleset}`,
    `resume interval ${model.resumeInterval}`,
    ...steps,
  ];
  return `${[...head, ...lines].map((line) => line.trimEnd()).join("\n")}\n`;
}

function placeText({ file, range, ancestors }: Placed, model: RsyslogModel): string {
  const text = model.parsed.get(file)?.text ?? "";
  const line = text.slice(0, range.start).split("\n").length;
  const around = ancestors.map(({ kind }) => `${kind}>`).join("");
  return `${file}:${line} ${around}`.trimEnd();
}

function listenerText({ module, protocol, port, address, boundRuleset, legacy }: Listener): string {
  const form = legacy ? " (legacy)" : "";
  return `listener ${module}${form} ${protocol} ${address ?? "*"}:${port} -> ${boundRuleset}`;
}

function forwardText(one: Forward): string {
  const { queue } = one;
  return [
    `forward ${one.protocol} ${one.target}:${one.port} ${filtersText(one.filters)}`,
    `retry ${one.retry}`,
    `queue ${[queue.type, queue.file, queue.maxDisk, queue.saveOnShutdown, queue.spoolDirectory].join(" ")}`,
    ...(one.template === undefined ? [] : [`template ${one.template}`]),
    ...(one.legacy ? ["legacy"] : []),
    ...(one.special ? ["special"] : []),
    ...one.settings.map(({ statement }) => (statement.kind === "directive" ? `$${statement.name}` : "?")),
  ].join(", ");
}

function fileText({ path, dynamic, filters }: FileAction): string {
  const target = path === undefined ? `named by ${dynamic}` : `${path}${dynamic ? " and a name" : ""}`;
  return `file ${target} ${filtersText(filters)}`;
}

function filtersText(filters: readonly MessageFilter[]): string {
  return `[${filters.map(({ kind, text }) => `${kind} ${text}`).join(" | ")}]`;
}

function quote(text: string | undefined): string {
  return text === undefined ? "" : JSON.stringify(text);
}
