import type { ConnectionSettings } from "../core/connection.ts";
import { LfceError } from "../core/errors.ts";
import type { Connect, HostSession } from "../core/host-session.ts";
import { applyTransaction } from "./apply.ts";
import { becomeOf, type GateFor } from "./become.ts";
import { committedChanges } from "./committed-changes.ts";
import { ntpEvidence, syslogEvidence } from "./evidence.ts";
import { installPackages } from "./install.ts";
import { createShellKeeper } from "./kept-shell.ts";
import { logNonce } from "./nonce.ts";
import { watchForNonces } from "./nonce-watch.ts";
import { observe } from "./observe.ts";
import type { HostMemory } from "./observe-memory.ts";
import { createPasswordGate, passwordGate } from "./password-gate.ts";
import type { ScriptChannel } from "./run-script.ts";
import { createScriptChannel } from "./script-channel.ts";
import { realTools } from "./ssh/attempts.ts";
import { createConnector } from "./ssh/connect.ts";
import type { SshEnvironment } from "./ssh/environment.ts";
import type { Transport } from "./transport.ts";

/**
 * Binds the SSH layer to the machine that lfce runs on. `note` is told of every new attempt to connect; `memory` says
 * what is known of a host from earlier.
 */
export function createConnect(
  environment: SshEnvironment,
  note: (text: string) => void = () => {},
  memory: (host: string) => HostMemory | undefined = () => undefined,
): Connect {
  const connector = createConnector(environment, { ...realTools, note });
  const connect: Connect = async (settings, signal) => {
    try {
      const transport = await connector.connect(settings, signal);
      return createSession(
        transport,
        settings,
        signal,
        (...password) => passwordGate(environment, ...password),
        memory(settings.host),
      );
    } catch (error) {
      if (!(error instanceof LfceError) || error.at) throw error;
      const at = { host: settings.host, phase: "connect" } as const;
      throw new LfceError({ ...error.data, at }, { cause: error });
    }
  };
  connect.close = () => connector.close();
  return connect;
}

type SessionSettings = Pick<
  ConnectionSettings,
  "host" | "user" | "become" | "becomeMethod" | "becomePassword"
>;

/**
 * Everything that lfce does on one host, over one transport. An abort of `signal` ends what only reads. What
 * changes the host is not cut off by it: a package manager is left to finish, and a transaction waits for its
 * verdict, so that whoever aborts can still put the host back and say so.
 */
export function createSession(
  transport: Transport,
  settings: SessionSettings,
  signal: AbortSignal,
  gateFor: GateFor = () => createPasswordGate(),
  memory?: HostMemory,
): HostSession {
  const user = transport.user ?? settings.user ?? "";
  // With StrictHostKeyChecking=no a connection is made all the same; no password may go over it.
  const trusted = !transport.warnings?.some(({ code }) => code === "host-key-changed");
  const become = becomeOf({ ...settings, user }, gateFor, trusted);
  const { keep, kept, inPlace } = createShellKeeper();
  const writing = inPlace(createScriptChannel(transport, settings.host, become));
  const reading = abortable(writing, signal);
  return {
    user,
    ...(transport.warnings ? { warnings: transport.warnings } : {}),
    observe: (request) => observe(reading, request, { keep, ...memory }),
    install: (packageManager, packages) => installPackages(writing, packageManager, packages),
    apply: (transaction, settling) => {
      memory?.looks.forgetUnits();
      return applyTransaction(writing, transaction, settling ? { settling } : {});
    },
    committedChanges: (wanted) => committedChanges(reading, wanted),
    ntpEvidence: (request) => ntpEvidence(reading, request),
    logNonce: (nonce, priority) => logNonce(reading, nonce, priority, kept()),
    watchForNonces: () => watchForNonces(reading),
    syslogEvidence: (request) => syslogEvidence(reading, request),
    close: () => transport.close(),
  };
}

function abortable(channel: ScriptChannel, signal: AbortSignal): ScriptChannel {
  return {
    host: channel.host,
    run: (script, options) => channel.run(script, { signal, ...options }),
    open: (script, options) => channel.open(script, { signal, ...options }),
  };
}
