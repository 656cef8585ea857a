/**
 * One connection to one server: bytes out in one write a turn, replies matched to requests, watch events told.
 *
 * It knows the protocol's stream and nothing of sessions; what is said first (handshake, SASL, credentials, watches) is
 * `ProtocolDriver`'s. Limits: a reply is at most `maxReplyBytes` long; requests are bounded by the client.
 */
import type { Socket } from 'node:net';
import {
  ErrorCode,
  FrameDecoder,
  FrameError,
  JuteReader,
  JuteWriter,
  OpCode,
  Xid,
  ZkProtocolError,
  decodeConnectResponse,
  decodeReplyHeader,
  decodeWatcherEvent,
  encodeAuthRequest,
  encodeConnectRequest,
  errorCodeName,
  maxFieldBytes,
  type ConnectRequest,
  type ConnectResponse,
} from '@menagerie/zookeeper-protocol';
import type { ServerAddress } from '../../driver.js';
import type { TlsOptions } from '../../security.js';
import { OutstandingQueue, type Ending } from './outstanding.js';
import { openSocket } from './socket.js';

/** Ordinary xids count up to here and begin again at 1. */
const MAX_XID = 0x7fffffff;
const REPLY_HEADER_BYTES = 16;

export interface ConnectionOptions {
  readonly server: ServerAddress;
  readonly tls: TlsOptions | null;
  readonly random: () => number;
  readonly now: () => number;
  readonly maxReplyBytes: number;
  /** The newest zxid the session has seen. */
  readonly lastZxid: bigint;
  readonly events: ConnectionEvents;
}

export interface ConnectionEvents {
  /** Bytes can be sent. */
  up(): void;
  /** A server that knows the session has answered a request sent at this time. */
  answered(sentAtMs: number): void;
  /** The server answered a request by saying that the session is over. */
  expired(): void;
  watchEvent(type: number, path: string): void;
  /** Over, for good: every request has been ended before. Not called after `destroy`. */
  down(reason: string): void;
}

type AuthDone = (wireCode: number | null) => void;

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #socket: Socket;
  readonly #frames: FrameDecoder;
  readonly #reader: JuteReader;
  readonly #writer = new JuteWriter();
  readonly #calls = new OutstandingQueue();
  /** When the pings and credentials were sent that have no answer yet; each kind is answered in order. */
  #pings: number[] = [];
  #auths: { readonly sentAtMs: number; readonly done: AuthDone }[] = [];
  #onHandshake: ((response: ConnectResponse) => void) | null = null;
  #xid = 0;
  /** Grows with each write to the socket. */
  #batch = 0;
  #batchAtMs = 0;
  #flushScheduled = false;
  /** What `answered` was last told of in this chunk: a batch of calls is one proof of life. */
  #reportedMs = -1;
  /** Halves of the newest zxid: one bigint a reply is one too many. */
  #zxidHigh: number;
  #zxidLow: number;
  #isOver = false;
  #reason = 'the connection could not be made';

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#frames = new FrameDecoder({ maxFrameBytes: options.maxReplyBytes });
    this.#reader = new JuteReader(Buffer.alloc(0), maxFieldBytes(options.maxReplyBytes));
    this.#zxidHigh = Number(BigInt.asIntN(32, options.lastZxid >> 32n));
    this.#zxidLow = Number(BigInt.asIntN(32, options.lastZxid));
    const { server, tls, random } = options;
    const ready = (): void => this.#onReady();
    this.#socket = openSocket(server, { tls, random, ready, data: (chunk) => this.#onData(chunk) });
    this.#socket.on('error', (error: NodeJS.ErrnoException) => {
      // A name with several addresses fails with one error that holds theirs.
      const [first] = ((error as Partial<AggregateError>).errors as NodeJS.ErrnoException[] | undefined) ?? [];
      this.#end(error.code ?? first?.code ?? error.message);
    });
    this.#socket.on('close', () => this.#end(this.#reason));
  }

  get lastZxid(): bigint {
    return (BigInt(this.#zxidHigh) << 32n) | BigInt(this.#zxidLow >>> 0);
  }

  /** What the end of the connection would mean from now on. */
  set reasonIfClosed(reason: string) {
    this.#reason = reason;
  }

  /** The first words, which have no header. */
  handshake(request: ConnectRequest, done: (response: ConnectResponse) => void): void {
    this.#onHandshake = done;
    const mark = this.#writer.beginFrame();
    encodeConnectRequest(this.#writer, request);
    this.#writer.endFrame(mark);
    this.#flush();
  }

  /** `done` runs as the answer arrives, or when the connection goes. */
  send<R>(
    opCode: number,
    encode: (writer: JuteWriter, request: R) => void,
    request: R,
    decode: (reader: JuteReader) => unknown,
    done: (ending: Ending) => void,
  ): void {
    const xid = (this.#xid = this.#xid === MAX_XID ? 1 : this.#xid + 1);
    this.#write(xid, opCode, encode, request);
    this.#calls.push({ xid, sentAtMs: this.#batchAtMs, batch: this.#batch, decode, done });
  }

  ping(): void {
    this.#write(Xid.ping, OpCode.ping, nothing, null);
    this.#pings.push(this.#batchAtMs);
    // Ahead of whatever else this turn has to do.
    this.#flush();
  }

  /** @param done the code of the answer; null if the connection went first */
  auth(scheme: string, credentials: Buffer, done: AuthDone): void {
    this.#write(Xid.auth, OpCode.auth, encodeAuthRequest, { type: 0, scheme, auth: credentials });
    this.#auths.push({ sentAtMs: this.#batchAtMs, done });
  }

  /** Ends the connection and all that waits for it, and says so in `down`. */
  drop(reason: string): void {
    this.#end(reason);
  }

  /** Ends the connection and all that waits for it. */
  destroy(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#socket.destroy();
    this.#endAll();
  }

  #onReady(): void {
    if (this.#isOver) return;
    this.#reason = 'the server closed the connection instead of answering the handshake';
    this.#options.events.up();
  }

  #write<R>(xid: number, opCode: number, encode: (writer: JuteWriter, request: R) => void, request: R): void {
    const writer = this.#writer;
    if (writer.length === 0) this.#batchAtMs = this.#options.now();
    const mark = writer.beginFrame();
    writer.writeInt(xid);
    writer.writeInt(opCode);
    encode(writer, request);
    writer.endFrame(mark);
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    // Behind the microtasks of this turn, so that all callers which a chunk of replies has woken share one write.
    process.nextTick(this.#flush);
  }

  readonly #flush = (): void => {
    this.#flushScheduled = false;
    if (this.#writer.length === 0 || this.#isOver) return;
    this.#batch++;
    this.#socket.write(this.#writer.toBuffer());
  };

  #onData(chunk: Buffer): void {
    let payloads: readonly Buffer[];
    let fault: FrameError | null = null;
    this.#reportedMs = -1;
    try {
      payloads = this.#frames.push(chunk);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      payloads = error.completed;
      fault = error;
    }
    for (const payload of payloads) {
      if (this.#isOver) return;
      this.#take(payload);
    }
    if (fault !== null && !this.#isOver) this.#misread(fault.message, fault.length > this.#options.maxReplyBytes);
  }

  #take(payload: Buffer): void {
    try {
      if (this.#onHandshake !== null) this.#onHandshakeReply(payload);
      else this.#onMessage(payload);
    } catch (error) {
      if (!(error instanceof ZkProtocolError)) throw error;
      this.#misread(error.message, false);
    }
  }

  #onHandshakeReply(payload: Buffer): void {
    const done = this.#onHandshake!;
    // Shorter than any answer to a handshake: a server that only reads and has no local sessions refuses like this.
    if (payload.length === REPLY_HEADER_BYTES) {
      const { err } = decodeReplyHeader(this.#reader.reset(payload));
      return this.#end(`the server refused to open a session: ${errorCodeName(err) ?? err}`);
    }
    const response = decodeConnectResponse(this.#reader.reset(payload));
    this.#onHandshake = null;
    done(response);
  }

  #onMessage(payload: Buffer): void {
    const reader = this.#reader.reset(payload);
    const xid = reader.readInt();
    const zxidHigh = reader.readInt();
    const zxidLow = reader.readInt();
    const wireCode = reader.readInt();
    if (xid === Xid.watch) {
      const { type, path } = decodeWatcherEvent(reader);
      return this.#options.events.watchEvent(type, path);
    }
    if (xid === Xid.ping) return this.#onPong();
    if (xid === Xid.auth) return this.#onAuthReply(wireCode);
    const call = this.#calls.peek();
    if (call === undefined || call.xid !== xid) {
      return this.#end(`expected the reply to request ${call?.xid ?? 'none'}, the server answered request ${xid}`);
    }
    const reply = wireCode === 0 ? call.decode(reader) : null;
    this.#calls.shift();
    if (zxidHigh > 0 || (zxidHigh === 0 && zxidLow !== 0)) {
      this.#zxidHigh = zxidHigh;
      this.#zxidLow = zxidLow;
    }
    // These two say that the session is not this server's to know: no proof of life, and one of them of the end.
    const knowsSession = wireCode !== ErrorCode.SessionExpired && wireCode !== ErrorCode.SessionMoved;
    if (knowsSession && call.sentAtMs !== this.#reportedMs) {
      this.#reportedMs = call.sentAtMs;
      this.#options.events.answered(call.sentAtMs);
    }
    call.done(wireCode === 0 ? { kind: 'reply', reply } : { kind: 'refused', wireCode });
    if (wireCode === ErrorCode.SessionExpired && !this.#isOver) this.#options.events.expired();
  }

  #onPong(): void {
    const sentAtMs = this.#pings.shift();
    if (sentAtMs !== undefined) this.#options.events.answered(sentAtMs);
  }

  #onAuthReply(wireCode: number): void {
    const auth = this.#auths.shift();
    if (auth === undefined) return this.#end('the server answered credentials that were not sent');
    if (wireCode === 0) this.#options.events.answered(auth.sentAtMs);
    auth.done(wireCode);
  }

  /** Nothing on this connection can be understood any more; the first who waits was to get what could not be read. */
  #misread(reason: string, tooLarge: boolean): void {
    this.#calls.shift()?.done({ kind: 'unreadable', reason, tooLarge });
    this.#end(`a message of the server could not be understood: ${reason}`);
  }

  #end(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#socket.destroy();
    this.#endAll();
    this.#options.events.down(reason);
  }

  #endAll(): void {
    this.#pings = [];
    for (const { done } of this.#auths.splice(0)) done(null);
    for (const { batch, done } of this.#calls.drain()) done({ kind: 'lost', sent: batch < this.#batch });
  }
}

function nothing(): void {}
