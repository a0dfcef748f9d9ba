import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { notifyEffects } from "../../../src/cli/notify-effects.ts";
import { deliver, type NotifyEffects } from "../../../src/notify/deliver.ts";
import { parseTarget } from "../../../src/notify/target.ts";
import { waitFor } from "../../lab/processes.ts";
import { NIGHT } from "../notify/night.ts";

const directory = mkdtempSync(join(tmpdir(), "lfce-notify-"));
after(() => rmSync(directory, { recursive: true, force: true }));

/** A program of this text, below the test's directory. */
function program(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

const never = new AbortController().signal;

/** Tells one target, without waiting between attempts; what was warned of, and how long was to be waited. */
async function tell(
  target: string,
  environment: NodeJS.ProcessEnv = process.env,
  limits: { timeoutMs?: number } = {},
) {
  const targets = [parseTarget(target)];
  const real = notifyEffects(targets, environment, never);
  const waits: number[] = [];
  const limit = (given: number) => limits.timeoutMs ?? given;
  const effects: NotifyEffects = {
    ...real,
    post: (url, body, timeout) => real.post(url, body, limit(timeout)),
    run: (file, args, stdin, timeout) => real.run(file, args, stdin, limit(timeout)),
    wait: async (milliseconds) => void waits.push(milliseconds),
  };
  const warnings = (await deliver(NIGHT, targets, effects)).filter((warning) => warning !== undefined);
  return { why: warnings.map(({ message }) => message).join("\n"), warnings, waits };
}

describe("telling by a webhook", () => {
  let answer: (request: IncomingMessage, response: ServerResponse, count: number) => void;
  let seen: { url: string; method: string; type: string; login: string; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const { "content-type": type = "", authorization: login = "" } = request.headers;
      seen.push({ url: request.url ?? "", method: request.method ?? "", type, login, body });
      answer(request, response, seen.length);
    });
  });
  let origin = "";
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    seen = [];
    answer = (_request, response) => response.end("ok");
  });

  it("posts the notification as JSON, or as Slack takes it", async () => {
    assert.deepEqual((await tell(`webhook:${origin}/hook`)).warnings, []);
    assert.deepEqual((await tell(`slack:${origin}/hook?a=b`)).warnings, []);
    assert.deepEqual(
      seen.map(({ url, method, type }) => [url, method, type]),
      [
        ["/hook", "POST", "application/json"],
        ["/hook?a=b", "POST", "application/json"],
      ],
    );
    assert.deepEqual(JSON.parse(seen[0]?.body ?? ""), JSON.parse(JSON.stringify(NIGHT)));
    assert.match(JSON.parse(seen[1]?.body ?? "").text, /^\*lfce drift site\.yml/);
  });

  it("takes the URL from a variable or from the first line of a file", async () => {
    const file = join(directory, "url");
    writeFileSync(file, `${origin}/from-file\nsomething else\n`);
    await tell(`webhook:file:${file}`);
    await tell("webhook:env:HOOK_URL", { ...process.env, HOOK_URL: `${origin}/from-env` });
    assert.deepEqual(
      seen.map(({ url }) => url),
      ["/from-file", "/from-env"],
    );
    assert.match(
      (await tell("webhook:env:HOOK_URL", {})).why,
      /webhook:env:HOOK_URL: the variable HOOK_URL is not set/,
    );
    assert.match((await tell(`webhook:file:${directory}/none`)).why, /cannot be read \(ENOENT\)/);
  });

  it("sends a login that stands in the URL as a header", async () => {
    assert.deepEqual((await tell(`webhook:${origin.replace("//", "//ops:p%40ss@")}/hook`)).warnings, []);
    assert.equal(seen[0]?.login, `Basic ${Buffer.from("ops:p@ss").toString("base64")}`);
  });

  it("tries again, waiting longer each time, what a server may get over", async () => {
    answer = (_request, response, count) => {
      response.statusCode = count < 3 ? 503 : 200;
      response.end();
    };
    const { warnings, waits } = await tell(`webhook:${origin}/`);
    assert.deepEqual(warnings, []);
    assert.deepEqual(waits, [1000, 5000]);
  });

  it("waits as long as the server asks for, and not when it asks for too much", async () => {
    const ask = (seconds: string) => {
      answer = (_request, response) => response.writeHead(429, { "retry-after": seconds }).end();
      return tell(`webhook:${origin}/`);
    };
    assert.deepEqual((await ask("2")).waits, [2000, 2000, 2000]);
    assert.deepEqual((await ask("3600")).waits, []);
  });

  it("gives up after four attempts, and says so without the URL", async () => {
    answer = (request, response) => {
      response.statusCode = 500;
      response.end(`cannot POST ${request.url}`);
    };
    const { why, waits } = await tell(`webhook:${origin}/services/s3cr3tt0k3n`);
    assert.equal(waits.length, 3);
    assert.equal(why, "could not notify webhook:http://…: the server answered 500");
  });

  it("does not try again what people have to mend, and says what the server says where that is harmless", async () => {
    answer = (_request, response) => response.writeHead(404).end("no_team");
    const { why, waits } = await tell(`slack:${origin}/services/s3cr3tt0k3n`);
    assert.deepEqual(waits, []);
    assert.equal(why, "could not notify slack:http://…: the server answered 404: no_team");
    answer = (_request, response) => response.writeHead(404).end("unknown s3cr3tt0k3n");
    assert.match((await tell(`slack:${origin}/services/s3cr3tt0k3n`)).why, /answered 404$/);
    answer = (_request, response) => response.writeHead(403).end("\u001b[2Jevil");
    assert.match((await tell(`slack:${origin}/`)).why, /answered 403$/);
  });

  it("follows no redirect", async () => {
    answer = (_request, response) => response.writeHead(307, { location: `${origin}/elsewhere` }).end();
    const { why, waits } = await tell(`webhook:${origin}/hook`);
    assert.match(why, /answered 307: it redirects/);
    assert.deepEqual(waits, []);
    assert.deepEqual(
      seen.map(({ url }) => url),
      ["/hook"],
    );
  });

  it("gives a server that says nothing, or never comes to an end, a limited time", async () => {
    answer = () => {};
    assert.match((await tell(`webhook:${origin}/`, {}, { timeoutMs: 50 })).why, /no answer within 0\.05 s$/);
    assert.equal(seen.length, 4);
    answer = (_request, response) => void response.writeHead(200).flushHeaders();
    assert.match((await tell(`webhook:${origin}/`, {}, { timeoutMs: 50 })).why, /no answer within/);
  });

  it("says that nobody answers", async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const { why, waits } = await tell(`webhook:http://127.0.0.1:${port}/s3cr3tt0k3n`);
    assert.equal(why, "could not notify webhook:http://…: no answer (ECONNREFUSED)");
    assert.equal(waits.length, 3);
  });
});

describe("telling by a program", () => {
  it("gives a command the notification on stdin and its words as they are, without a shell", async () => {
    const path = program("record", 'cat >"$0.stdin"; printf "%s|" "$@" >"$0.args"');
    assert.deepEqual((await tell(`command:${path} '$(touch x)' "a b" ;`)).warnings, []);
    assert.deepEqual(JSON.parse(readFileSync(`${path}.stdin`, "utf8")), JSON.parse(JSON.stringify(NIGHT)));
    assert.equal(readFileSync(`${path}.args`, "utf8"), "$(touch x)|a b|;|");
  });

  it("keeps secrets of the run from it", async () => {
    const path = program("environment", 'env >"$0.env"');
    const environment = {
      ...process.env,
      LFCE_BECOME_PASSWORD: "hunter2",
      HOOK_URL: "https://example.org/s3cr3t",
    };
    const targets = [parseTarget(`command:${path}`), parseTarget("webhook:env:HOOK_URL")];
    await notifyEffects(targets, environment, never).run(path, [], "", 10_000);
    assert.doesNotMatch(readFileSync(`${path}.env`, "utf8"), /hunter2|s3cr3t/);
  });

  it("calls it again only when it asks for that by exit code 75", async () => {
    const again = program("again", 'echo x >>"$0.calls"; [ "$(wc -l <"$0.calls")" -ge 3 ] || exit 75');
    assert.deepEqual((await tell(`command:${again}`)).waits, [1000, 5000]);
    const failing = program("failing", 'echo "no pager today" >&2; exit 7');
    const { why, waits } = await tell(`command:${failing} --token s3cr3t`);
    assert.equal(why, `could not notify command:${failing}: it ended with exit code 7: no pager today`);
    assert.deepEqual(waits, []);
  });

  it("says that it is not there", async () => {
    assert.match((await tell(`command:${directory}/none`)).why, /it cannot be started \(ENOENT\)/);
  });

  it("ends it, and what it started, when it takes too long", async () => {
    const path = program(
      "hanging",
      'sh -c \'echo $$ >"$0.child"; exec sleep 600\' "$0" & trap "" TERM; wait; wait',
    );
    const telling = tell(`command:${path}`, process.env, { timeoutMs: 300 });
    assert.match((await telling).why, /it did not end within/);
    const child = Number(readFileSync(`${path}.child`, "utf8"));
    await waitFor("the child to end", () => !existsSync(`/proc/${child}/cwd`), { seconds: 10 });
  });

  it("does not live on when lfce leaves at once", async () => {
    const path = program("left", 'echo $$ >"$0.tmp"; mv "$0.tmp" "$0.pid"; exec sleep 600');
    const module = new URL("../../../src/cli/notify-effects.ts", import.meta.url).href;
    const script = `
      const { notifyEffects } = await import(${JSON.stringify(module)});
      const { existsSync } = await import("node:fs");
      notifyEffects([], process.env, new AbortController().signal).run(${JSON.stringify(path)}, [], "", 60_000);
      setInterval(() => existsSync(${JSON.stringify(`${path}.pid`)}) && process.exit(130), 10);`;
    const words = ["--import", import.meta.resolve("tsx"), "--input-type=module", "--eval", script];
    assert.equal(spawnSync(process.execPath, words).status, 130);
    const child = Number(readFileSync(`${path}.pid`, "utf8"));
    try {
      await waitFor("the program to end", () => !existsSync(`/proc/${child}/cwd`), { seconds: 10 });
    } finally {
      if (existsSync(`/proc/${child}/cwd`)) process.kill(child);
    }
  });

  it("does not wait for what it left running in the background", async () => {
    const path = program("background", 'sleep 600 & echo $! >"$0.child"');
    assert.deepEqual((await tell(`command:${path}`)).warnings, []);
    process.kill(Number(readFileSync(`${path}.child`, "utf8")));
  });

  it("hands a mail to sendmail, which reads the recipient from it", async () => {
    const path = program("sendmail", 'cat >"$0.mail"; printf "%s " "$@" >"$0.args"');
    const environment = { ...process.env, PATH: `${directory}:${process.env.PATH}` };
    assert.deepEqual((await tell("mail:ops@example.org", environment)).warnings, []);
    assert.equal(readFileSync(`${path}.args`, "utf8"), "-t -i ");
    assert.match(
      readFileSync(`${path}.mail`, "utf8"),
      /^To: ops@example\.org\nSubject: lfce drift site\.yml/,
    );
  });
});
