/**
 * A client that speaks the wire protocol to whichever server takes it, writes unique values, reads, and checks what it is
 * told against what it was told before. What it cannot check alone it leaves with the recorder.
 */
import {
  CreateMode,
  decodeConnectResponse,
  decodeCreateResponse,
  decodeGetDataResponse,
  decodeReplyHeader,
  decodeSetDataResponse,
  encodeConnectRequest,
  encodeCreateRequest,
  encodeGetDataRequest,
  encodeRequestHeader,
  encodeSetDataRequest,
  encodeSyncRequest,
  ErrorCode,
  FrameDecoder,
  JuteReader,
  JuteWriter,
  OpCode,
  OPEN_ACL,
  Xid,
} from '@menagerie/zookeeper-protocol';
import type { Random } from './random.js';
import type { Recorder } from './recorder.js';
import type { Connection, Host, SimulatedNetwork } from './simulated-network.js';
import type { SimulatedServer } from './simulated-server.js';
import { Violation } from './violation.js';
import type { Timer, VirtualTime } from './virtual-time.js';

interface Call {
  readonly xid: number;
  readonly op: 'create' | 'set' | 'get' | 'sequence' | 'sync';
  readonly path: string;
  readonly value: string;
  /** Of a read: a write that was acknowledged when the last sync before it was sent. The read must not be older. */
  readonly floor: bigint;
}

export interface ClientWorld {
  readonly time: VirtualTime;
  readonly network: SimulatedNetwork;
  readonly recorder: Recorder;
  readonly servers: readonly SimulatedServer[];
}

const SESSION_TIMEOUT_MS = 10_000;
/** Silence after which a client tries another server: two thirds of the session. */
const READ_TIMEOUT_MS = (SESSION_TIMEOUT_MS * 2) / 3;
const KEYS = 5;
const MAX_OUTSTANDING = 8;

const keyOf = (number: number) => `/key-${number}`;

const OP_CODES = {
  create: OpCode.create,
  sequence: OpCode.create,
  set: OpCode.setData,
  get: OpCode.getData,
  sync: OpCode.sync,
} as const;

function opOf(dice: number): Call['op'] {
  if (dice < 0.15) return 'create';
  if (dice < 0.25) return 'sequence';
  if (dice < 0.6) return 'set';
  return dice < 0.7 ? 'sync' : 'get';
}

export class SimulatedClient {
  readonly host: Host;
  private connection: Connection | null = null;
  private frames = new FrameDecoder();
  private sessionId = 0n;
  private password = Buffer.alloc(16);
  private lastZxid = 0n;
  private attached = false;
  private xid = 0;
  private readonly outstanding: Call[] = [];
  private silence: Timer | null = null;
  private stopped = false;
  /** Newest state of each node seen in this session: no later read may be older. */
  private readonly seen = new Map<string, bigint>();
  /** What was acknowledged of each node when this connection last sent a sync. */
  private readonly floors = new Map<string, bigint>();
  acknowledgedCalls = 0;

  constructor(
    readonly name: string,
    private readonly world: ClientWorld,
    private readonly random: Random,
  ) {
    this.host = `client-${name}`;
  }

  start(): void {
    this.open();
    this.scheduleWork();
  }

  /** No new work; what is under way is answered or not. */
  stop(): void {
    this.stopped = true;
  }

  private open(): void {
    const up = this.world.servers.filter((server) => server.isUp);
    const { time, network } = this.world;
    if (up.length === 0) return void time.after(this.random.delay(50), () => this.open());
    const server = this.random.pick(up);
    const connection = network.connect(this.host, server.host);
    this.connection = connection;
    this.frames = new FrameDecoder();
    this.floors.clear();
    connection.attach(this.host, {
      onMessage: (message) => this.received(connection, message as Buffer),
      onClosed: () => this.closed(connection),
    });
    server.acceptClient(connection);
    const writer = new JuteWriter();
    encodeConnectRequest(writer, {
      protocolVersion: 0,
      lastZxidSeen: this.lastZxid,
      timeoutMs: SESSION_TIMEOUT_MS,
      sessionId: this.sessionId,
      password: this.password,
      readOnly: false,
      hasReadOnly: true,
    });
    connection.send(this.host, [writer.toBuffer()]);
    this.hear();
  }

  private closed(connection: Connection): void {
    if (this.connection !== connection) return;
    this.connection = null;
    this.attached = false;
    // Sent and unanswered: done or not, nobody knows.
    this.outstanding.length = 0;
    this.silence?.cancel();
    this.world.time.after(this.random.delay(20), () => this.open());
  }

  private hear(): void {
    this.silence?.cancel();
    const { connection } = this;
    this.silence = this.world.time.after(READ_TIMEOUT_MS, () => {
      if (!connection || this.connection !== connection) return;
      connection.close(this.host);
      this.closed(connection);
    });
  }

  private received(connection: Connection, chunk: Buffer): void {
    if (this.connection !== connection) return;
    this.hear();
    for (const payload of this.frames.push(chunk)) {
      if (this.attached) this.answered(new JuteReader(payload));
      else this.handshake(connection, new JuteReader(payload));
    }
  }

  private handshake(connection: Connection, reader: JuteReader): void {
    const response = decodeConnectResponse(reader);
    if (response.timeoutMs <= 0) {
      // Expired: a new session may look at an older state than the last one did, but its server never goes back.
      this.sessionId = 0n;
      this.password = Buffer.alloc(16);
      this.seen.clear();
      connection.close(this.host);
      return this.closed(connection);
    }
    this.sessionId = response.sessionId;
    this.password = Buffer.from(response.password ?? Buffer.alloc(16));
    this.attached = true;
  }

  private answered(reader: JuteReader): void {
    const header = decodeReplyHeader(reader);
    if (header.xid === Xid.ping || header.xid === Xid.watch) return;
    const call = this.outstanding.shift();
    if (!call || call.xid !== header.xid) {
      throw new Violation('replies in order', `${this.name} expected xid ${call?.xid}, got ${header.xid}`);
    }
    if (header.zxid < this.lastZxid && header.zxid > 0n) {
      throw new Violation(
        'time goes forward',
        `${this.name} saw 0x${this.lastZxid.toString(16)}, then 0x${header.zxid.toString(16)}`,
      );
    }
    if (header.zxid > 0n) this.lastZxid = header.zxid;
    this.acknowledgedCalls += 1;
    if (header.err === ErrorCode.Ok) this.succeeded(call, header.zxid, reader);
    else this.failed(call, header.err);
  }

  private succeeded(call: Call, zxid: bigint, reader: JuteReader): void {
    const { recorder } = this.world;
    if (call.op === 'get') {
      const { data, stat } = decodeGetDataResponse(reader);
      const before = this.seen.get(call.path) ?? 0n;
      this.checkFloor(call, stat.mzxid);
      if (stat.mzxid < before) {
        throw new Violation('reads go forward', `${this.name} read ${call.path} at an older state than before`);
      }
      this.seen.set(call.path, stat.mzxid);
      recorder.read({ client: this.name, path: call.path, value: data?.toString() ?? '', mzxid: stat.mzxid });
      return;
    }
    if (call.op === 'sync') return;
    let path = call.path;
    let writtenAt = zxid;
    if (call.op === 'set') writtenAt = decodeSetDataResponse(reader).stat.mzxid;
    else path = decodeCreateResponse(reader).path;
    if (call.op === 'sequence') recorder.sequence(this.name, path);
    this.seen.set(path, writtenAt);
    recorder.acknowledge({ client: this.name, zxid: writtenAt, path, value: call.value });
  }

  private checkFloor(call: Call, mzxid: bigint): void {
    if (mzxid >= call.floor) return;
    const found = mzxid === 0n ? 'nothing' : `0x${mzxid.toString(16)}`;
    throw new Violation(
      'a read behind a sync is current',
      `${this.name} read ${call.path} and found ${found}, 0x${call.floor.toString(16)} was acknowledged before the sync`,
    );
  }

  private failed(call: Call, err: number): void {
    if (call.op === 'get') this.checkFloor(call, 0n);
    const expected =
      (call.op === 'create' && err === ErrorCode.NodeExists) || (call.op !== 'create' && err === ErrorCode.NoNode);
    if (!expected) throw new Violation('errors are explained', `${this.name}: ${call.op} ${call.path} gave ${err}`);
  }

  private scheduleWork(): void {
    this.world.time.after(this.random.delay(15), () => {
      if (this.stopped) return;
      if (this.attached && this.outstanding.length < MAX_OUTSTANDING) this.work();
      this.scheduleWork();
    });
  }

  private work(): void {
    const writer = new JuteWriter();
    this.xid += 1;
    const key = keyOf(this.random.integer(1, KEYS));
    const value = `${this.name}:${this.xid}:${this.sessionId}`;
    const data = Buffer.from(value);
    const op = opOf(this.random.next());
    encodeRequestHeader(writer, { xid: this.xid, type: OP_CODES[op] });
    if (op === 'sync') {
      encodeSyncRequest(writer, { path: key });
      for (let i = 1; i <= KEYS; i++) this.floors.set(keyOf(i), this.world.recorder.newestAcknowledged(keyOf(i)));
    } else if (op === 'get') encodeGetDataRequest(writer, { path: key, watch: false });
    else if (op === 'set') encodeSetDataRequest(writer, { path: key, data, version: -1 });
    else {
      const flags = op === 'sequence' ? CreateMode.persistentSequential : CreateMode.persistent;
      encodeCreateRequest(writer, { path: op === 'sequence' ? '/s-' : key, data, acl: OPEN_ACL, flags });
    }
    this.outstanding.push({ xid: this.xid, op, path: key, value, floor: this.floors.get(key) ?? 0n });
    this.connection?.send(this.host, [writer.toBuffer()]);
  }
}
