import { escapeLine } from "../core/byte-text.ts";
import { LfceError } from "../core/errors.ts";
import { type Secret, secret } from "../core/secrets.ts";
import { splitWords } from "./split-words.ts";

/** Whom to tell, as `--notify KIND:…` says it. */
export type NotifyTarget = CommandTarget | WebhookTarget | MailTarget;

export interface CommandTarget {
  kind: "command";
  /** A path, or a name that is looked for in PATH. */
  program: string;
  args: string[];
}

export interface WebhookTarget {
  kind: "webhook" | "slack";
  url: WebhookUrl;
}

export interface MailTarget {
  kind: "mail";
  address: string;
}

/** Where the URL of a webhook stands. Most hold a token, so that all are treated as secrets. */
export type WebhookUrl =
  | { from: "given"; value: Secret }
  | { from: "environment"; name: string }
  | { from: "file"; path: string };

const KINDS = "command:PROGRAM ARGS, webhook:URL, slack:URL (URL may be env:NAME or file:PATH), mail:ADDRESS";

/**
 * Reads `KIND:…`. What a target says of itself is never part of an error: it may be a secret.
 * @throws LfceError `notify-target` when it is none
 */
export function parseTarget(text: string): NotifyTarget {
  const [, kind = "", rest = ""] = /^(\w+):(.*)$/s.exec(text) ?? [];
  switch (kind) {
    case "command": {
      const [program, ...args] = splitWords(rest) ?? [];
      if (!program) throw targetError("--notify command: names no program, or a quote in it stays open");
      return { kind, program, args };
    }
    case "webhook":
    case "slack":
      return { kind, url: parseWebhookUrl(kind, rest) };
    case "mail":
      if (!MAIL_ADDRESS.test(rest)) throw targetError("--notify mail: is followed by no plain mail address");
      return { kind, address: rest };
    default:
      throw targetError("--notify does not begin with a kind that lfce knows");
  }
}

/** How a target is called in messages: without what could be a secret. */
export function targetName(target: NotifyTarget): string {
  switch (target.kind) {
    case "command":
      // Arguments may hold a token.
      return `command:${escapeLine(target.program)}`;
    case "mail":
      return `mail:${target.address}`;
    case "webhook":
    case "slack":
      return `${target.kind}:${urlName(target.url)}`;
  }
}

/**
 * Checks that a text is the URL of a webhook.
 * @throws LfceError `notify-url`, which does not repeat the text
 */
export function webhookUrl(text: string): string {
  const url = text.trim();
  // What a terminal or a header could act upon is no part of any URL.
  if (/^https?:\/\/[!-~]+$/.test(url) && URL.canParse(url)) return url;
  throw new LfceError({
    code: "notify-url",
    message: "the webhook's URL is not one that begins with https:// or http://",
    hint: "correct it where it stands; it is not shown, because it may hold a token",
  });
}

function parseWebhookUrl(kind: string, text: string): WebhookUrl {
  const [, place, rest = ""] = /^(env|file):(.*)$/s.exec(text) ?? [];
  if (place === "env") {
    if (/^[A-Za-z_]\w*$/.test(rest)) return { from: "environment", name: rest };
    throw targetError(`--notify ${kind}:env: is followed by no name of a variable`);
  }
  if (place === "file") {
    if (rest !== "") return { from: "file", path: rest };
    throw targetError(`--notify ${kind}:file: is followed by no path`);
  }
  return { from: "given", value: secret(webhookUrl(text)) };
}

function urlName(url: WebhookUrl): string {
  if (url.from === "environment") return `env:${url.name}`;
  if (url.from === "file") return `file:${escapeLine(url.path)}`;
  return `${new URL(url.value.reveal()).protocol}//…`;
}

function targetError(message: string): LfceError {
  return new LfceError({ code: "notify-target", message, hint: `write one of ${KINDS}` });
}

/** One address of the plain kind (RFC 5321's dot-string), or the name of a local user. */
const MAIL_ADDRESS =
  /^[\w!#$%&'*+/=?^`{|}~][\w!#$%&'*+/=?^`{|}~.-]{0,63}(@[A-Za-z0-9]([A-Za-z0-9.-]{0,253}[A-Za-z0-9])?)?$/;
