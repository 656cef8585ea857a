/** What callers get to keep must not keep more than itself: a view of a socket's chunk holds all of it in memory. */

const NONE = Buffer.alloc(0);

/** The bytes, copied unless they are most of the memory they lie in. A node made with null data reads as one with no bytes. */
export function ownBytes(view: Buffer | null): Buffer {
  if (view === null || view.length === 0) return NONE;
  return 2 * view.length >= view.buffer.byteLength ? view : Buffer.from(view);
}
