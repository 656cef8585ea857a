/**
 * A client that speaks the wire protocol to whichever server takes it, keeps its session over connections, and holds
 * every answer against the rules that hold for all of them. What it asks is its subclass's business.
 */
import {
  decodeConnectResponse,
  decodeReplyHeader,
  decodeWatcherEvent,
  encodeConnectRequest,
  encodeRequestHeader,
  encodeSetWatchesRequest,
  ErrorCode,
  FrameDecoder,
  JuteReader,
  JuteWriter,
  OpCode,
  Xid,
} from '@menagerie/zookeeper-protocol';
import type { Observer } from '../checkers/observer.js';
import { hexZxid } from '../checkers/zxids.js';
import type { Random } from '../engine/random.js';
import type { Timer, VirtualTime } from '../engine/virtual-time.js';
import { Violation } from '../engine/violation.js';
import type { Connection } from '../network/connection.js';
import type { Host, SimulatedNetwork } from '../network/network.js';
import type { SimulatedServer } from '../server/simulated-server.js';
import { WatchBook } from './watch-book.js';

export interface ClientWorld {
  readonly time: VirtualTime;
  readonly network: SimulatedNetwork;
  readonly observer: Observer;
  readonly servers: readonly SimulatedServer[];
}

export interface Call {
  readonly type: OpCode;
  readonly body: (writer: JuteWriter) => void;
  /** @param zxid of the state that the answer shows; for a write, of its transaction */
  readonly answered: (err: number, zxid: number, reader: JuteReader) => void;
  /** Sent, and nobody knows what became of it. */
  readonly lost?: () => void;
}

interface Waiting {
  readonly xid: number;
  readonly call: Call;
  /** What some client had been told of when this was sent. */
  readonly acknowledgedBefore: number;
}

const NO_PASSWORD = Buffer.alloc(16);
const WRITES: ReadonlySet<number> = new Set([
  OpCode.create,
  OpCode.create2,
  OpCode.delete,
  OpCode.setData,
  OpCode.multi,
  OpCode.closeSession,
  OpCode.reconfig,
]);

export abstract class SessionClient {
  readonly host: Host;
  protected readonly watches: WatchBook;
  private connection: Connection | null = null;
  private frames = new FrameDecoder();
  private readonly writer = new JuteWriter();
  private session = 0n;
  private password = NO_PASSWORD;
  private lastZxid = 0;
  private attached = false;
  private xid = 0;
  private readonly waiting: Waiting[] = [];
  private heardAtMs = 0;
  private beat: Timer | null = null;
  private isClosing = false;
  /** Answers to its own calls. */
  answeredCalls = 0;
  askedCalls = 0;

  constructor(
    readonly name: string,
    protected readonly world: ClientWorld,
    protected readonly random: Random,
    private readonly sessionTimeoutMs: number,
  ) {
    this.host = `client-${name}`;
    this.watches = new WatchBook(name, world.observer.tree);
  }

  /** 0n while it has none. */
  get sessionId(): bigint {
    return this.session;
  }

  protected get isAttached(): boolean {
    return this.attached && !this.isClosing;
  }

  protected get outstanding(): number {
    return this.waiting.length;
  }

  protected open(): void {
    const { time, network, servers } = this.world;
    const up = servers.filter((server) => server.isUp);
    if (up.length === 0) return void time.after(this.random.delay(50), () => this.open());
    const server = this.random.pick(up);
    const connection = network.connect(this.host, server.host);
    this.connection = connection;
    this.frames = new FrameDecoder();
    connection.attach(this.host, {
      onMessage: (message) => this.received(connection, message as Buffer),
      onClosed: () => this.closed(connection),
    });
    server.acceptClient(connection);
    this.send((writer) =>
      encodeConnectRequest(writer, {
        protocolVersion: 0,
        lastZxidSeen: BigInt(this.lastZxid),
        timeoutMs: this.sessionTimeoutMs,
        sessionId: this.session,
        password: this.password,
        readOnly: false,
        hasReadOnly: true,
      }),
    );
    this.heardAtMs = time.nowMs;
    this.keepBeating(connection);
  }

  protected ask(call: Call): void {
    const { observer } = this.world;
    const xid = (this.xid += 1);
    this.askedCalls += 1;
    this.waiting.push({ xid, call, acknowledgedBefore: observer.lastAcknowledged });
    this.send((writer) => {
      encodeRequestHeader(writer, { xid, type: call.type });
      call.body(writer);
    });
  }

  protected closeSession(): void {
    this.world.observer.sessions.closedByClient(this.session);
    this.ask({ type: OpCode.closeSession, body: () => undefined, answered: () => undefined });
    this.isClosing = true;
  }

  /** The client dies without a word; another takes its place later. */
  protected vanish(afterMs: number): void {
    const { connection } = this;
    if (connection === null) return;
    this.connection = null;
    connection.close(this.host);
    this.world.network.processDied(this.host);
    this.detached();
    this.forgetSession();
    this.world.time.after(afterMs, () => this.open());
  }

  /** The session is over, and all that belonged to it. */
  protected abstract sessionEnded(): void;

  private closed(connection: Connection): void {
    if (this.connection !== connection) return;
    this.connection = null;
    this.detached();
    if (this.isClosing) this.forgetSession();
    this.world.time.after(this.random.delay(20), () => this.open());
  }

  private detached(): void {
    this.attached = false;
    this.beat?.cancel();
    for (const { call } of this.waiting.splice(0)) call.lost?.();
  }

  private forgetSession(): void {
    this.session = 0n;
    this.password = NO_PASSWORD;
    this.isClosing = false;
    this.watches.clear();
    this.sessionEnded();
  }

  /** Asks for a sign of life when there is nothing else to say, and leaves a server that gives none. */
  private keepBeating(connection: Connection): void {
    const { time } = this.world;
    this.beat = time.after(this.sessionTimeoutMs / 3, () => {
      if (this.connection !== connection) return;
      if (time.nowMs - this.heardAtMs > (this.sessionTimeoutMs * 2) / 3) {
        connection.close(this.host);
        return this.closed(connection);
      }
      if (this.attached) this.send((writer) => encodeRequestHeader(writer, { xid: Xid.ping, type: OpCode.ping }));
      this.keepBeating(connection);
    });
  }

  private send(write: (writer: JuteWriter) => void): void {
    write(this.writer);
    this.connection?.send(this.host, [this.writer.toBuffer()]);
  }

  private received(connection: Connection, chunk: Buffer): void {
    for (const payload of this.frames.push(chunk)) {
      if (this.connection !== connection) return;
      this.heardAtMs = this.world.time.nowMs;
      const reader = new JuteReader(payload);
      if (this.attached) this.heard(reader);
      else this.shakenHands(connection, reader);
    }
  }

  private shakenHands(connection: Connection, reader: JuteReader): void {
    const { sessionId, timeoutMs, password } = decodeConnectResponse(reader);
    if (timeoutMs <= 0) {
      this.forgetSession();
      connection.close(this.host);
      return this.closed(connection);
    }
    const { sessions } = this.world.observer;
    if (sessions.hasEnded(sessionId) && this.session === 0n) {
      throw new Violation('session ids are unique', `${this.name} was given ${sessionId}, which has ended`);
    }
    this.session = sessionId;
    this.password = Buffer.from(password ?? NO_PASSWORD);
    this.attached = true;
    connection.speaker = sessionId;
    if (this.watches.size > 0) this.restoreWatches();
  }

  private restoreWatches(): void {
    const { data, exists, children } = this.watches.paths();
    const lists = { dataWatches: data, existWatches: exists, childWatches: children };
    const relativeZxid = BigInt(this.lastZxid);
    this.watches.restoring();
    this.ask({
      type: OpCode.setWatches,
      body: (writer) => encodeSetWatchesRequest(writer, { relativeZxid, ...lists }),
      answered: (_err, zxid) => this.watches.restored(zxid),
    });
  }

  private heard(reader: JuteReader): void {
    const header = decodeReplyHeader(reader);
    if (header.xid === Xid.watch) {
      const { type, path } = decodeWatcherEvent(reader);
      return this.watches.fired(type, path);
    }
    const zxid = Number(header.zxid);
    this.shown(zxid);
    if (header.xid === Xid.ping) return this.watches.shown(zxid);
    const waiting = this.waiting.shift();
    if (!waiting || waiting.xid !== header.xid) {
      throw new Violation('replies in order', `${this.name} expected xid ${waiting?.xid}, got ${header.xid}`);
    }
    this.answered(waiting, header.err, zxid, reader);
  }

  /** What one client is shown never goes back. */
  private shown(zxid: number): void {
    if (zxid < this.lastZxid) {
      throw new Violation('time goes forward', `${this.name} saw ${hexZxid(this.lastZxid)}, then ${hexZxid(zxid)}`);
    }
    this.lastZxid = zxid;
  }

  private answered({ xid, call, acknowledgedBefore }: Waiting, err: number, zxid: number, reader: JuteReader): void {
    // Its end is on the way, and the server will close the connection.
    if (err === ErrorCode.SessionExpired || err === ErrorCode.SessionMoved) return call.lost?.();
    this.answeredCalls += 1;
    if (call.type !== OpCode.setWatches) this.watches.shown(zxid);
    if (call.type === OpCode.sync && zxid < acknowledgedBefore) {
      throw new Violation(
        'a sync brings its server up to date',
        `${this.name} is shown ${hexZxid(zxid)}, ${hexZxid(acknowledgedBefore)} was acknowledged before the sync`,
      );
    }
    if (!WRITES.has(call.type)) return call.answered(err, zxid, reader);
    call.answered(err, this.acknowledge(xid, acknowledgedBefore, call.type, err), reader);
  }

  /** The answer to a write: it is in the history, once, with this outcome, and behind all that was acknowledged before. */
  private acknowledge(xid: number, acknowledgedBefore: number, type: OpCode, err: number): number {
    const { observer } = this.world;
    const write = observer.write(this.session, xid);
    const which = `${this.name}'s request ${xid} (type ${type})`;
    if (write === undefined) {
      throw new Violation('no acknowledged write is lost', `${which} is answered ${err}, and nobody has committed it`);
    }
    if (write.err !== err && type !== OpCode.multi) {
      throw new Violation('answers say what was committed', `${which} is answered ${err}, ${write.err} is committed`);
    }
    if (write.zxid <= acknowledgedBefore) {
      throw new Violation(
        'writes are linearizable',
        `${which} is ${hexZxid(write.zxid)}, ${hexZxid(acknowledgedBefore)} was acknowledged before it was sent`,
      );
    }
    observer.lastAcknowledged = Math.max(observer.lastAcknowledged, write.zxid);
    return write.zxid;
  }
}
