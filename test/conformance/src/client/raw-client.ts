/**
 * A session on one connection, with nothing hidden: every reply is checked for its place in the order, every message is
 * kept in the transcript, nothing is retried and nothing is sent on its own.
 */
import {
  type ConnectResponse,
  decodeConnectResponse,
  encodeConnectRequest,
  encodeRequestHeader,
  frame,
  JuteReader,
  JuteWriter,
  OpCode,
  SESSION_PASSWORD_BYTES,
  Xid,
} from '@menagerie/zookeeper-protocol';
import type { Address } from '../net/address.js';
import { until, within } from '../net/waiting.js';
import { ConnectionEndedError, Wire } from '../net/wire.js';
import { decodeMessage, describeEvent, type RawEvent, type RawMessage, type RawReply } from './messages.js';

export interface HandshakeOptions {
  readonly timeoutMs?: number;
  /** With `password`: take an existing session over. */
  readonly sessionId?: bigint;
  readonly password?: Buffer;
  readonly lastZxidSeen?: bigint;
  readonly readOnly?: boolean;
  /** False sends the form of clients before 3.4, without the last byte. */
  readonly hasReadOnly?: boolean;
  readonly protocolVersion?: number;
}

/** Told of every answer; how the suite knows which errors each operation was seen to give. */
export type ReplyObserver = (type: number, error: string) => void;

interface Pending {
  readonly xid: number;
  readonly type: number;
  readonly resolve: (reply: RawReply) => void;
  readonly reject: (error: Error) => void;
}

/** These overtake: their answers may come between those of ordinary requests. */
const OUT_OF_BAND: readonly number[] = [Xid.ping, Xid.auth];

/** Larger than any case waits for; only a session that a case abandons ever lives this long. */
const DEFAULT_SESSION_TIMEOUT_MS = 20_000;
const GOODBYE_MS = 3_000;

export class RawClient {
  /** Everything received behind the handshake, in order of arrival. */
  readonly transcript: RawMessage[] = [];
  private readonly pending: Pending[] = [];
  private readonly unreadEvents: RawEvent[] = [];
  private lastXid = 0;
  private shaken: ((response: ConnectResponse, payloadBytes: number) => void) | null = null;
  protected wire!: Wire;

  /** Set once by the handshake. */
  sessionId = 0n;
  password: Buffer = Buffer.alloc(SESSION_PASSWORD_BYTES);
  timeoutMs = 0;
  readOnly = false;
  /** Bytes of the ConnectResponse: 36 in the old form, 37 in the present one. */
  handshakeBytes = 0;

  constructor(private readonly observe: ReplyObserver) {}

  /** A connection on which nothing has been said yet. */
  static async open<T extends RawClient>(
    this: new (observe: ReplyObserver) => T,
    address: Address,
    observe: ReplyObserver = () => undefined,
  ): Promise<T> {
    const client = new this(observe);
    client.wire = await Wire.open(address, (payload) => client.receive(payload));
    void client.wire.ended.then(() => client.failPending());
    return client;
  }

  get isEnded(): boolean {
    return this.wire.isEnded;
  }

  /** What re-attaches to this session on another connection. */
  get credentials(): { sessionId: bigint; password: Buffer } {
    return { sessionId: this.sessionId, password: this.password };
  }

  /** The largest zxid any message has shown. */
  get lastZxid(): bigint {
    return this.transcript.reduce((last, message) => (message.zxid > last ? message.zxid : last), 0n);
  }

  /** @throws ConnectionEndedError if the server closes instead of answering */
  async handshake(options: HandshakeOptions = {}): Promise<ConnectResponse> {
    const writer = new JuteWriter();
    encodeConnectRequest(writer, {
      protocolVersion: options.protocolVersion ?? 0,
      lastZxidSeen: options.lastZxidSeen ?? 0n,
      timeoutMs: options.timeoutMs ?? DEFAULT_SESSION_TIMEOUT_MS,
      sessionId: options.sessionId ?? 0n,
      password: options.password ?? Buffer.alloc(SESSION_PASSWORD_BYTES),
      readOnly: options.readOnly ?? false,
      hasReadOnly: options.hasReadOnly ?? true,
    });
    return this.handshakeWith(frame(writer.toBuffer()));
  }

  /** The same with bytes of the caller's making, length field included. */
  async handshakeWith(bytes: Uint8Array): Promise<ConnectResponse> {
    const answered = new Promise<ConnectResponse>((resolve) => {
      this.shaken = (response, payloadBytes) => {
        this.handshakeBytes = payloadBytes;
        this.sessionId = response.sessionId;
        this.password = response.password ?? Buffer.alloc(0);
        this.timeoutMs = response.timeoutMs;
        this.readOnly = response.readOnly;
        resolve(response);
      };
    });
    this.wire.write(bytes);
    const refused = this.wire.ended.then(() => {
      throw new ConnectionEndedError('an answer to the handshake');
    });
    refused.catch(() => undefined);
    return within(Promise.race([answered, refused]), 'an answer to the handshake');
  }

  nextXid(): number {
    return ++this.lastXid;
  }

  /** Bytes as they are. */
  write(bytes: Uint8Array): void {
    this.wire.write(bytes);
  }

  /** One request with a body of the caller's making; `xid` only where the case is about xids. */
  request(type: number, body: Uint8Array = Buffer.alloc(0), xid = this.nextXid()): Promise<RawReply> {
    const replied = this.expectReply(xid, type);
    this.wire.write(encodeRequest(xid, type, body));
    return replied;
  }

  /** Several requests in one write, so that the server has them all before it answers the first. */
  requestAll(requests: readonly { type: number; body: Uint8Array }[]): Promise<RawReply>[] {
    const numbered = requests.map((request) => ({ ...request, xid: this.nextXid() }));
    const replies = numbered.map(({ xid, type }) => this.expectReply(xid, type));
    this.wire.write(Buffer.concat(numbered.map(({ xid, type, body }) => encodeRequest(xid, type, body))));
    return replies;
  }

  ping(): Promise<RawReply> {
    return this.request(OpCode.ping, undefined, Xid.ping);
  }

  /** Ends the session the orderly way and waits until the server has closed the connection. */
  async closeSession(): Promise<RawReply> {
    const reply = await this.request(OpCode.closeSession);
    await this.untilEnded();
    return reply;
  }

  /** The next event nobody has taken yet. */
  async nextEvent(): Promise<string> {
    const event = await until('a watch event', () => this.unreadEvents.shift() ?? this.isEnded);
    if (event === true) throw new ConnectionEndedError('a watch event');
    return describeEvent(event);
  }

  /** The next `count` events, in order. */
  async nextEvents(count: number): Promise<string[]> {
    const events: string[] = [];
    while (events.length < count) events.push(await this.nextEvent());
    return events;
  }

  /**
   * Every event the server had for this connection when it answers a ping: that answer goes through the same queue, so
   * an event that is not here by then was not sent.
   */
  async takeEvents(): Promise<string[]> {
    await this.ping();
    return this.unreadEvents.splice(0).map(describeEvent);
  }

  async untilEnded(deadlineMs?: number): Promise<void> {
    await this.wire.untilEnded(deadlineMs);
  }

  /** Drops the connection and leaves the session behind. */
  crash(): void {
    this.wire.destroy();
  }

  /** Leaves nothing behind, in whatever state the case has left the connection. */
  async dispose(): Promise<void> {
    if (!this.wire.isEnded && this.sessionId !== 0n && this.timeoutMs > 0) {
      this.wire.write(encodeRequest(this.nextXid(), OpCode.closeSession, Buffer.alloc(0)));
      await this.wire.untilEnded(GOODBYE_MS).catch(() => undefined);
    }
    this.wire.destroy();
  }

  /** For requests written by hand: the reply that will come in this place of the order. */
  expectReply(xid: number, type: number): Promise<RawReply> {
    const replied = new Promise<RawReply>((resolve, reject) => this.pending.push({ xid, type, resolve, reject }));
    if (this.wire.isEnded) this.failPending();
    const bounded = within(replied, `the reply to xid ${xid} (operation ${type})`);
    // Who does not wait for it must not be hurt by it.
    bounded.catch(() => undefined);
    return bounded;
  }

  private receive(payload: Buffer): void {
    if (this.shaken !== null) {
      const shaken = this.shaken;
      this.shaken = null;
      shaken(decodeConnectResponse(new JuteReader(payload)), payload.length);
      return;
    }
    const message = decodeMessage(payload);
    this.transcript.push(message);
    if (message.kind === 'event') this.unreadEvents.push(message);
    else this.settle(message);
  }

  /** Invariant: ordinary replies come in the order of their requests; anything else is a fault of the server. */
  private settle(reply: RawReply): void {
    const outOfBand = OUT_OF_BAND.includes(reply.xid);
    const index = this.pending.findIndex(({ xid }) => (outOfBand ? xid === reply.xid : !OUT_OF_BAND.includes(xid)));
    const [request] = index < 0 ? [] : this.pending.splice(index, 1);
    if (request === undefined) return;
    this.observe(request.type, reply.error);
    if (request.xid === reply.xid) request.resolve(reply);
    else request.reject(new Error(`expected the reply to xid ${request.xid}, the server answered xid ${reply.xid}`));
  }

  private failPending(): void {
    for (const { xid, type, reject } of this.pending.splice(0)) {
      reject(new ConnectionEndedError(`the reply to xid ${xid} (operation ${type})`));
    }
  }
}

/** A request as it goes over the wire, length field included. */
export function encodeRequest(xid: number, type: number, body: Uint8Array): Buffer {
  const writer = new JuteWriter();
  const mark = writer.beginFrame();
  encodeRequestHeader(writer, { xid, type });
  writer.writeRaw(body);
  writer.endFrame(mark);
  return writer.toBuffer();
}
