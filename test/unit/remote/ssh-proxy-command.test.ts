import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { openProxyCommand } from "../../../src/remote/ssh/proxy-command.ts";

test("a ProxyCommand's stdin and stdout are the connection, in both directions", async () => {
  const stream = openProxyCommand({ host: "web1", proxyCommand: "cat" });
  const big = Buffer.alloc(3_000_000, "x");
  stream.end(big);
  let received = 0;
  for await (const chunk of stream) received += (chunk as Buffer).length;
  assert.equal(received, big.length);
});

test("a ProxyCommand that fails says what it said itself, without its escape sequences", async () => {
  const proxyCommand = "sh -c 'printf \"no route\\n\\033[31mto host\" >&2; exit 3'";
  const stream = openProxyCommand({ host: "web1", proxyCommand });
  const [error] = await once(stream, "error");
  assert.equal(error.code, "proxy-command-failed");
  assert.match(error.message, /web1 gave no connection: it ended with 3: no route; \\x1b\[31mto host \(/);
  const missing = openProxyCommand({ host: "web1", proxyCommand: "cat", shell: "/nonexistent" });
  const [noShell] = await once(missing, "error");
  assert.equal(noShell.code, "proxy-command-failed");
});

test("the end of the stream ends the ProxyCommand and what it started", async () => {
  const stream = openProxyCommand({ host: "web1", proxyCommand: "sh -c 'sleep 600 & echo $! $$; wait'" });
  const [line] = await once(stream, "data");
  const pids = String(line).trim().split(" ").map(Number);
  stream.destroy();
  await once(stream, "close");
  for (const pid of pids) {
    while (alive(pid)) await new Promise((resolve) => setImmediate(resolve));
  }
});

/** Whether a process still does something; one that nobody has reaped yet does not. */
function alive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
