/**
 * The client library's driver over the simulated network: one session's connections, with the real wire protocol on
 * them and nothing but virtual time. Calls are answered in order, so the oldest is the one a reply is for.
 */
import {
  type AuthInfo,
  decodeWireReply,
  type Driver,
  type DriverFactory,
  driverFactory,
  type DriverOptions,
  type EncodedCallName,
  encodeWireCall,
  opCodeOf,
  type ServerAddress,
  setWatchesRequests,
  type WatchLists,
  type WireCallName,
  type WireCalls,
  type WireOutcome,
} from '@menagerie/zookeeper-client/driver';
import {
  decodeConnectResponse,
  decodeReplyHeader,
  decodeWatcherEvent,
  encodeAuthRequest,
  encodeConnectRequest,
  encodeRequestHeader,
  ErrorCode,
  type EventType,
  FrameDecoder,
  JuteReader,
  JuteWriter,
  OpCode,
  Xid,
} from '@menagerie/zookeeper-protocol';
import type { VirtualTime } from '../engine/virtual-time.js';
import type { Connection } from '../network/connection.js';
import type { Host, SimulatedNetwork } from '../network/network.js';

/** What a driver needs of the world: the servers by the host name of the connect string. */
export interface DriverWorld {
  readonly time: VirtualTime;
  readonly network: SimulatedNetwork;
  /** A client asks for the end of its session. */
  readonly closing: (sessionId: bigint) => void;
  readonly serverAt: (host: Host) => { readonly isUp: boolean; acceptClient(connection: Connection): void } | null;
}

interface Waiting {
  readonly sentAtMs: number;
  readonly answered: (err: number, reader: JuteReader) => void;
  readonly lost: () => void;
}

const REFUSED_AFTER_MS = 1;
const NO_PASSWORD = Buffer.alloc(16);

/** @param host where the client runs: what is cut there, is cut for it */
export const simulatedDriver = (world: DriverWorld, host: Host): DriverFactory =>
  driverFactory(
    'simulated',
    ['create-stat', 'container-and-ttl', 'multi-read', 'persistent-watches', 'inquiries', 'reconfig'],
    (options) => new SimulatedDriver(world, host, options),
  );

class SimulatedDriver implements Driver {
  private connection: Connection | null = null;
  private frames = new FrameDecoder();
  private hasSession = false;
  private sessionId = 0n;
  private password = NO_PASSWORD;
  private lastZxid = 0n;
  private xid = 0;
  private handshakeSentAtMs = 0;
  private credentials: readonly AuthInfo[] = [];
  private watches: WatchLists = { data: [], exists: [], children: [], persistent: [], recursive: [] };
  private readonly waiting: Waiting[] = [];
  /** Pings and auth packets have no xid of their own; each kind is answered in order. */
  private readonly pings: number[] = [];
  private readonly auths: ((err: number) => void)[] = [];
  private isDestroyed = false;
  /** Grows with each try to connect, and with the end of each. */
  private attempt = 0;

  constructor(
    private readonly world: DriverWorld,
    private readonly host: Host,
    private readonly options: DriverOptions,
  ) {}

  open(server: ServerAddress, credentials: readonly AuthInfo[], watches: WatchLists): void {
    const attempt = ++this.attempt;
    this.credentials = credentials;
    this.watches = watches;
    const target = this.world.serverAt(server.host);
    if (target === null || !target.isUp) {
      this.world.time.after(REFUSED_AFTER_MS, () => this.giveUp(attempt, 'ECONNREFUSED'));
      return;
    }
    const connection = this.world.network.connect(this.host, server.host);
    this.connection = connection;
    this.frames = new FrameDecoder();
    this.hasSession = false;
    connection.attach(this.host, {
      onMessage: (bytes) => this.received(connection, bytes as Buffer),
      onClosed: () => this.lose(connection, 'the server closed the connection'),
    });
    target.acceptClient(connection);
    this.handshakeSentAtMs = this.options.now();
    this.send((writer) =>
      encodeConnectRequest(writer, {
        protocolVersion: 0,
        lastZxidSeen: this.lastZxid,
        timeoutMs: this.options.sessionTimeoutMs,
        sessionId: this.sessionId,
        password: this.password,
        readOnly: false,
        hasReadOnly: true,
      }),
    );
  }

  drop(reason: string): void {
    const { connection, attempt } = this;
    connection?.close(this.host);
    this.world.time.after(0, () =>
      connection === null ? this.giveUp(attempt, reason) : this.lose(connection, reason),
    );
  }

  call<N extends WireCallName>(
    name: N,
    request: WireCalls[N]['request'],
    done: (outcome: WireOutcome<N>) => void,
  ): void {
    if (name === 'addAuth') {
      const { scheme, credentials } = request as WireCalls['addAuth']['request'];
      return this.authenticate({ scheme, credentials }, (err) =>
        done(err === 0 ? { kind: 'reply', reply: {} } : { kind: 'refused', wireCode: err }),
      );
    }
    const encoded = name as EncodedCallName;
    const decode = decodeWireReply(encoded) as (reader: JuteReader) => WireCalls[N]['reply'];
    this.ask(
      opCodeOf(encoded, request as never),
      (writer) => encodeWireCall(encoded)(writer, request as never),
      (err, reader) => done(err === 0 ? { kind: 'reply', reply: decode(reader) } : { kind: 'refused', wireCode: err }),
      () => done({ kind: 'lost', sent: true }),
    );
  }

  ping(): void {
    this.pings.push(this.options.now());
    this.send((writer) => encodeRequestHeader(writer, { xid: Xid.ping, type: OpCode.ping }));
  }

  closeSession(done: (closed: boolean) => void): void {
    this.world.closing(this.sessionId);
    this.ask(
      OpCode.closeSession,
      () => undefined,
      () => done(true),
      () => done(false),
    );
  }

  destroy(): void {
    if (this.isDestroyed) return;
    this.isDestroyed = true;
    const { connection } = this;
    this.connection = null;
    connection?.close(this.host);
    this.endAll();
  }

  private ask(type: number, body: (writer: JuteWriter) => void, answered: Waiting['answered'], lost: () => void): void {
    this.xid += 1;
    this.waiting.push({ sentAtMs: this.options.now(), answered, lost });
    this.send((writer) => {
      encodeRequestHeader(writer, { xid: this.xid, type });
      body(writer);
    });
  }

  private authenticate({ scheme, credentials }: AuthInfo, answered: (err: number) => void): void {
    this.auths.push(answered);
    this.send((writer) => {
      encodeRequestHeader(writer, { xid: Xid.auth, type: OpCode.auth });
      encodeAuthRequest(writer, { type: 0, scheme, auth: Buffer.from(credentials) });
    });
  }

  private send(write: (writer: JuteWriter) => void): void {
    const writer = new JuteWriter(256);
    write(writer);
    this.connection?.send(this.host, [writer.toBuffer()]);
  }

  private received(connection: Connection, bytes: Buffer): void {
    for (const payload of this.frames.push(bytes)) {
      if (this.connection !== connection) return;
      const reader = new JuteReader(payload);
      if (this.hasSession) this.heard(reader);
      else this.shakenHands(connection, reader);
    }
  }

  private shakenHands(connection: Connection, reader: JuteReader): void {
    const { timeoutMs, sessionId, password } = decodeConnectResponse(reader);
    if (timeoutMs <= 0) {
      this.connection = null;
      connection.close(this.host);
      this.endAll();
      return this.options.events.expired();
    }
    this.hasSession = true;
    connection.speaker = sessionId;
    this.sessionId = sessionId;
    this.password = Buffer.from(password ?? NO_PASSWORD);
    let unanswered = this.credentials.length;
    const attach = () => this.attach(timeoutMs);
    if (unanswered === 0) return attach();
    for (const info of this.credentials) {
      this.authenticate(info, (err) => {
        if (err === 0 && --unanswered === 0) attach();
      });
    }
  }

  private attach(negotiatedTimeoutMs: number): void {
    for (const { opCode, encode, request } of setWatchesRequests(this.lastZxid, this.watches)) {
      this.ask(
        opCode,
        (writer) => encode(writer, request),
        () => undefined,
        () => undefined,
      );
    }
    this.options.events.attached({
      id: this.sessionId,
      password: this.password,
      negotiatedTimeoutMs,
      sentAtMs: this.handshakeSentAtMs,
      readOnly: false,
    });
  }

  private heard(reader: JuteReader): void {
    const { xid, zxid, err } = decodeReplyHeader(reader);
    if (zxid > this.lastZxid) this.lastZxid = zxid;
    const { events } = this.options;
    if (xid === Xid.watch) {
      const { type, path } = decodeWatcherEvent(reader);
      return events.watchEvent(type as EventType, path);
    }
    if (xid === Xid.ping) return events.answered(this.pings.shift() ?? 0);
    if (xid === Xid.auth) {
      this.auths.shift()?.(err);
      return err === ErrorCode.Ok || this.isDestroyed ? undefined : events.authFailed('the credentials');
    }
    const call = this.waiting.shift();
    if (call === undefined) throw new Error(`expected no reply, got one with xid ${xid}`);
    if (err !== ErrorCode.SessionExpired && err !== ErrorCode.SessionMoved) events.answered(call.sentAtMs);
    call.answered(err, reader);
    if (err === ErrorCode.SessionExpired && !this.isDestroyed) events.expired();
  }

  private lose(connection: Connection, reason: string): void {
    if (this.connection !== connection) return;
    this.connection = null;
    this.detach(reason);
  }

  /** A try that never had a connection; it ends once, and not when there has been another since. */
  private giveUp(attempt: number, reason: string): void {
    if (this.attempt === attempt && this.connection === null) this.detach(reason);
  }

  private detach(reason: string): void {
    if (this.isDestroyed) return;
    this.attempt += 1;
    this.endAll();
    this.options.events.detached(reason);
  }

  private endAll(): void {
    this.pings.length = 0;
    this.auths.length = 0;
    for (const { lost } of this.waiting.splice(0)) lost();
  }
}
