import { demoMachines, help, type LabArguments, readArguments, readMachines } from "./arguments.ts";
import { type LabError, labError } from "./errors.ts";
import { ensureImages, removeImages, removeUnfinishedImages } from "./images.ts";
import { attachLab, startLab } from "./lab.ts";
import { enterMachine, machineEnvironment, machineRuns } from "./machine.ts";
import { inNamespace } from "./network.ts";
import { labPaths } from "./paths.ts";
import { installPrerequisites, requireLinuxRoot } from "./prerequisites.ts";
import { runAttached } from "./processes.ts";
import { progressLines, type Setup } from "./progress.ts";
import { imageName } from "./recipes.ts";
import { knownLabs, labCondition, readRecord } from "./record.ts";
import { removeLab, removeLeftOvers } from "./teardown.ts";

const commands: Readonly<Record<string, (given: LabArguments) => Promise<number>>> = {
  up,
  down,
  status,
  shell,
  exec,
  clean,
  images,
};

process.exitCode = await main(process.argv.slice(2)).catch((error: LabError) => {
  const interrupted = error.name === "AbortError";
  const message = interrupted ? "interrupted; what was set up is removed again" : error.message;
  process.stderr.write(`lab: ${message}\n${error.hint ? `  ${error.hint}\n` : ""}`);
  return interrupted ? 130 : 1;
});

async function main(argv: readonly string[]): Promise<number> {
  const given = readArguments(argv);
  if (given.help || given.command === undefined || given.command === "help") {
    process.stdout.write(help);
    return given.help || given.command ? 0 : 64;
  }
  const command = commands[given.command];
  if (!command) throw labError(`there is no command "${given.command}"`, "See: npm run lab -- --help");
  requireLinuxRoot();
  return command(given);
}

async function up(given: LabArguments): Promise<number> {
  const machines = readMachines(given.words);
  const wanted = machines.map(({ name, image }) => `${name}:${image}`).join(" ");
  const running = readRecord(given.name)
    ?.machines.map(({ name, image }) => `${name}:${image}`)
    .join(" ");
  if (running === wanted && labCondition(given.name) === "in use") {
    process.stderr.write(`The lab ${given.name} is up already.\n`);
    return status(given);
  }
  const setup = interruptible();
  const lab = await startLab({ name: given.name, machines, outlive: true, ...setup });
  setup.say(`the lab "${lab.name}" is up; \`npm run lab -- down --name ${lab.name}\` removes it`);
  return 0;
}

async function down(given: LabArguments): Promise<number> {
  const { say } = interruptible();
  const removed = await removeLab(given.name, say);
  say(removed ? `removed the lab "${given.name}"` : `there is no lab "${given.name}"`);
  return 0;
}

async function status(_given: LabArguments): Promise<number> {
  const names = knownLabs();
  if (names.length === 0) process.stdout.write("No lab is up. Start one: npm run lab -- up\n");
  for (const name of names) {
    const condition = labCondition(name);
    const hint = condition === "left over" ? " (by a crash; `npm run lab -- clean` removes it)" : "";
    process.stdout.write(`${name}: ${condition}${hint}\n`);
    for (const machine of readRecord(name)?.machines ?? []) {
      const state = machineRuns(name, machine.name) ? "up" : "down";
      process.stdout.write(
        `  ${machine.name.padEnd(16)} ${machine.address.padEnd(15)} ${machine.image.padEnd(14)} ${state}\n`,
      );
    }
  }
  return 0;
}

async function shell(given: LabArguments): Promise<number> {
  const [machine] = given.words;
  const shellOfUser = process.env.SHELL || "/bin/sh";
  return enter({ ...given, rest: machine === undefined ? [shellOfUser] : ["bash", "--login"] });
}

async function exec(given: LabArguments): Promise<number> {
  if (given.rest.length === 0)
    throw labError("exec needs a command", "For example: npm run lab -- exec web1 -- chronyc sources");
  return enter(given);
}

/** Runs a command on the machine that is named, or else inside the lab's network. */
function enter(given: LabArguments): Promise<number> {
  const lab = attachLab(given.name);
  const [machine] = given.words;
  if (machine === undefined)
    return runAttached(inNamespace(labPaths(given.name), given.rest), {
      ...process.env,
      LFCE_LAB: given.name,
    });
  const terminal = process.env.TERM;
  const env = { ...machineEnvironment, ...(terminal === undefined ? {} : { TERM: terminal }) };
  return runAttached(enterMachine(lab.machine(machine).pid, given.rest), env);
}

async function clean(given: LabArguments): Promise<number> {
  const { say } = interruptible();
  await removeLeftOvers(say);
  for (const directory of await removeUnfinishedImages()) say(`removed the unfinished image ${directory}`);
  if (given.images) say((await removeImages()) ? "removed all images" : "the images are in use: left alone");
  say("clean");
  return 0;
}

async function images(given: LabArguments): Promise<number> {
  const setup = interruptible();
  const wanted = given.words.length > 0 ? given.words : demoMachines.map(({ image }) => image);
  const names = [...new Set(wanted)].map(imageName);
  await installPrerequisites(setup);
  await ensureImages(names, setup);
  setup.say(`images are there: ${names.join(", ")}`);
  return 0;
}

/** A setup that Ctrl-C and SIGTERM interrupt; it then cleans up after itself. */
function interruptible(): Setup {
  const controller = new AbortController();
  const abort = () => controller.abort();
  process.on("SIGINT", abort).on("SIGTERM", abort);
  return { say: progressLines(), signal: controller.signal };
}
