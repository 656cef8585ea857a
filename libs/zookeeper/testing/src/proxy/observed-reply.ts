/** What passes over a client's connection, told apart: which request a reply is for. */
import { FrameDecoder, JuteReader, Xid, decodeReplyHeader, decodeRequestHeader } from '@menagerie/zookeeper-protocol';

/** Either side may send what a test wants to see fail at the other. */
const MAX_FRAME_BYTES = 256 * 1024 * 1024;
const REPLY_HEADER_BYTES = 16;
/** Requests without a reply that are remembered. */
const MAX_OPEN_REQUESTS = 100_000;

export interface ObservedReply {
  readonly xid: number;
  /** `OpCode` of the request it answers; null for watch events. */
  readonly opCode: number | null;
  /** `ErrorCode`, 0 for success. */
  readonly err: number;
}

/** Follows one connection in both directions. Both streams begin with a handshake, which has no header. */
export class ReplyObserver {
  readonly #requests = new FrameDecoder({ maxFrameBytes: MAX_FRAME_BYTES });
  readonly #replies = new FrameDecoder({ maxFrameBytes: MAX_FRAME_BYTES });
  readonly #opCodes = new Map<number, number>();
  #handshakeSent = false;
  #handshakeAnswered = false;

  /** Bytes from the client. */
  request(chunk: Buffer): void {
    for (const payload of this.#requests.push(chunk)) {
      if (this.#handshakeSent) {
        const { xid, type } = decodeRequestHeader(new JuteReader(payload));
        if (this.#opCodes.size < MAX_OPEN_REQUESTS) this.#opCodes.set(xid, type);
      }
      this.#handshakeSent = true;
    }
  }

  /** Bytes from the server: the whole messages in them, with what they are; null for what is no reply to a request. */
  reply(chunk: Buffer): { readonly payload: Buffer; readonly reply: ObservedReply | null }[] {
    return this.#replies.push(chunk).map((payload) => {
      const isReply = this.#handshakeAnswered && payload.length >= REPLY_HEADER_BYTES;
      this.#handshakeAnswered = true;
      if (!isReply) return { payload, reply: null };
      const { xid, err } = decodeReplyHeader(new JuteReader(payload));
      const opCode = xid === Xid.watch ? null : (this.#opCodes.get(xid) ?? null);
      if (xid >= 0) this.#opCodes.delete(xid);
      return { payload, reply: { xid, opCode, err } };
    });
  }
}
