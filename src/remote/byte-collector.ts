/** Keeps bytes that come in pieces. A host may send them one by one: pieces are copied, not kept. */
export interface ByteCollector {
  add(piece: Uint8Array): void;
  /** All bytes so far; later additions do not change it. */
  bytes(): Buffer;
}

const FIRST_SIZE = 16 * 1024;

export function createByteCollector(): ByteCollector {
  let room = Buffer.alloc(0);
  let length = 0;
  return {
    add: (piece) => {
      if (length + piece.length > room.length) {
        const larger = Buffer.allocUnsafe(Math.max(FIRST_SIZE, 2 * room.length, length + piece.length));
        room.copy(larger, 0, 0, length);
        room = larger;
      }
      room.set(piece, length);
      length += piece.length;
    },
    bytes: () => room.subarray(0, length),
  };
}
