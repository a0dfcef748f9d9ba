/**
 * The floor: what the SSH library alone needs to log in to every machine and run one command there.
 *   node bare-ssh2.mjs MACHINES.json [COMMAND] [--forks N] [--compress] [--kex NAME] [--cipher NAME] [--stdin BYTES]
 *     [--threads N]
 * MACHINES.json: {privateKeyPath, forks, hosts: [{name, address}]} as bench-lab.ts writes it. `--stdin`: so many bytes
 * of text go to the command's standard input. `--threads`: each of so many worker threads takes every Nth host and
 * its part of the forks. What was asked for and not agreed on is an error. Plain JavaScript, so that nothing but node
 * and ssh2 is loaded.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    forks: { type: "string" },
    compress: { type: "boolean", default: false },
    kex: { type: "string" },
    cipher: { type: "string" },
    stdin: { type: "string", default: "0" },
    threads: { type: "string", default: "0" },
    part: { type: "string", default: "0/1" },
  },
});
const [machines, command = "true"] = positionals;
const threads = Number(values.threads);

/** Numbered lines, as alike and as different as those of a script. */
function textOf(bytes) {
  let text = "";
  for (let line = 0; text.length < bytes; line += 1) text += `case $${line} in f${line * 7}) echo "${line}";; esac\n`;
  return text.slice(0, bytes);
}

async function work() {
  const { Client } = createRequire(import.meta.url)("ssh2");
  const { privateKeyPath, forks, hosts } = JSON.parse(readFileSync(machines, "utf8"));
  const privateKey = readFileSync(privateKeyPath);
  const input = textOf(Number(values.stdin));
  const wanted = {
    compress: values.compress ? "zlib@openssh.com" : "none",
    ...(values.kex && { kex: values.kex }),
    ...(values.cipher && { cipher: values.cipher }),
  };
  const algorithms = Object.fromEntries(Object.entries(wanted).map(([name, value]) => [name, [value]]));

  const runOn = ({ address }) =>
    new Promise((resolve, reject) => {
      const client = new Client();
      client.on("error", reject);
      client.on("ready", () => {
        client.exec(command, (error, stream) => {
          if (error) return reject(error);
          stream.resume();
          stream.stderr.resume();
          stream.on("close", (code) => {
            client.end();
            if (code === 0) resolve();
            else reject(new Error(`${address}: exit code ${code}`));
          });
          if (input) stream.end(input);
        });
      });
      client.connect({ host: address, username: "root", privateKey, readyTimeout: 60_000, algorithms });
    });

  const [part, parts] = values.part.split("/").map(Number);
  const waiting = hosts.filter((_, index) => index % parts === part);
  const worker = async () => {
    for (let host = waiting.shift(); host; host = waiting.shift()) await runOn(host);
  };
  await Promise.all(Array.from({ length: Math.ceil(Number(values.forks ?? forks) / parts) }, worker));
}

if (threads === 0) await work();
else {
  const { Worker } = await import("node:worker_threads");
  for (let index = 0; index < threads; index += 1) {
    const argv = process.argv.slice(2).filter((word, at, all) => word !== "--threads" && all[at - 1] !== "--threads");
    new Worker(new URL(import.meta.url), { argv: [...argv, "--part", `${index}/${threads}`] });
  }
}
