/** How long a string or buffer inside a record may be. Source: BinaryInputArchive.checkLength. */

/** Apache's default for `jute.maxbuffer`: the longest frame, and the base of the limit on a field. */
export const DEFAULT_MAX_BUFFER_BYTES = 0xfffff;

/** The slack is never smaller than this, whatever `zookeeper.jute.maxbuffer.extrasize` says. */
const MIN_EXTRA_BYTES = 1024;

/**
 * The limit on one field. The slack exists because a transaction that wraps a request of the full size is a little
 * larger than the request and must still be readable from the log and by followers (ZOOKEEPER-3496).
 */
export function maxFieldBytes(maxBufferBytes: number, extraBytes: number = maxBufferBytes): number {
  return maxBufferBytes + Math.max(extraBytes, MIN_EXTRA_BYTES);
}

export const DEFAULT_MAX_FIELD_BYTES = maxFieldBytes(DEFAULT_MAX_BUFFER_BYTES);
