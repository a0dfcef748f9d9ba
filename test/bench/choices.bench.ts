import type { BenchLab } from "./bench-lab.ts";
import { type Contestant, interleaved } from "./measure.ts";
import { comparison } from "./table.ts";

/** What a look takes to a host (its script) and back (its answer), in bytes; one process takes the one, one makes the other. */
const SCRIPT_BYTES = 28_000;
const LOOK_SIZED = "cat >/dev/null; head -qc 5000 /usr/bin/ldd /usr/bin/ldd /usr/bin/ldd /usr/bin/ldd";
const HANDSHAKES_AT_ONCE = [64, 8, 16, 32, 99] as const;
const FORKS = [64, 16, 32] as const;

/** One choice: the first contestant is what lfce does, the others are what it could do instead. */
interface Choice {
  title: string;
  contestants: readonly Contestant[];
}

function choices(bench: BenchLab): readonly Choice[] {
  const bare = (name: string, ...options: string[]) => ({
    name: `bare: ${name}`,
    argv: bench.bareSsh2("true", ...options),
  });
  const look = (name: string, ...options: string[]) => ({
    name: `look-sized: ${name}`,
    argv: bench.bareSsh2(LOOK_SIZED, "--stdin", String(SCRIPT_BYTES), ...options),
  });
  return [
    {
      title: "Compression, of nothing to speak of and of what a look sends and gets",
      contestants: [bare("none"), bare("zlib@openssh.com", "--compress")],
    },
    {
      title: `Algorithms and compression with the bytes of a look (${SCRIPT_BYTES} there, 20000 back)`,
      contestants: [
        look("curve25519, aes128-gcm"),
        look("zlib@openssh.com", "--compress"),
        look("ecdh-sha2-nistp256", "--kex", "ecdh-sha2-nistp256"),
        look("chacha20-poly1305", "--cipher", "chacha20-poly1305@openssh.com"),
      ],
    },
    {
      title: "Handshakes at once",
      contestants: HANDSHAKES_AT_ONCE.map((forks) => bare(`${forks} at once`, "--forks", String(forks))),
    },
    {
      title: "Threads of the controller; a pool of them could gain what the bare loop gains, at most",
      contestants: [bare("one thread"), bare("two worker threads", "--threads", "2")],
    },
    {
      title: "Hosts at once",
      contestants: FORKS.map((forks) => ({
        name: `lfce drift --forks ${forks}`,
        argv: bench.lfce("drift", { forks }),
      })),
    },
  ];
}

/** Measures again what was chosen by measurement: a table for each choice, its contestants interleaved. */
export async function choiceTables(
  bench: BenchLab,
  rounds: number,
  say: (text: string) => void,
): Promise<string> {
  const tables: string[] = [];
  for (const { title, contestants } of choices(bench)) {
    const samples = await interleaved(contestants, rounds, bench.stage, say);
    tables.push(`${title}:\n\n${comparison(samples, bench.lab.machines.length)}`);
  }
  return tables.join("\n\n");
}
