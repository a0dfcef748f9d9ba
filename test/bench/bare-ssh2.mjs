/**
 * The floor: what the SSH library alone needs to log in to every machine and run one command there.
 *   node bare-ssh2.mjs MACHINES.json [COMMAND]
 * MACHINES.json: {privateKey, forks, hosts: [{name, address}], command: {host, …}} as bench-lab.ts writes it. Plain JavaScript, so
 * that nothing but node and ssh2 is loaded.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { Client } = createRequire(import.meta.url)("ssh2");
const { privateKeyPath, forks, hosts } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const command = process.argv[3] ?? "true";
const privateKey = readFileSync(privateKeyPath);

function runOn({ address }) {
  return new Promise((resolve, reject) => {
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
      });
    });
    client.connect({ host: address, username: "root", privateKey, readyTimeout: 60_000 });
  });
}

const waiting = [...hosts];
async function worker() {
  for (let host = waiting.shift(); host; host = waiting.shift()) await runOn(host);
}
await Promise.all(Array.from({ length: forks }, worker));
