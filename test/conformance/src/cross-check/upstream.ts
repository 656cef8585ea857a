/** The proxy's connection to one of the two servers: one frame out, the answer back, events on the side. */
import { connect, type Socket } from 'node:net';
import { decodeWatcherEvent, FrameDecoder, frame, JuteReader, Xid } from '@menagerie/zookeeper-protocol';
import type { Address } from '../net/address.js';

export interface Answer {
  readonly xid: number;
  readonly zxid: bigint;
  readonly err: number;
  readonly body: Buffer;
}

const MAX_FRAME_BYTES = 64 << 20;
const HEADER_BYTES = 16;

export class Upstream {
  /** Since the last time somebody took them: `type path`. */
  private readonly events: string[] = [];
  private waiting: ((payload: Buffer | null) => void) | null = null;
  private hasEnded = false;

  private constructor(
    private readonly socket: Socket,
    private readonly onPayload: (payload: Buffer) => void,
  ) {
    const decoder = new FrameDecoder({ maxFrameBytes: MAX_FRAME_BYTES });
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      for (const payload of decoder.push(chunk)) this.received(Buffer.from(payload));
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.hasEnded = true;
      this.waiting?.(null);
    });
  }

  /** @param onPayload told of everything in its order, before anybody else is */
  static async open({ host, clientPort }: Address, onPayload: (payload: Buffer) => void): Promise<Upstream> {
    const socket = connect(clientPort, host);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new Upstream(socket, onPayload);
  }

  /** @returns the payload that answers it; null if the server closed instead, or said nothing for `timeoutMs` */
  exchange(payload: Buffer, timeoutMs: number): Promise<Buffer | null> {
    if (this.hasEnded) return Promise.resolve(null);
    return new Promise((resolve) => {
      const deadline = setTimeout(() => this.waiting?.(null), timeoutMs);
      this.waiting = (answer) => {
        clearTimeout(deadline);
        this.waiting = null;
        resolve(answer);
      };
      this.socket.write(frame(payload));
    });
  }

  takeEvents(): string[] {
    return this.events.splice(0);
  }

  close(): void {
    this.socket.destroy();
  }

  private received(payload: Buffer): void {
    this.onPayload(payload);
    if (payload.length >= HEADER_BYTES && payload.readInt32BE(0) === Xid.watch) {
      const { type, path } = decodeWatcherEvent(new JuteReader(payload.subarray(HEADER_BYTES)));
      this.events.push(`${type} ${path}`);
    } else this.waiting?.(payload);
  }
}

export function answerOf(payload: Buffer): Answer {
  return {
    xid: payload.readInt32BE(0),
    zxid: payload.readBigInt64BE(4),
    err: payload.readInt32BE(12),
    body: payload.subarray(HEADER_BYTES),
  };
}
