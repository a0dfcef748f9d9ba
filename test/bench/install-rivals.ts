import { must, run } from "../lab/processes.ts";

/** Installs what the benchmarks measure with and compare with, from Debian's packages: time(1), and Ansible if wanted. */
export async function installRivals(say: (text: string) => void, ansible: boolean): Promise<void> {
  const wanted = ["time", "openssh-client", ...(ansible ? ["ansible-core"] : [])];
  const known = await run(["dpkg-query", "-W", "-f", `\${db:Status-Status} \${Package}\n`, ...wanted]);
  const missing = wanted.filter((name) => !known.stdout.includes(`installed ${name}\n`));
  if (missing.length === 0) return;
  say(`installing ${missing.join(", ")}`);
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await must(["apt-get", "-q", "update"], { env: environment });
  await must(["apt-get", "-q", "-y", "--no-install-recommends", "install", ...missing], { env: environment });
}
