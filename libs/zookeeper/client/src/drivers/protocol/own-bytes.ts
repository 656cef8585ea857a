import { MAX_CHUNK_BYTES } from './socket.js';

/** What callers get to keep is theirs alone: a socket's chunk is overwritten by the next. */
const NONE = Buffer.alloc(0);

/** The bytes, copied if they may lie in a socket's chunk. A node made with null data reads as one with no bytes. */
export function ownBytes(view: Buffer | null): Buffer {
  if (view === null || view.length === 0) return NONE;
  // What is longer than any chunk has been put together in memory of its own, and fills at least half of that.
  return view.length > MAX_CHUNK_BYTES ? view : Buffer.from(view);
}
