import { parseArgs } from "node:util";
import { labError } from "./errors.ts";
import type { MachineRequest } from "./lab.ts";
import { imageNames } from "./recipes.ts";

/** The lab of the demo: a time and log server and two clients. inventories/lab.yml names the same machines. */
export const demoMachines: readonly MachineRequest[] = [
  { name: "time1", image: "debian12" },
  { name: "web1", image: "debian12" },
  { name: "db1", image: "el9" },
];

/** What somebody typed. */
export type LabArguments = {
  readonly command: string | undefined;
  readonly words: readonly string[];
  /** What follows `--`, word for word. */
  readonly rest: readonly string[];
  readonly name: string;
  readonly images: boolean;
  readonly help: boolean;
};

/** Takes the command line apart. Throws for an option that does not exist. */
export function readArguments(argv: readonly string[]): LabArguments {
  const split = argv.indexOf("--");
  const own = split < 0 ? argv : argv.slice(0, split);
  try {
    const { values, positionals } = parseArgs({
      args: [...own],
      allowPositionals: true,
      options: {
        name: { type: "string", default: "lab" },
        images: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    const [command, ...words] = positionals;
    return { ...values, command, words, rest: split < 0 ? [] : argv.slice(split + 1) };
  } catch (error) {
    throw labError((error as Error).message, "See: npm run lab -- --help");
  }
}

/** Reads machines as people write them: NAME:IMAGE; without any, those of the demo. */
export function readMachines(words: readonly string[]): readonly MachineRequest[] {
  if (words.length === 0) return demoMachines;
  return words.map((word) => {
    const [name, image, ...more] = word.split(":");
    if (name && image && more.length === 0) return { name, image };
    throw labError(`"${word}" is not a machine`, "Write NAME:IMAGE, for example web1:debian12.");
  });
}

/** The text of --help. */
export const help = `Real machines for tests and for trying things out, in a network of their own with no route out.

  npm run lab -- up                       three machines: time1 and web1 (Debian 12), db1 (EL layout)
  npm run lab -- up --name try a:debian13 b:el9-bare
                                          a lab of your own; machines get 172.31.96.11, .12, …
  npm run lab -- status                   which labs run, their machines and addresses
  npm run lab -- exec -- npx lfce plan playbooks/lab.yml
                                          a command of yours inside the lab's network
  npm run lab -- exec web1 -- chronyc sources
                                          a command on a machine, as root, not by SSH
  npm run lab -- shell                    your shell inside the lab's network
  npm run lab -- shell web1               a root shell on a machine
  npm run lab -- down                     removes the lab, and all that belongs to it
  npm run lab -- clean                    removes what crashed labs left; --images the images, too
  npm run lab -- images debian11 el9      only builds images (without names: those of the demo)

  --name LAB      which lab (default: lab)

Images: ${imageNames.join(", ")}.
A -bare image has neither chrony nor rsyslog; both can be installed there without a network.
el9 is a Debian root laid out as EL 9 is: see test/lab/el9/README.md.

Log in by SSH from inside the network, as root, admin or csh-admin (both with sudo):
  npm run lab -- exec -- ssh -i .lab/lab/id_ed25519 -o UserKnownHostsFile=.lab/lab/known_hosts root@172.31.96.12
Key, known_hosts and an inventory of lab NAME are in .lab/NAME. Images are kept in /var/cache/lfce-lab
(LFCE_LAB_CACHE), machines in /var/lib/lfce-lab (LFCE_LAB_STATE). Needs Linux and root.
`;
