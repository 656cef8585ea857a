/**
 * The driver over node-zookeeper-client 1.1.3: its connection manager carries one session, its records make the bytes.
 *
 * What the package gets wrong is put right here, each at its place, by replacing methods of the one manager we hold:
 * - a half-received frame stays in its buffer when the connection goes, and the next connection is read out of step;
 *   frames of one chunk are read by recursion; a frame may be of any length -> frames are cut here, one at a time;
 * - an error code younger than the package, or a reply it can not read, throws inside a socket event and ends the
 *   process -> such codes are taken past it, everything else that throws ends the connection;
 * - requests still queued when a connection goes are sent on the next one without a word, those queued when a session
 *   expires are never answered, nor is one whose reply comes out of order -> the queue is emptied, every call ended;
 * - credentials and watches are put behind requests that wait -> nothing is queued before they have gone;
 * - all watches go in one request, which a server refuses when it is large -> batches;
 * - it pings when the *socket* is idle, so that a stream of events starves the session, and never notices a server
 *   that does not answer, least of all one that accepts and says nothing -> pings, deadlines and the choice of servers
 *   are the session machine's;
 * - the timer of a connection attempt that was given up fires into the next one -> cleared with it;
 * - its transaction takes version 0 for "any", it has no sync, its ACL class refuses what a server may send, it counts
 *   xids beyond 31 bits -> requests are made of its records directly (see `records.ts`).
 */
import { ErrorCode, FrameDecoder, Xid, errorCodeName, frame, type EventType } from '@menagerie/zookeeper-protocol';
import zookeeper, { type ConnectionManager } from 'node-zookeeper-client';
import managerModule from 'node-zookeeper-client/lib/ConnectionManager.js';
import jute from 'node-zookeeper-client/lib/jute/index.js';
import type {
  AuthInfo,
  Driver,
  DriverOptions,
  ServerAddress,
  WatchLists,
  WireCallName,
  WireCalls,
  WireOutcome,
} from '../../driver.js';
import {
  authRequest,
  decodeReply,
  encodeCall,
  makeRequest,
  setWatchesRequest,
  type PackageRequest,
} from './records.js';
import { watchBatches } from '../watch-batches.js';

const { STATES } = managerModule;
const { OP_CODES } = jute;

/** Leaves room for every request that can be queued at once below 2^31. */
const MAX_XID = 2 ** 31 - 2 ** 24;
const LENGTH_BYTES = 4;
const ERR_OFFSET = LENGTH_BYTES + 4 + 8;

/** Ends a request the connection has taken with it. */
type Loss = (sent: boolean) => void;

interface AwaitedAuth {
  readonly sentAtMs: number;
  readonly answered: (wireCode: number) => void;
}

export class NodeZooKeeperClientDriver implements Driver {
  readonly #options: DriverOptions;
  readonly #manager: ConnectionManager;
  readonly #readFrame: (frame: Buffer) => void;
  #frames: FrameDecoder;
  /** How the package takes the server to connect to next; null while it has not asked. */
  #connectTo: ((server: ServerAddress) => void) | null = null;
  #opening: { readonly credentials: readonly AuthInfo[]; readonly watches: WatchLists } | null = null;
  #handshakeSentAtMs = 0;
  /** Requests without an answer, in the order they were queued. */
  readonly #open = new Map<PackageRequest, Loss>();
  /** When the pings were sent that have no answer yet; pings are answered in order. */
  #pings: number[] = [];
  /** Auth packets have no xid of their own; they are answered in order. */
  #auths: AwaitedAuth[] = [];
  /** The error code of the reply in hand, which may be one the package does not know. */
  #wireCode = 0;
  #lossReason: string | null = null;
  /** What the end of the connection would mean now, if no better reason is known. */
  #progress = '';
  #destroyed = false;

  constructor(options: DriverOptions) {
    this.#options = options;
    this.#frames = new FrameDecoder({ maxFrameBytes: options.maxReplyBytes });
    // The address is never used: the servers come from `open`.
    const settings = { sessionTimeout: options.sessionTimeoutMs, spinDelay: 0, retries: 0 };
    const manager = zookeeper.createClient('127.0.0.1:2181', settings).connectionManager;
    this.#manager = manager;
    this.#readFrame = manager.onSocketData.bind(manager);
    manager.onSocketData = (chunk) => this.#onData(chunk);
    manager.onSocketTimeout = () => undefined;
    manager.findNextServer = (callback) => this.#onReadyToConnect(callback);
    manager.watcherManager.emit = ({ type, path }) => options.events.watchEvent(type as EventType, path);
    manager.on('state', (state: number) => this.#onState(state));
  }

  open(server: ServerAddress, credentials: readonly AuthInfo[], watches: WatchLists): void {
    if (this.#connectTo === null) this.#manager.connect();
    this.#opening = { credentials, watches };
    this.#frames = new FrameDecoder({ maxFrameBytes: this.#options.maxReplyBytes });
    this.#lossReason = null;
    this.#progress = 'the connection could not be made';
    this.#connectTo?.(server);
    const socket = this.#manager.socket!;
    socket.prependListener('connect', () => {
      this.#progress = 'the server closed the connection instead of answering the handshake';
      this.#handshakeSentAtMs = this.#options.now();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#lossReason ??= error.code ?? error.message;
    });
  }

  drop(reason: string): void {
    this.#lossReason ??= reason;
    this.#destroySocket();
  }

  call<N extends WireCallName>(
    name: N,
    request: WireCalls[N]['request'],
    done: (outcome: WireOutcome<N>) => void,
  ): void {
    const packet = encodeCall(name, request);
    if (name === 'addAuth') return this.#callAuth(packet, done);
    this.#send(
      packet,
      (payload, wireCode) =>
        done(wireCode === 0 ? { kind: 'reply', reply: decodeReply(name, payload) } : { kind: 'refused', wireCode }),
      (sent) => done({ kind: 'lost', sent }),
    );
  }

  ping(): void {
    this.#pings.push(this.#options.now());
    this.#manager.queue(makeRequest(OP_CODES.PING, null, Xid.ping));
  }

  closeSession(done: (closed: boolean) => void): void {
    this.#send(
      makeRequest(OP_CODES.CLOSE_SESSION, null),
      () => done(true),
      () => done(false),
    );
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#endAll();
    this.#destroySocket();
  }

  #send(packet: PackageRequest, answered: (payload: unknown, wireCode: number) => void, lost: Loss): void {
    const sentAtMs = this.#options.now();
    if (this.#manager.xid >= MAX_XID) this.#manager.xid = 1;
    this.#open.set(packet, lost);
    this.#manager.queue(packet, (_error, response) => {
      // Without a response it is the package's own word about a lost connection; see #endAll.
      if (response === undefined || !this.#open.delete(packet)) return;
      const wireCode = this.#wireCode;
      // These two say that the session is not this server's to know: no proof of life, and one of them of the end.
      const knowsSession = wireCode !== ErrorCode.SessionExpired && wireCode !== ErrorCode.SessionMoved;
      if (knowsSession) this.#options.events.answered(sentAtMs);
      answered(response.payload, wireCode);
      if (wireCode === ErrorCode.SessionExpired && !this.#destroyed) this.#options.events.expired();
    });
  }

  #callAuth<N extends WireCallName>(packet: PackageRequest, done: (outcome: WireOutcome<N>) => void): void {
    this.#open.set(packet, (sent) => done({ kind: 'lost', sent }));
    this.#sendAuth(packet, (wireCode) => {
      if (!this.#open.delete(packet)) return;
      done(wireCode === 0 ? { kind: 'reply', reply: {} } : { kind: 'refused', wireCode });
    });
  }

  #sendAuth(packet: PackageRequest, answered: (wireCode: number) => void): void {
    this.#auths.push({ sentAtMs: this.#options.now(), answered });
    packet.header.xid = Xid.auth;
    this.#manager.queue(packet);
  }

  #onData(chunk: Buffer): void {
    try {
      for (const payload of this.#frames.push(chunk)) {
        if (this.#destroyed || this.#manager.socket?.destroyed) return;
        this.#onFrame(frame(payload));
      }
    } catch (error) {
      this.drop(`a message of the server could not be understood: ${(error as Error).message}`);
    }
  }

  #onFrame(bytes: Buffer): void {
    if (this.#manager.state === STATES.CONNECTING) return this.#readFrame(bytes);
    const xid = bytes.readInt32BE(LENGTH_BYTES);
    this.#wireCode = bytes.readInt32BE(ERR_OFFSET);
    if (xid === Xid.ping) return this.#onPong();
    if (xid === Xid.auth) return this.#onAuthReply();
    if (!packageErrorCodes.has(this.#wireCode)) bytes.writeInt32BE(ErrorCode.SystemError, ERR_OFFSET);
    this.#readFrame(bytes);
  }

  #onPong(): void {
    const sentAtMs = this.#pings.shift();
    if (sentAtMs !== undefined) this.#options.events.answered(sentAtMs);
  }

  #onAuthReply(): void {
    const auth = this.#auths.shift();
    if (auth === undefined) return this.drop('the server answered credentials that were not sent');
    const wireCode = this.#wireCode;
    if (wireCode === 0) this.#options.events.answered(auth.sentAtMs);
    auth.answered(wireCode);
    if (wireCode !== 0 && !this.#destroyed) this.#options.events.authFailed('the credentials');
  }

  #onState(state: number): void {
    if (this.#destroyed) return;
    if (state === STATES.CONNECTED) this.#onHandshake();
    else if (state === STATES.SESSION_EXPIRED) this.#options.events.expired();
    else if (state === STATES.DISCONNECTED) this.#endAll();
  }

  /** The session is granted. It is of use when the server has taken the credentials and knows the watches. */
  #onHandshake(): void {
    const { credentials, watches } = this.#opening!;
    this.#progress = 'the server closed the connection';
    this.#manager.xid = 1;
    this.#pings = [];
    this.#auths = [];
    let unanswered = credentials.length;
    if (unanswered === 0) return this.#attach(watches);
    for (const { scheme, credentials: secret } of credentials) {
      this.#sendAuth(authRequest(scheme, Buffer.from(secret)), (wireCode) => {
        if (wireCode === 0 && --unanswered === 0) this.#attach(watches);
      });
    }
  }

  #attach(watches: WatchLists): void {
    // The same zxid for all batches: what a reply to the first says must not hide what the second asks about.
    const relativeZxid = Buffer.from(this.#manager.zxid);
    for (const batch of watchBatches(watches)) {
      this.#send(
        setWatchesRequest(relativeZxid, batch),
        (_payload, wireCode) => {
          if (wireCode !== 0) this.drop(`the server refused the watches: ${errorCodeName(wireCode) ?? wireCode}`);
        },
        () => undefined,
      );
    }
    this.#options.events.attached({
      id: this.#manager.sessionId.readBigInt64BE(0),
      password: Buffer.from(this.#manager.sessionPassword),
      negotiatedTimeoutMs: this.#manager.sessionTimeout,
      sentAtMs: this.#handshakeSentAtMs,
      readOnly: false,
    });
  }

  /** The package wants a server: at the first `open`, and whenever it has cleaned up behind a connection. */
  #onReadyToConnect(callback: (server: ServerAddress) => void): void {
    if (this.#destroyed) return;
    this.#connectTo = callback;
    if (this.#opening === null) return;
    this.#options.events.detached(this.#lossReason ?? this.#progress);
  }

  /** Ends every call; what the package has still queued was never sent, and must not be sent on another connection. */
  #endAll(): void {
    const { packetQueue } = this.#manager;
    const unsent = new Set<unknown>(packetQueue.queue.map(({ request }) => request));
    packetQueue.queue = [];
    const open = [...this.#open];
    this.#open.clear();
    for (const [packet, lost] of open) lost(!unsent.has(packet));
  }

  #destroySocket(): void {
    if (this.#manager.connectTimeoutHandler !== null) clearTimeout(this.#manager.connectTimeoutHandler);
    this.#manager.socket?.destroy();
  }
}

/** What the package can make an exception of. */
const packageErrorCodes: ReadonlySet<number> = new Set(
  Object.values(zookeeper.Exception).filter((value): value is number => typeof value === 'number'),
);
