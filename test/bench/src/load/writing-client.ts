/**
 * A client that only writes, one request at a time, and notes when each was acknowledged: what it saw as a gap is what
 * an application would have seen. It reconnects at once, to the next server of its list, keeping its session; so the
 * gap measured is the ensemble's and not a client library's back-off.
 */
import { connect, type Socket } from 'node:net';

const SESSION_TIMEOUT_MS = 30_000;
/** A server that took the connection and says nothing is left after this long. */
const SILENCE_MS = 250;
const RETRY_MS = 2;

export interface Gap {
  /** Longest time between two acknowledged writes, and when it began, on the monotonic clock. */
  readonly longestMs: number;
  readonly beganAtMs: number;
  readonly acknowledged: number;
  readonly reconnects: number;
}

export class WritingClient {
  private socket: Socket | null = null;
  private input: Buffer = Buffer.alloc(0);
  private sessionId = 0n;
  private password: Buffer = Buffer.alloc(16);
  private attached = false;
  private server: number;
  private xid = 0;
  private acknowledgedAt: number[] = [];
  private reconnects = 0;
  private silence: NodeJS.Timeout | null = null;
  private stopped = false;
  private failure: Error | null = null;

  /** @param servers host:port in the order they are tried; `first` is the index to begin with. */
  constructor(
    private readonly servers: readonly string[],
    private readonly path: string,
    first = 0,
  ) {
    this.server = first;
    this.open();
  }

  get writes(): number {
    return this.acknowledgedAt.length;
  }

  /** The gaps seen since `sinceMs`; throws what a server answered wrongly. */
  gap(sinceMs = 0): Gap {
    if (this.failure) throw this.failure;
    let longestMs = 0;
    let beganAtMs = 0;
    for (let i = 1; i < this.acknowledgedAt.length; i += 1) {
      const from = this.acknowledgedAt[i - 1] as number;
      const took = (this.acknowledgedAt[i] as number) - from;
      if (this.acknowledgedAt[i]! >= sinceMs && took > longestMs) {
        longestMs = took;
        beganAtMs = from;
      }
    }
    return { longestMs, beganAtMs, acknowledged: this.acknowledgedAt.length, reconnects: this.reconnects };
  }

  stop(): void {
    this.stopped = true;
    if (this.silence) clearTimeout(this.silence);
    this.socket?.destroy();
  }

  private open(): void {
    const [host = '', port = ''] = (this.servers[this.server % this.servers.length] ?? '').split(':');
    const socket = connect({ host, port: Number(port), noDelay: true });
    this.socket = socket;
    this.attached = false;
    this.input = Buffer.alloc(0);
    this.expectAnswer();
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (socket === this.socket) this.moveOn();
    });
    socket.on('data', (chunk) => this.receive(chunk));
    const hello = Buffer.alloc(49);
    hello.writeInt32BE(45, 0);
    hello.writeInt32BE(SESSION_TIMEOUT_MS, 16);
    hello.writeBigInt64BE(this.sessionId, 20);
    hello.writeInt32BE(16, 28);
    this.password.copy(hello, 32);
    socket.write(hello);
  }

  private moveOn(): void {
    if (this.stopped) return;
    this.reconnects += 1;
    this.server += 1;
    this.socket?.destroy();
    this.socket = null;
    setTimeout(() => this.stopped || this.open(), RETRY_MS);
  }

  private expectAnswer(): void {
    if (this.silence) clearTimeout(this.silence);
    this.silence = setTimeout(() => this.moveOn(), SILENCE_MS);
  }

  private receive(chunk: Buffer): void {
    this.input = this.input.length === 0 ? chunk : Buffer.concat([this.input, chunk]);
    while (this.input.length >= 4) {
      const length = this.input.readInt32BE(0);
      if (this.input.length < 4 + length) return;
      const body = this.input.subarray(4, 4 + length);
      this.input = this.input.subarray(4 + length);
      if (!this.attached) this.attach(body);
      else this.answered(body);
    }
  }

  private attach(body: Buffer): void {
    if (body.readInt32BE(4) <= 0) return this.fail(new Error('the session was lost'));
    this.sessionId = body.readBigInt64BE(8);
    this.password = Buffer.from(body.subarray(20, 36));
    this.attached = true;
    this.write();
  }

  private answered(body: Buffer): void {
    const error = body.readInt32BE(12);
    if (error !== 0) return this.fail(new Error(`a write failed with error ${error}`));
    this.acknowledgedAt.push(performance.now());
    this.write();
  }

  private write(): void {
    if (this.stopped) return;
    this.xid += 1;
    const path = Buffer.from(this.path);
    const data = Buffer.from(String(this.xid));
    const frame = Buffer.alloc(4 + 8 + 4 + path.length + 4 + data.length + 4);
    frame.writeInt32BE(frame.length - 4, 0);
    frame.writeInt32BE(this.xid, 4);
    frame.writeInt32BE(5, 8);
    frame.writeInt32BE(path.length, 12);
    path.copy(frame, 16);
    frame.writeInt32BE(data.length, 16 + path.length);
    data.copy(frame, 20 + path.length);
    frame.writeInt32BE(-1, frame.length - 4);
    this.expectAnswer();
    this.socket?.write(frame);
  }

  private fail(error: Error): void {
    this.failure ??= error;
    this.stop();
  }
}
