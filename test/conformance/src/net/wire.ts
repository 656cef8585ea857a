/** One TCP connection to a server: frames in, bytes out. It knows frames and nothing of what is in them. */
import { FrameDecoder } from '@menagerie/zookeeper-protocol';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Address, describeAddress } from './address.js';
import { within } from './waiting.js';

/** The connection ended while something was still expected from it. */
export class ConnectionEndedError extends Error {
  readonly code = 'CONFORMANCE_CONNECTION_ENDED';
  readonly retryable = false;

  constructor(expected: string) {
    super(`expected ${expected}, the server closed the connection`);
    this.name = 'ConnectionEndedError';
  }
}

/** Answers may be larger than the largest request: a listing, a multiRead. */
const MAX_FRAME_BYTES = 16 * 1024 * 1024;

export class Wire {
  /** Resolves when the connection is gone, whoever ended it and however (FIN or RST). */
  readonly ended: Promise<void>;
  private hasEnded = false;

  private constructor(
    private readonly socket: Socket,
    onFrame: (payload: Buffer) => void,
  ) {
    const decoder = new FrameDecoder({ maxFrameBytes: MAX_FRAME_BYTES });
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      for (const payload of decoder.push(chunk)) onFrame(payload);
    });
    // A reset is one way for a server to close; 'close' follows and that is what callers wait for.
    socket.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      socket.once('close', () => {
        this.hasEnded = true;
        resolve();
      });
    });
  }

  static async open(address: Address, onFrame: (payload: Buffer) => void): Promise<Wire> {
    const { clientPort: port, host, tls } = address;
    const socket = tls === undefined ? connect(port, host) : connectTls({ ...tls, host, port });
    const connected = new Promise<void>((resolve, reject) => {
      socket.once(tls === undefined ? 'connect' : 'secureConnect', resolve);
      socket.once('error', reject);
    });
    await within(connected, `a connection to ${describeAddress(address)}`);
    return new Wire(socket, onFrame);
  }

  get isEnded(): boolean {
    return this.hasEnded;
  }

  write(bytes: Uint8Array): void {
    if (!this.hasEnded) this.socket.write(bytes);
  }

  /** Waits until the server has closed the connection. */
  async untilEnded(deadlineMs?: number): Promise<void> {
    await within(this.ended, 'the server to close the connection', deadlineMs);
  }

  /** Drops the connection the way a crashed client does: no goodbye. */
  destroy(): void {
    this.socket.destroy();
  }
}
