/**
 * One direction of an election connection, out of chunks of any size.
 *
 *   stream  = [greeting], message*
 *   message = int length (1..524288), bytes
 *
 * The greeting is there for the server that was dialled, and missing for the one that dialled.
 */
import { frame, FrameDecoder } from '../frame.js';
import { ByteWindow } from '../stream/byte-window.js';
import { decodeGreeting, type ElectionGreeting } from './greeting.js';

export const MAX_ELECTION_MESSAGE_BYTES = 512 * 1024;

export type ElectionStreamItem =
  | { readonly kind: 'greeting'; readonly greeting: ElectionGreeting }
  /** For `decodeNotification`. */
  | { readonly kind: 'message'; readonly body: Buffer };

export class ElectionStreamDecoder {
  private readonly frames = new FrameDecoder({ minFrameBytes: 1, maxFrameBytes: MAX_ELECTION_MESSAGE_BYTES });
  /** Holds an incomplete greeting, so never more than the longest one and a chunk; null once it has come. */
  private beforeGreeting: ByteWindow | null;

  /** @param side who reads: the server that `dialled` or the one that `accepted` the connection */
  constructor(side: 'dialled' | 'accepted') {
    this.beforeGreeting = side === 'accepted' ? new ByteWindow() : null;
  }

  /**
   * Takes the next bytes and returns what they complete, in order.
   *
   * @throws ElectionGreetingError, FrameError; the connection is of no use after either
   */
  push(chunk: Buffer): ElectionStreamItem[] {
    if (this.beforeGreeting === null) return this.messages(chunk);
    this.beforeGreeting.append(chunk);
    const bytes = this.beforeGreeting.view();
    const decoded = decodeGreeting(bytes);
    if (decoded === null) return [];
    this.beforeGreeting = null;
    return [{ kind: 'greeting', greeting: decoded.greeting }, ...this.messages(bytes.subarray(decoded.byteCount))];
  }

  private messages(bytes: Buffer): ElectionStreamItem[] {
    return this.frames.push(bytes).map((body) => ({ kind: 'message', body }));
  }
}

/** A notification with its length, as it goes out. */
export function frameElectionMessage(body: Buffer): Buffer {
  if (body.length === 0 || body.length > MAX_ELECTION_MESSAGE_BYTES) {
    throw new RangeError(`expected a message of 1 to ${MAX_ELECTION_MESSAGE_BYTES} bytes, got ${body.length}`);
  }
  return frame(body);
}
