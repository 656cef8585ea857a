/**
 * A client that would rather be shown something old than nothing. It says so (`readOnly`), looks, and tries to change
 * something; a server in read-only mode must refuse that, and nobody else may ever hear of the session.
 */
import {
  CreateMode,
  decodeConnectResponse,
  decodeReplyHeader,
  encodeConnectRequest,
  encodeCreateRequest,
  encodeGetDataRequest,
  encodeRequestHeader,
  encodeSyncRequest,
  ErrorCode,
  FrameDecoder,
  JuteReader,
  JuteWriter,
  OpCode,
  OPEN_ACL,
} from '@menagerie/zookeeper-protocol';
import type { Random } from '../engine/random.js';
import { Violation } from '../engine/violation.js';
import type { Connection } from '../network/connection.js';
import type { Host } from '../network/network.js';
import type { ClientWorld } from './session-client.js';

const SESSION_TIMEOUT_MS = 2_000;
const MEAN_PAUSE_MS = 300;
/** What is not answered by then is not waited for. */
const PATIENCE_MS = 1_000;
const FORBIDDEN = '/visited';
const READ = '/key-1';

const WISHES = [
  { xid: 1, type: OpCode.create, allowed: [ErrorCode.NotReadOnly] },
  { xid: 2, type: OpCode.sync, allowed: [ErrorCode.NotReadOnly] },
  { xid: 3, type: OpCode.getData, allowed: [ErrorCode.Ok, ErrorCode.NoNode] },
] as const;

export class Visitor {
  readonly host: Host = 'client-visitor';
  /** Visits to a server in read-only mode that answered everything. */
  readOnlyVisits = 0;
  private stopped = false;
  /** Sessions that a server in read-only mode gave. */
  private readonly local = new Set<bigint>();

  constructor(
    private readonly world: ClientWorld,
    private readonly random: Random,
  ) {}

  start(): void {
    this.world.time.after(this.random.delay(MEAN_PAUSE_MS), () => {
      if (this.stopped) return;
      this.visit();
      this.start();
    });
  }

  stop(): void {
    this.stopped = true;
  }

  private visit(): void {
    const { time, network, servers } = this.world;
    this.checkNobodyHeard();
    const up = servers.filter((server) => server.isUp);
    if (up.length === 0) return;
    const server = this.random.pick(up);
    const connection = network.connect(this.host, server.host);
    const frames = new FrameDecoder();
    let answers = -1;
    let isReadOnly = false;
    connection.attach(this.host, {
      onMessage: (message) => {
        for (const payload of frames.push(message as Buffer)) {
          const reader = new JuteReader(payload);
          if (answers++ < 0) isReadOnly = this.shakenHands(connection, reader);
          else if (isReadOnly) this.answered(connection, answers - 1, reader);
        }
      },
      onClosed: () => undefined,
    });
    server.acceptClient(connection);
    this.send(connection, (writer) =>
      encodeConnectRequest(writer, {
        protocolVersion: 0,
        lastZxidSeen: 0n,
        timeoutMs: SESSION_TIMEOUT_MS,
        sessionId: 0n,
        password: Buffer.alloc(16),
        readOnly: true,
        hasReadOnly: true,
      }),
    );
    time.after(PATIENCE_MS, () => connection.close(this.host));
  }

  /** @returns whether the server is in read-only mode; any other is left at once */
  private shakenHands(connection: Connection, reader: JuteReader): boolean {
    const { sessionId, timeoutMs, readOnly } = decodeConnectResponse(reader);
    if (timeoutMs <= 0) return false;
    connection.speaker = sessionId;
    if (!readOnly) {
      this.world.observer.sessions.closedByClient(sessionId);
      this.send(connection, (writer) => encodeRequestHeader(writer, { xid: 1, type: OpCode.closeSession }));
      return false;
    }
    this.local.add(sessionId);
    for (const { xid, type } of WISHES) {
      this.send(connection, (writer) => {
        encodeRequestHeader(writer, { xid, type });
        if (type === OpCode.sync) encodeSyncRequest(writer, { path: READ });
        else if (type === OpCode.getData) encodeGetDataRequest(writer, { path: READ, watch: false });
        else {
          const node = { path: FORBIDDEN, data: Buffer.alloc(0), acl: OPEN_ACL, flags: CreateMode.persistent };
          encodeCreateRequest(writer, node);
        }
      });
    }
    return true;
  }

  private answered(connection: Connection, at: number, reader: JuteReader): void {
    const { xid, err } = decodeReplyHeader(reader);
    const wish = WISHES[at];
    if (wish === undefined || wish.xid !== xid || !(wish.allowed as readonly number[]).includes(err)) {
      throw new Violation(
        'read-only servers change nothing',
        `a visitor's request ${xid} (type ${wish?.type}) is answered ${err}, expected ${wish?.allowed.join(' or ')}`,
      );
    }
    if (at < WISHES.length - 1) return;
    this.readOnlyVisits += 1;
    connection.close(this.host);
  }

  private checkNobodyHeard(): void {
    const { tree, sessions } = this.world.observer;
    const heard = [...this.local].find((session) => sessions.alive.has(session));
    if (heard === undefined && tree.current(FORBIDDEN) === null) return;
    throw new Violation(
      'read-only servers change nothing',
      heard === undefined ? `${FORBIDDEN} is there` : `session 0x${heard.toString(16)} of a visitor is everybody's`,
    );
  }

  private send(connection: Connection, write: (writer: JuteWriter) => void): void {
    const writer = new JuteWriter();
    write(writer);
    connection.send(this.host, [writer.toBuffer()]);
  }
}
