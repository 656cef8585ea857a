/**
 * A client that tells a history of everything it asks and is told. It speaks the wire protocol itself: what a library
 * repeats, reorders or hides would not be what the servers said.
 *
 * One session after the other; each request is sent once, in order, on whatever connection there is.
 */
import { connect, type Socket } from 'node:net';
import {
  decodeConnectResponse,
  decodeReplyHeader,
  decodeWatcherEvent,
  encodeConnectRequest,
  encodeRequestHeader,
  encodeSetWatchesRequest,
  EventType,
  FrameDecoder,
  JuteReader,
  OpCode,
  SESSION_PASSWORD_BYTES,
  Xid,
} from '@menagerie/zookeeper-protocol';
import type { History, Outcome, Pending } from '@menagerie/zookeeper-testing';
import type { Chance } from '../../random.js';
import { decodeOutcome, encodeAsk, framed, type Ask } from './codec.js';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface RecordingClientOptions {
  readonly name: string;
  readonly servers: readonly Address[];
  readonly history: History;
  readonly chance: Chance;
  readonly sessionTimeoutMs: number;
  /** Told of what can not be true of any server, whatever the history. */
  readonly report: (rule: string, detail: string) => void;
}

interface Outstanding {
  readonly xid: number;
  readonly ask: Ask;
  readonly pending: Pending;
  readonly resolve: (outcome: Outcome) => void;
}

interface Waiting {
  readonly ask: Ask;
  readonly resolve: (outcome: Outcome | null) => void;
  readonly untilMs: number;
}

const RECONNECT_MS = 50;
const CONNECT_MS = 1_000;
/** How long a call waits for a connection before it is given up, unsent. */
const PATIENCE_MS = 3_000;
const MAX_WAITING = 1_000;

export class RecordingClient {
  private socket: Socket | null = null;
  private frames = new FrameDecoder();
  private isAttached = false;
  private isOver = false;
  private closing: ((zxid: bigint | null) => void) | null = null;
  private sessionId = 0n;
  private password: Buffer = Buffer.alloc(SESSION_PASSWORD_BYTES);
  private timeoutMs: number;
  private lastZxid = 0n;
  private xid = 0;
  private helloSentMs = 0;
  private heardMs = 0;
  private saidMs = 0;
  private readonly outstanding: Outstanding[] = [];
  private waiting: Waiting[] = [];
  private readonly heart: NodeJS.Timeout;
  private reconnecting: NodeJS.Timeout | null = null;
  /** Sessions that this client has had. */
  sessions = 0;

  constructor(private readonly options: RecordingClientOptions) {
    this.timeoutMs = options.sessionTimeoutMs;
    this.heart = setInterval(() => this.beat(), Math.min(200, options.sessionTimeoutMs / 10));
    this.open();
  }

  get name(): string {
    return this.options.name;
  }

  get session(): bigint {
    return this.sessionId;
  }

  /** Null: it was never sent, for want of a connection. */
  call(ask: Ask): Promise<Outcome | null> {
    return new Promise((resolve) => {
      if (this.isOver || this.waiting.length >= MAX_WAITING) return resolve(null);
      if (this.isAttached) this.send(ask, resolve);
      else this.waiting.push({ ask, resolve, untilMs: performance.now() + PATIENCE_MS });
    });
  }

  /** Drops the connection, as when a cable is pulled for a moment. */
  hangUp(): void {
    this.socket?.destroy();
  }

  /** Gone without a word: the session is left to expire. @returns it */
  abandon(): bigint {
    const session = this.sessionId;
    this.end();
    this.options.history.abandoned(session);
    return session;
  }

  /** Ends the session in order, if there is a server that says so within the time. */
  async close(withinMs: number): Promise<void> {
    let zxid: bigint | null = null;
    if (this.isAttached) {
      zxid = await new Promise<bigint | null>((resolve) => {
        this.closing = resolve;
        const timer = setTimeout(() => resolve(null), withinMs);
        timer.unref();
        this.socket?.write(
          framed((writer) => encodeRequestHeader(writer, { xid: ++this.xid, type: OpCode.closeSession })),
        );
      });
    }
    if (zxid === null) return void this.abandon();
    this.options.history.closed(this.sessionId, zxid);
    this.end();
  }

  private end(): void {
    if (this.isOver) return;
    this.isOver = true;
    clearInterval(this.heart);
    if (this.reconnecting !== null) clearTimeout(this.reconnecting);
    this.socket?.destroy();
    this.disconnected();
    for (const { resolve } of this.waiting.splice(0)) resolve(null);
  }

  private open(): void {
    const { servers, chance } = this.options;
    const socket = connect({ ...chance.pick(servers), noDelay: true });
    this.socket = socket;
    this.frames = new FrameDecoder();
    this.isAttached = false;
    this.heardMs = this.helloSentMs = performance.now();
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (socket === this.socket) this.disconnected();
    });
    socket.on('connect', () => this.greet(socket));
    socket.on('data', (chunk) => {
      if (socket === this.socket) this.received(chunk);
    });
  }

  private greet(socket: Socket): void {
    this.helloSentMs = performance.now();
    socket.write(
      framed((writer) =>
        encodeConnectRequest(writer, {
          protocolVersion: 0,
          lastZxidSeen: this.lastZxid,
          timeoutMs: this.options.sessionTimeoutMs,
          sessionId: this.sessionId,
          password: this.password,
          readOnly: false,
          hasReadOnly: true,
        }),
      ),
    );
  }

  private disconnected(): void {
    this.socket = null;
    this.isAttached = false;
    this.closing?.(null);
    this.closing = null;
    // Sent and not answered: done or not, or still to be done, nobody knows.
    for (const { pending, resolve } of this.outstanding.splice(0)) {
      const unknown: Outcome = { kind: 'unknown' };
      this.options.history.ended(pending, unknown);
      resolve(unknown);
    }
    if (this.isOver) return;
    const delayMs = RECONNECT_MS * (0.5 + this.options.chance.next());
    this.reconnecting = setTimeout(() => this.open(), delayMs);
  }

  private received(chunk: Buffer): void {
    this.heardMs = performance.now();
    try {
      for (const payload of this.frames.push(chunk)) {
        if (this.isAttached) this.message(new JuteReader(payload));
        else this.attached(new JuteReader(payload));
      }
    } catch (error) {
      this.options.report('servers speak the protocol', `${this.name}: ${String(error)}`);
      this.hangUp();
    }
  }

  private attached(reader: JuteReader): void {
    const { history, name } = this.options;
    const { timeoutMs, sessionId, password } = decodeConnectResponse(reader);
    if (timeoutMs <= 0) {
      history.expired(this.sessionId, performance.now());
      this.sessionId = 0n;
      this.password = Buffer.alloc(SESSION_PASSWORD_BYTES);
      return this.hangUp();
    }
    if (this.sessionId !== 0n && this.sessionId !== sessionId) {
      this.options.report('a session keeps its id', `${name} asked for ${this.sessionId} and got ${sessionId}`);
    }
    if (this.sessionId !== sessionId) this.sessions++;
    this.sessionId = sessionId;
    this.password = Buffer.from(password ?? Buffer.alloc(SESSION_PASSWORD_BYTES));
    this.timeoutMs = timeoutMs;
    this.isAttached = true;
    history.attached(name, sessionId, timeoutMs, this.helloSentMs);
    this.renewWatches();
    for (const { ask, resolve } of this.waiting.splice(0)) this.send(ask, resolve);
  }

  private renewWatches(): void {
    const { present, absent } = this.options.history.watched(this.sessionId);
    if (present.length + absent.length === 0) return;
    this.socket?.write(
      framed((writer) => {
        encodeRequestHeader(writer, { xid: Xid.setWatches, type: OpCode.setWatches });
        encodeSetWatchesRequest(writer, {
          relativeZxid: this.lastZxid,
          dataWatches: present,
          existWatches: absent,
          childWatches: [],
        });
      }),
    );
  }

  private send(ask: Ask, resolve: (outcome: Outcome) => void): void {
    this.xid = this.xid === 0x7fff_ffff ? 1 : this.xid + 1;
    const nowMs = performance.now();
    const pending = this.options.history.begun({ client: this.name, sessionId: this.sessionId, ...ask }, nowMs);
    this.outstanding.push({ xid: this.xid, ask, pending, resolve });
    this.saidMs = nowMs;
    this.socket?.write(encodeAsk(this.xid, ask));
  }

  private message(reader: JuteReader): void {
    const header = decodeReplyHeader(reader);
    if (header.xid === Xid.watch) {
      const { type, path } = decodeWatcherEvent(reader);
      // Only data is watched; a list of children that is watched too is told of its own events.
      if (type !== EventType.NodeChildrenChanged) this.options.history.event(this.sessionId, path);
      return;
    }
    if (header.zxid > this.lastZxid) this.lastZxid = header.zxid;
    if (header.xid === Xid.ping || header.xid === Xid.setWatches) return;
    if (this.closing !== null && header.xid === this.xid) {
      const closed = this.closing;
      this.closing = null;
      return closed(header.zxid);
    }
    const next = this.outstanding.shift();
    if (next === undefined || next.xid !== header.xid) {
      this.options.report('replies in order', `${this.name} expected xid ${next?.xid}, was answered ${header.xid}`);
      return this.hangUp();
    }
    const outcome = decodeOutcome(next.ask, header, reader);
    this.options.history.ended(next.pending, outcome);
    next.resolve(outcome);
  }

  /** Pings, leaves silent servers, and gives up calls that have waited too long. */
  private beat(): void {
    const nowMs = performance.now();
    const [given, kept] = [
      this.waiting.filter(({ untilMs }) => nowMs > untilMs),
      this.waiting.filter(({ untilMs }) => nowMs <= untilMs),
    ];
    this.waiting = kept;
    for (const { resolve } of given) resolve(null);
    if (this.socket === null) return;
    const silenceMs = nowMs - this.heardMs;
    if (silenceMs > (this.isAttached ? (this.timeoutMs * 2) / 3 : CONNECT_MS)) return this.hangUp();
    if (this.isAttached && nowMs - this.saidMs > this.timeoutMs / 3) {
      this.saidMs = nowMs;
      this.socket.write(framed((writer) => encodeRequestHeader(writer, { xid: Xid.ping, type: OpCode.ping })));
    }
  }
}
