import { advise } from "../config/advice.ts";
import type { Warning } from "../core/errors.ts";
import { wavesOf } from "../plan/waves.ts";
import { errorsText, warningText } from "../report/error-text.ts";
import { jsonLine } from "../report/json.ts";
import type { Paint } from "../report/paint.ts";
import { describeError } from "./describe-error.ts";
import { EXIT } from "./exit-codes.ts";
import { chosenHosts, loadProject, type ProjectOptions } from "./project.ts";
import { type OutputFormat, standardError, standardOutput } from "./terminal.ts";

export interface ValidateOptions extends ProjectOptions {
  output?: OutputFormat;
  debug?: boolean;
}

/** Everything that can be checked without a host: errors on stderr, advice on stdout. */
export function validateCommand(playbookFile: string, options: ValidateOptions, paint: Paint): number {
  try {
    const project = loadProject(playbookFile, options);
    const hosts = chosenHosts(project, {});
    const waves = wavesOf(hosts, project.fleet.references);
    const advice: Warning[] = [
      ...project.inventory.warnings,
      ...[...project.fleet.hosts.values()].flatMap((host) => host.warnings),
      ...advise(project.playbook, project.roles, project.inventory),
    ];
    if (options.output === "json") {
      standardOutput.write(
        jsonLine({
          valid: true,
          hosts: hosts.length,
          waves: waves.map((wave) => wave.hosts),
          warnings: advice,
        }),
      );
      return EXIT.ok;
    }
    for (const warning of advice) standardOutput.write(`${warningText(warning, paint)}\n`);
    standardOutput.write(
      `${paint.green("valid")}: ${playbookFile}, ${count(hosts.length, "host")} in ${count(waves.length, "wave")}` +
        `${advice.length > 0 ? `, ${count(advice.length, "piece")} of advice above` : ""}\n`,
    );
    return EXIT.ok;
  } catch (error) {
    const { errors, exitCode } = describeError(error);
    if (options.output === "json") standardOutput.write(jsonLine({ valid: false, errors }));
    else standardError.write(`${errorsText(errors, paint)}\n`);
    if (options.debug && error instanceof Error) standardError.write(`${error.stack}\n`);
    return exitCode;
  }
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
