import { allKnown, type Combination } from "./combination.ts";
import type { AgentName, Ground } from "./ground.ts";

/** Combinations of everything with everything: as many as asked for, always the same. */
export function drawnCombinations(ground: Ground, count: number): Combination[] {
  const { target, jump, key, hostKey } = ground;
  const dimensions = {
    user: ["alpha", "beta", "gamma"],
    files: ["", "a", "b", "c", "a b", "b a", "locked", "w1 a", "missing"],
    only: ["", " IdentitiesOnly yes\n"],
    agent: [
      "none",
      "empty",
      "a",
      "b",
      "a and b",
      "b and a",
      "six others and a",
      "five others",
    ] as AgentName[],
    strict: ["", "", " StrictHostKeyChecking accept-new\n", " StrictHostKeyChecking no\n"],
    port: ["22", "22", "2222"],
    known: ["all", "all", "all", "patterns", "none", "foreign", "other type", "bare", "revoked"],
    way: ["", "", "jump"],
  };
  const lines: Record<string, string> = {
    all: allKnown(ground),
    patterns: `*.*.*.* ${hostKey("web1", "ssh-ed25519")}\n${jump} ${hostKey("time1", "ssh-ed25519")}\n`,
    none: `${jump} ${hostKey("time1", "ssh-ed25519")}\n`,
    foreign: `${target} ${hostKey("time1", "ssh-ed25519")}\n${jump} ${hostKey("time1", "ssh-ed25519")}\n`,
    "other type": `${target} ${hostKey("web1", "ecdsa-sha2-nistp256")}\n${jump} ${hostKey("time1", "ecdsa-sha2-nistp256")}\n`,
    bare: `${target} ${hostKey("web1", "ssh-ed25519")}\n${jump} ${hostKey("time1", "ssh-ed25519")}\n`,
    revoked: `${allKnown(ground)}@revoked ${target},[${target}]:2222 ${hostKey("web1", "ssh-ed25519")}\n`,
  };
  const random = lehmer(20260);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  return Array.from({ length: count }, (_, index) => {
    const drawn = Object.fromEntries(
      Object.entries(dimensions).map(([name, values]) => [name, pick<string>(values)]),
    ) as Record<keyof typeof dimensions, string>;
    // A revoked key with StrictHostKeyChecking no is one of the differences.
    if (drawn.known === "revoked") drawn.strict = "";
    const files = drawn.files.split(" ").filter((one) => one !== "");
    const identities = files
      .map((one) => ` IdentityFile ${one === "missing" ? "/nonexistent" : key(one as never)}\n`)
      .join("");
    const way =
      drawn.way === ""
        ? ""
        : ` ProxyJump jumper@${jump}\nHost ${jump}\n IdentityFile ${key("j")}\n IdentityAgent none\n`;
    return {
      name: `${index + 1}: ${Object.entries(drawn)
        .filter(([, value]) => value !== "")
        .map(([name, value]) => `${name} ${value.trim()}`)
        .join(", ")}`,
      config: `Host target\n HostName ${target}\n User ${drawn.user}\n Port ${drawn.port}\n${identities}${drawn.only}${drawn.strict}${way}`,
      knownHosts: lines[drawn.known] ?? "",
      agent: drawn.agent as AgentName,
    };
  });
}

/** Numbers from 0 to 1, the same in each run (Park and Miller's generator). */
function lehmer(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
