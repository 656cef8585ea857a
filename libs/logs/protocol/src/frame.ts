/**
 * What an agent sends to a collector, as the body of a long HTTP answer: frames, one behind the other.
 *
 *   0        4      5         13         21              21 + n
 *   | length | kind | from    | to       | payload ...   |
 *     u32 BE   u8     u64 BE    u64 BE     length - 17 bytes
 *
 * `length` counts everything behind it. `from` and `to` are offsets of the source's stream.
 */

export const FrameKind = {
  /** `payload` is the bytes `[from, to)`, whole records. */
  data: 1,
  /** The bytes `[from, to)` will never come; `payload` says why. */
  gap: 2,
  /** Nothing new. `to` is the end of the stream as the agent knows it. Sent so that silence means trouble. */
  idle: 3,
  /** The agent will not go on with this source; `payload` says why. The last frame. */
  refused: 4,
} as const;
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind];

export interface Frame {
  readonly kind: FrameKind;
  readonly from: number;
  readonly to: number;
  readonly payload: Buffer;
}

/** Of one frame's payload. An agent sends at most a quarter of it. */
export const MAX_PAYLOAD_BYTES = 4 * 1024 * 1024;
const HEAD_BYTES = 21;
const COUNTED_HEAD_BYTES = HEAD_BYTES - 4;
export const STREAM_TYPE = 'application/x-menagerie-log-frames';

/** The bytes are not frames of an agent: the connection is of no more use. */
export class FrameError extends Error {
  readonly code = 'LOGS_BAD_FRAME';
  readonly retryable = true;
  constructor(message: string) {
    super(message);
    this.name = 'FrameError';
  }
}

/** The head alone, so that a payload need not be copied behind it. */
export function encodeFrameHead(kind: FrameKind, from: number, to: number, payloadBytes: number): Buffer {
  const head = Buffer.allocUnsafe(HEAD_BYTES);
  head.writeUInt32BE(COUNTED_HEAD_BYTES + payloadBytes, 0);
  head.writeUInt8(kind, 4);
  head.writeBigUInt64BE(BigInt(from), 5);
  head.writeBigUInt64BE(BigInt(to), 13);
  return head;
}

export const encodeFrame = ({ kind, from, to, payload }: Frame): Buffer =>
  Buffer.concat([encodeFrameHead(kind, from, to, payload.length), payload]);

const KINDS: ReadonlySet<number> = new Set(Object.values(FrameKind));

/** Puts frames together from the pieces in which a socket delivers them. */
export class FrameDecoder {
  /** Invariant: less than one whole frame, so at most `MAX_PAYLOAD_BYTES` and a head. */
  private rest: Buffer = Buffer.alloc(0);

  /** @throws FrameError when the bytes cannot be frames */
  *push(piece: Buffer): Generator<Frame> {
    let bytes = this.rest.length === 0 ? piece : Buffer.concat([this.rest, piece]);
    this.rest = bytes;
    while (bytes.length >= 4) {
      const length = bytes.readUInt32BE(0);
      if (length < COUNTED_HEAD_BYTES || length > COUNTED_HEAD_BYTES + MAX_PAYLOAD_BYTES) {
        throw new FrameError(
          `expected a frame of ${COUNTED_HEAD_BYTES} to ${COUNTED_HEAD_BYTES + MAX_PAYLOAD_BYTES} bytes, got ${length}`,
        );
      }
      if (bytes.length < 4 + length) return;
      const frame = readFrame(bytes.subarray(4, 4 + length));
      bytes = bytes.subarray(4 + length);
      this.rest = bytes;
      yield frame;
    }
  }
}

function readFrame(bytes: Buffer): Frame {
  const kind = bytes.readUInt8(0);
  if (!KINDS.has(kind)) throw new FrameError(`expected a frame of kind ${[...KINDS].join(', ')}, got ${kind}`);
  const [from, to] = [offsetAt(bytes, 1), offsetAt(bytes, 9)];
  const payload = bytes.subarray(COUNTED_HEAD_BYTES);
  const span = to - from;
  if (span < 0 || (kind === FrameKind.data && span !== payload.length)) {
    throw new FrameError(`expected a frame of ${payload.length} bytes, got one from ${from} to ${to}`);
  }
  return { kind: kind as FrameKind, from, to, payload };
}

function offsetAt(bytes: Buffer, at: number): number {
  const offset = bytes.readBigUInt64BE(at);
  if (offset > BigInt(Number.MAX_SAFE_INTEGER)) throw new FrameError(`expected an offset below 2^53, got ${offset}`);
  return Number(offset);
}
