import type { AnyAuthMethod, AuthenticationType, Prompt } from "ssh2";
import { escapeControls } from "../../../core/byte-text.ts";
import type { LfceError } from "../../../core/errors.ts";
import { SingleKeyAgent } from "./agent.ts";
import { loginBroken, passwordExpired, questionUnknown } from "./authentication-errors.ts";
import type { AuthenticationLog } from "./authentication-log.ts";
import { type Method, type MethodRules, methodsOf } from "./authentication-methods.ts";
import type { Credentials, OfferedKey } from "./credentials.ts";

/** What authentication needs to know of the machine. */
export type AuthenticationRequest = MethodRules & { host: string; user: string; credentials: Credentials };

/** One login, as ssh2 asks for what to try next. */
export interface Authentication {
  next(
    methodsLeft: AuthenticationType[] | null,
    partial: boolean | null,
    callback: (method: AnyAuthMethod | false) => void,
  ): void;
  /** An agent could not sign: the next key follows. */
  agentFailed(error: Error): void;
  /** The login has ended; to be called once. */
  ended(loggedIn: boolean): void;
  log: AuthenticationLog;
}

/** sshd cuts off after MaxAuthTries (6 by default) failures; a password that was given must still be heard. */
const KEYS_BEFORE_PASSWORD = 4;

/**
 * Decides what to offer: each key once, by a question without a signature first, then the password once, by
 * `password` or else by `keyboard-interactive`, never by both: a wrong one must not count twice. A password goes
 * only to a host whose key is `trusted`. `stop` ends the login with an error of its own.
 */
export function createAuthentication(
  request: AuthenticationRequest,
  trusted: () => boolean,
  stop: (error: LfceError) => void,
): Authentication {
  const { credentials, user: username } = request;
  const order = methodsOf(request);
  const waiting = order.includes("publickey") ? [...credentials.keys] : [];
  const limit = credentials.password ? KEYS_BEFORE_PASSWORD : waiting.length;
  const log: AuthenticationLog = {
    offered: [],
    accepted: [],
    password: "unused",
    keysLeft: Math.max(0, waiting.length - limit),
  };
  waiting.length = Math.min(waiting.length, limit);
  let [asked, keyTaken, insideGate, over] = [false, false, false, false];

  const leaveGate = (verdict: "accepted" | "refused" | undefined): void => {
    if (insideGate) credentials.password?.gate.leave(verdict);
    insideGate = false;
  };
  const enterGate = async (): Promise<boolean> => {
    const may = (await credentials.password?.gate.enter()) === true;
    insideGate = may;
    // The host may have hung up in the meantime.
    if (over) leaveGate(undefined);
    return may;
  };
  const offerKey = (offered: OfferedKey): AnyAuthMethod => {
    log.offered.push(offered.label);
    if (offered.agentSocket === undefined) return { type: "publickey", username, key: offered.key as never };
    const signing = (): void => {
      keyTaken = true;
    };
    return { type: "agent", username, agent: new SingleKeyAgent(offered.agentSocket, offered.key, signing) };
  };
  const answerQuestions = (
    _name: string,
    _instructions: string,
    _language: string,
    prompts: Prompt[],
    answer: (answers: string[]) => void,
  ): void => {
    const [prompt] = prompts;
    const text = escapeControls(prompt?.prompt ?? "")
      .trim()
      .slice(0, 100);
    const again = log.password === "sent";
    const fits = prompts.length === 1 && prompt?.echo === false && !/code|token|otp|pin\b|factor/i.test(text);
    if (again && /new|current|change|expired/i.test(text)) stop(passwordExpired(request));
    else if (again || !fits) stop(questionUnknown(request, text));
    else {
      log.password = "sent";
      answer([credentials.password?.value.reveal() ?? ""]);
    }
  };
  const offerPassword = (method: Method): AnyAuthMethod => {
    log.offered.push("a password");
    if (method === "keyboard-interactive") {
      return { type: "keyboard-interactive", username, prompt: answerQuestions as never };
    }
    log.password = "sent";
    return { type: "password", username, password: credentials.password?.value.reveal() ?? "" };
  };
  const mayOffer = (method: Method): boolean => {
    if (asked && !log.accepted.includes(method)) return false;
    if (method === "publickey") return waiting.length > 0 && !keyTaken;
    return credentials.password !== undefined && log.password === "unused";
  };

  const advance = async (): Promise<AnyAuthMethod | false> => {
    // ssh2 does not tell of a partial success by a key of the agent; it shows by the signature that was asked for.
    if (keyTaken) asked = false;
    const method = order.find(mayOffer);
    const key = method === "publickey" ? waiting.shift() : undefined;
    if (key) return offerKey(key);
    if (!asked && (method !== undefined || keyTaken || log.offered.length === 0)) {
      // Which kinds of login the server takes (now) is known only by asking.
      [asked, keyTaken] = [true, false];
      return { type: "none", username };
    }
    if (method === undefined) return false;
    if (trusted() && (await enterGate())) return offerPassword(method);
    log.password = trusted() ? "withheld" : "untrusted";
    return advance();
  };

  return {
    log,
    agentFailed: (error) => {
      keyTaken = false;
      log.offered.push(`ssh-agent failed (${escapeControls(error.message)})`);
    },
    ended: (loggedIn) => {
      over = true;
      leaveGate(loggedIn ? "accepted" : undefined);
    },
    next: (methodsLeft, partial, callback) => {
      if (methodsLeft) [asked, log.accepted] = [true, methodsLeft];
      if (insideGate) {
        if (!partial) log.password = "refused";
        leaveGate(partial ? "accepted" : "refused");
      }
      const go = (method: AnyAuthMethod | false): void => {
        // Whoever waited for a password may find the connection gone.
        if (!over) callback(method);
      };
      advance()
        .then(go)
        .catch((error: Error) => stop(loginBroken(request, error)));
    },
  };
}
