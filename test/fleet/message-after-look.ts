import { randomUUID } from "node:crypto";
import type { ConnectionSettings } from "../../src/core/connection.ts";
import type { ObserveRequest } from "../../src/core/host-session.ts";
import { createSession } from "../../src/remote/session.ts";
import { processEnvironment } from "../../src/remote/ssh/environment.ts";
import type { Lab } from "../lab/lab.ts";
import { connectSsh } from "../ssh/connect-once.ts";
import { onHost } from "./proof-hosts.ts";

const request: ObserveRequest = {
  follow: [{ service: "rsyslog", path: "/etc/rsyslog.conf", usual: ["/etc/rsyslog.d/*.conf"] }],
  files: ["/etc/passwd"],
  stat: [],
  units: ["rsyslog"],
  programs: [],
  names: [],
  keepForMessages: true,
};

/** Looks at a machine and sends a message there: how many commands that took, and how often its journal has the message. */
export async function messageAfterLook(
  lab: Lab,
  settings: ConnectionSettings,
): Promise<{ commands: number; logged: number }> {
  const { signal } = new AbortController();
  const transport = await connectSsh(settings, processEnvironment({}), signal);
  let commands = 0;
  const exec = (command: string) => {
    commands += 1;
    return transport.exec(command);
  };
  const session = createSession(
    { ...transport, exec },
    { ...settings, become: settings.become ?? false },
    signal,
  );
  const nonce = `lfce-${randomUUID()}`;
  try {
    await session.observe(request);
    await session.logNonce(nonce, "user.info");
  } finally {
    await session.close();
  }
  const journal = await onHost(lab, settings.host, "journalctl --sync; journalctl --no-pager -o cat -t lfce");
  return { commands, logged: journal.split(nonce).length - 1 };
}
