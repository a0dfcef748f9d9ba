import { createHmac } from "node:crypto";

/*
 * Every hashed line of known_hosts has to be tried for every host, which is millions of HMACs for a fleet of
 * thousands. node:crypto takes 5 to 10 µs for one, most of it to set it up; here what depends on the salt alone and on
 * the name alone is done once (RFC 2104, FIPS 180-4).
 */

/** A hashed name, ready to be compared with many names. */
export interface HashedName {
  /** SHA-1's state after the salt as inner and as outer key. */
  inner: Int32Array;
  outer: Int32Array;
  hash: Int32Array;
  text: string;
}

/** A name, ready to be compared with many hashed ones; one that does not fit one block of SHA-1 has no schedule. */
export interface PreparedName {
  schedule?: Int32Array;
  name: string;
}

const BLOCK_BYTES = 64;
const MOST_IN_ONE_BLOCK = 55;

/** A name as known_hosts hides it (HashKnownHosts); the salt is 20 random bytes. */
export function hashName(name: string, salt: Buffer): string {
  const hash = createHmac("sha1", salt).update(name).digest("base64");
  return `|1|${salt.toString("base64")}|${hash}`;
}

/** Reads `|1|SALT|HASH`, both of 20 bytes; undefined for anything else, which no name matches. */
export function readHashedName(text: string): HashedName | undefined {
  const match = /^\|1\|([A-Za-z0-9+/]{27}=)\|([A-Za-z0-9+/]{27}=)$/.exec(text);
  if (!match) return undefined;
  const salt = Buffer.from(match[1] ?? "", "base64");
  const hash = Buffer.from(match[2] ?? "", "base64");
  return {
    inner: keyState(salt, 0x36),
    outer: keyState(salt, 0x5c),
    hash: Int32Array.from({ length: 5 }, (_, index) => hash.readInt32BE(index * 4)),
    text,
  };
}

/** Makes a name (as `knownHostsName` spells it) ready for many comparisons. */
export function prepareName(name: string): PreparedName {
  const bytes = Buffer.from(name);
  if (bytes.length > MOST_IN_ONE_BLOCK) return { name };
  return { name, schedule: scheduleOf(lastBlock(bytes)) };
}

/** Whether a hashed name is that of `name`. */
export function isHashOf(hashed: HashedName, { name, schedule }: PreparedName): boolean {
  if (schedule === undefined) {
    return hashName(name, Buffer.from(hashed.text.split("|")[2] ?? "", "base64")) === hashed.text;
  }
  rounds(hashed.inner, schedule, digest);
  expand(outerBlock(digest), scratch);
  rounds(hashed.outer, scratch, digest);
  // One word tells nearly all others apart.
  if (digest[0] !== hashed.hash[0]) return false;
  return digest.every((word, index) => word === hashed.hash[index]);
}

const digest = new Int32Array(5);
const scratch = new Int32Array(80);
const outer = new Int32Array(16);

/** The inner digest as the message of the outer hash, which follows one block of key. */
function outerBlock(inner: Int32Array): Int32Array {
  outer.set(inner);
  outer[5] = 0x80000000 | 0;
  outer[15] = (BLOCK_BYTES + 20) * 8;
  return outer;
}

/** The only block of a short message that follows one block of key. */
function lastBlock(message: Buffer): Int32Array {
  const block = Buffer.alloc(BLOCK_BYTES);
  message.copy(block);
  block[message.length] = 0x80;
  block.writeUInt32BE((BLOCK_BYTES + message.length) * 8, BLOCK_BYTES - 4);
  return wordsOf(block);
}

function keyState(salt: Buffer, pad: number): Int32Array {
  const block = Buffer.alloc(BLOCK_BYTES, pad);
  for (const [index, byte] of salt.entries()) block[index] = byte ^ pad;
  const start = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);
  const state = new Int32Array(5);
  rounds(start, scheduleOf(wordsOf(block)), state);
  return state;
}

function wordsOf(block: Buffer): Int32Array {
  return Int32Array.from({ length: 16 }, (_, index) => block.readInt32BE(index * 4));
}

function scheduleOf(block: Int32Array): Int32Array {
  const schedule = new Int32Array(80);
  expand(block, schedule);
  return schedule;
}

/** SHA-1's message schedule (FIPS 180-4, 6.1.2, step 1). */
function expand(block: Int32Array, into: Int32Array): void {
  into.set(block);
  for (let t = 16; t < 80; t++) {
    const mixed = at(into, t - 3) ^ at(into, t - 8) ^ at(into, t - 14) ^ at(into, t - 16);
    into[t] = (mixed << 1) | (mixed >>> 31);
  }
}

/** SHA-1's 80 rounds over one block (steps 2 to 4). Written out by their four kinds: it is the inner loop. */
function rounds(state: Int32Array, schedule: Int32Array, into: Int32Array): void {
  let a = at(state, 0);
  let b = at(state, 1);
  let c = at(state, 2);
  let d = at(state, 3);
  let e = at(state, 4);
  for (let t = 0; t < 20; t++) {
    const next = (((a << 5) | (a >>> 27)) + ((b & c) | (~b & d)) + e + 0x5a827999 + at(schedule, t)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (let t = 20; t < 40; t++) {
    const next = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + 0x6ed9eba1 + at(schedule, t)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (let t = 40; t < 60; t++) {
    const next =
      (((a << 5) | (a >>> 27)) + ((b & c) | (b & d) | (c & d)) + e + 0x8f1bbcdc + at(schedule, t)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (let t = 60; t < 80; t++) {
    const next = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + 0xca62c1d6 + at(schedule, t)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  into[0] = at(state, 0) + a;
  into[1] = at(state, 1) + b;
  into[2] = at(state, 2) + c;
  into[3] = at(state, 3) + d;
  into[4] = at(state, 4) + e;
}

function at(words: Int32Array, index: number): number {
  return words[index] as number;
}
