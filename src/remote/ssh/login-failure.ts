import { escapeControls } from "../../core/byte-text.ts";
import { LfceError } from "../../core/errors.ts";
import { type SocketTarget, where } from "./socket.ts";

/** How far a login has come: nothing heard yet, agreeing on keys, or the user is being let in. */
export type LoginPhase = "greeting" | "keys" | "login";

const SILENCES: Record<LoginPhase, string> = {
  greeting: "takes the connection but says nothing",
  keys: "stops in the middle of agreeing on keys",
  login: "stops in the middle of the login",
};

/** The host stopped answering after the connection was open. */
export function loginTimeout(target: Omit<SocketTarget, "signal">, phase: LoginPhase): LfceError {
  return new LfceError({
    code: "connect-timeout",
    message: `${where(target)} ${SILENCES[phase]}: no answer within ${target.timeoutMs / 1000} s`,
    hint: "check that sshd itself is well there (its journal, the load); give a slow host a longer --timeout",
    at: { host: target.host, phase: "connect" },
  });
}

/**
 * The host ended the connection before the user was logged in. `firstWords`: what it said before SSH began. sshd says
 * there `Exceeded MaxStartups` up to 9.7; since 9.8 `Not allowed at this time`, be it for MaxStartups or because it
 * lets nobody in from this address for a while (PerSourcePenalties).
 */
export function dropped(host: string, phase: LoginPhase, firstWords: string, code?: string): LfceError {
  const at = { host, phase: "connect" } as const;
  if (phase === "greeting" && /exceeded maxstartups/i.test(firstWords)) {
    return new LfceError({
      code: "server-busy",
      message: `sshd on ${host} has more logins in progress than its MaxStartups allows`,
      hint: "use fewer --forks, or raise MaxStartups in sshd_config there",
      at,
    });
  }
  if (phase === "greeting" && /not allowed at this time/i.test(firstWords)) {
    return new LfceError({
      code: "server-busy",
      message: `sshd on ${host} turns connections away for now: it has more logins in progress than its MaxStartups allows, or logins from this address have failed`,
      hint: "wait some minutes, or look at its journal: `drop connection` names MaxStartups or penalty (PerSourcePenalties of sshd_config(5))",
      at,
    });
  }
  if (phase === "login") {
    return new LfceError({
      code: "login-cut-off",
      message: `${host} ended the connection in the middle of the login${because(code)}`,
      hint: "look at the journal of sshd: MaxAuthTries, a PAM module, or an account that may not log in",
      at,
    });
  }
  const words = escapeControls(firstWords.trim().slice(0, 200));
  const said = phase === "greeting" && words !== "" ? `; it said: ${words}` : "";
  return new LfceError({
    code: "connection-lost",
    message: `${host} closed the connection before the login was done${because(code)}${said}`,
    hint: "look at the journal of sshd: it drops connections above its MaxStartups, and from addresses that failed before",
    at,
  });
}

/** What became of the stream itself, if that is what an error of ssh2 is about. A ProxyCommand says what is wrong with it. */
export function brokenConnection(
  error: Error & { level?: string; code?: string },
  host: string,
  phase: LoginPhase,
  firstWords: string,
): LfceError | undefined {
  if (error instanceof LfceError) return error;
  const broken = error.level === "client-socket" || /^Connection lost/.test(error.message);
  return broken ? dropped(host, phase, firstWords, error.code) : undefined;
}

/** The host answers, and what it says is not SSH, or not such as ssh2 understands. */
export function protocolError(
  { host, address, port }: Pick<SocketTarget, "host" | "address" | "port">,
  error: Error,
): LfceError {
  return new LfceError({
    code: "ssh-protocol-error",
    message: `${host} does not speak SSH as lfce does: ${escapeControls(error.message).slice(0, 300)}`,
    hint: `compare with: ssh -v -p ${port} ${address}`,
    at: { host, phase: "connect" },
  });
}

/** The host turns connections away after it has denied a login of this run: trying again would only prolong that. */
export function penalised(error: LfceError, host: string): LfceError {
  return new LfceError(
    {
      code: "login-penalty",
      message: `sshd on ${host} lets nobody in from this address for a while, because a login from it was denied`,
      hint: "mend the key or the user first, then wait some minutes; PerSourcePenalties of sshd_config(5) rules this",
      at: { host, phase: "connect" },
    },
    { cause: error },
  );
}

function because(code: string | undefined): string {
  return code === undefined ? "" : ` (${code})`;
}
