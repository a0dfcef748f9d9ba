import type { Duplex } from "node:stream";

/** sshd tells why it drops a connection in one short line; more is not looked at. */
const MAX_FIRST_WORDS = 512;

/** What a host says before SSH begins. */
export interface FirstWords {
  text(): string;
  /** Begins to hear; to be called after ssh2's connect(), which pauses the stream and must not miss a byte. */
  listen(): void;
  stop(): void;
}

/** `greeted` is called once, when the host has said that it speaks SSH. */
export function firstWordsOf(stream: Duplex, greeted: () => void): FirstWords {
  let text = "";
  const stop = (): void => void stream.off("data", hear);
  const hear = (chunk: Buffer): void => {
    text += chunk.toString("latin1", 0, MAX_FIRST_WORDS);
    const speaksSsh = /^SSH-/m.test(text);
    if (speaksSsh || text.length >= MAX_FIRST_WORDS) stop();
    if (speaksSsh) greeted();
  };
  return { text: () => text, listen: () => void stream.on("data", hear), stop };
}
