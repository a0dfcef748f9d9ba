import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Programs that tests call, and the Debian package that has each. Without one, its tests skip and say so. */
const PROGRAMS: Readonly<Record<string, string>> = {
  dash: "dash",
  bash: "bash",
  busybox: "busybox",
  tcsh: "tcsh",
  fish: "fish",
  "ssh-keygen": "openssh-client",
  "ssh-agent": "openssh-client",
  shellcheck: "shellcheck",
  logrotate: "logrotate",
  doas: "opendoas",
  strace: "strace",
  chromium: "chromium",
  xmllint: "libxml2-utils",
};

/**
 * The daemons themselves. Their packages start services (and chrony's pushes another time daemon out), so
 * they are installed only where nothing would be started: not under systemd.
 */
const DAEMONS: Readonly<Record<string, string>> = {
  chronyd: "chrony",
  rsyslogd: "rsyslog",
  // 20 MB to download; its daemon comes along.
  promtool: "prometheus",
};

/** Installs what is missing, where that is possible (root on a Debian system), and says what it does. */
export function installTestPrograms(): void {
  const wanted = existsSync("/run/systemd/system") ? PROGRAMS : { ...PROGRAMS, ...DAEMONS };
  const missing = Object.keys(wanted).filter((program) => !isThere(program));
  const packages = [...new Set(missing.map((program) => wanted[program] ?? program))];
  if (packages.length === 0) return;
  if (process.getuid?.() !== 0 || !isThere("apt-get")) {
    process.stdout.write(`missing for some tests, which will skip: ${packages.join(", ")}\n`);
    return;
  }
  process.stdout.write(`installing Debian packages for the tests: ${packages.join(" ")}\n`);
  const options = { stdio: "inherit", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } } as const;
  const quiet = ["-qq", "-o", "Dpkg::Use-Pty=0", "-o", "Acquire::Retries=3"];
  spawnSync("apt-get", [...quiet, "update"], options);
  spawnSync("apt-get", [...quiet, "-y", "--no-install-recommends", "install", ...packages], options);
}

function isThere(program: string): boolean {
  const path = `${process.env.PATH ?? ""}:/usr/sbin:/sbin`;
  return spawnSync("sh", ["-c", 'command -v -- "$1"', "sh", program], { env: { PATH: path } }).status === 0;
}
