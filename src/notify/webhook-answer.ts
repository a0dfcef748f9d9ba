import type { Attempt } from "./attempt.ts";

/** What a web server answered. */
export interface WebhookAnswer {
  status: number;
  retryAfter?: string;
  /** The beginning of the body. */
  body: string;
}

/** A server that asks for more patience than this is not waited for any longer. */
const LONGEST_WAIT_SECONDS = 30;

/** What an answer means: 5xx, 408 and 429 may pass, everything else is for people to mend. */
export function judgeAnswer({ status, retryAfter, body }: WebhookAnswer, url: string): Attempt {
  if (status >= 200 && status < 300) return { ok: true };
  const said = mayShow(body, url) ? `: ${body.trim()}` : "";
  if (status >= 300 && status < 400) {
    // Following it would hand the message, and what the URL lets one do, to whomever the answer names.
    return {
      ok: false,
      why: `the server answered ${status}: it redirects, which lfce does not follow`,
      hint: "write the URL to which it redirects",
      again: false,
    };
  }
  const again = status >= 500 || status === 429 || status === 408;
  const seconds = /^\d+$/.test(retryAfter ?? "") ? Number(retryAfter) : undefined;
  return {
    ok: false,
    why: `the server answered ${status}${said}`,
    hint: again ? "see how the server is" : "see whether the URL still holds, and what the server expects",
    again: again && (seconds ?? 0) <= LONGEST_WAIT_SECONDS,
    ...(seconds === undefined ? {} : { afterMs: seconds * 1000 }),
  };
}

/** Whether a server's words can be shown: short and plain, and nothing of the URL, which may be a secret, in them. */
function mayShow(body: string, url: string): boolean {
  if (!/^\s*[\w .,:'-]{1,80}\s*$/.test(body)) return false;
  const parts = url.split(/[/?&=#@:]+/).filter((part) => part.length >= 4);
  return !parts.some((part) => body.includes(part));
}
