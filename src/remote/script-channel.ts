import type { ByteText } from "../core/byte-text.ts";
import { answerEnd } from "./answer-end.ts";
import type { Become } from "./become.ts";
import { createByteCollector } from "./byte-collector.ts";
import { createLineQueue } from "./line-queue.ts";
import type { OpenScript, RunScript, ScriptChannel } from "./run-script.ts";
import { type StartedScript, startScript } from "./start-script.ts";
import type { RemoteProcess, Transport } from "./transport.ts";

/** Runs scripts over a transport: as root with `become`, else as the user who has logged in. */
export function createScriptChannel(transport: Transport, host: string, become?: Become): ScriptChannel {
  const run: RunScript = async (script, options) => {
    const output = createByteCollector();
    const end = answerEnd("end");
    const started = await startScript(transport, script, {
      host,
      become,
      maxOutputBytes: options.maxOutputBytes,
      timeoutMs: options.timeoutMs,
      ...(options.signal ? { signal: options.signal } : {}),
      onStdout: (chunk) => {
        output.add(chunk);
        end.see(chunk);
        options.onStdout?.(chunk);
      },
    });
    const fed = feed(started, options.stdin, options.holdStdin ? end.seen : undefined);
    await Promise.race([fed, started.done]);
    const exit = await started.done;
    return { ...exit, stdout: output.bytes() };
  };

  const open: OpenScript = async (script, { answer, answerTimeoutMs, ...options }) => {
    const queue = createLineQueue(() => started.kill());
    let isAnswered = answer === undefined;
    const started: StartedScript = await startScript(transport, script, {
      ...options,
      host,
      become,
      ...(answerTimeoutMs === undefined ? {} : { timeoutMs: answerTimeoutMs }),
      onStdout: (chunk) => {
        if (isAnswered) return queue.push(chunk);
        isAnswered = answer?.(chunk) === true;
        if (isAnswered) started.untime();
      },
    });
    started.done.then(queue.end, queue.fail);
    const { stdin } = started.process;
    return {
      write: async (data) => {
        const sent = started.ready.then(() => send(stdin, Buffer.from(data)));
        await Promise.race([sent, started.done.then(closed)]);
      },
      end: () => void started.ready.then(() => stdin.end()),
      lines: queue.lines satisfies AsyncIterable<ByteText>,
      done: started.done,
      kill: started.kill,
    };
  };

  return { host, run, open };
}

async function feed(
  { process, ready }: StartedScript,
  data: Buffer | AsyncIterable<Buffer> | undefined,
  holdUntil: Promise<void> | undefined,
): Promise<void> {
  await ready;
  if (Buffer.isBuffer(data)) process.stdin.write(data);
  else if (data) for await (const chunk of data) await send(process.stdin, chunk);
  await holdUntil;
  process.stdin.end();
}

/** Waits while the other side does not read; a stream that broke ends the wait, its script's end says why. */
async function send(stdin: RemoteProcess["stdin"], data: Buffer): Promise<void> {
  if (stdin.write(data)) return;
  await new Promise<void>((resolve) => {
    const goOn = (): void => {
      stdin.off("drain", goOn).off("close", goOn);
      resolve();
    };
    stdin.on("drain", goOn).on("close", goOn);
  });
}

function closed(): never {
  throw new Error("the script has ended and reads no more");
}
