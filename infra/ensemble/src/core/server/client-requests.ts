/**
 * What becomes of one request of an open connection, from its frame to its answer.
 * Source: ZooKeeperServer.processPacket, CommitProcessor.java, FinalRequestProcessor.java.
 */
import {
  ErrorCode,
  type Id,
  JuteReader,
  JuteWriter,
  maxFieldBytes,
  OpCode,
  type Txn,
  Xid,
  ZkProtocolError,
} from '@menagerie/zookeeper-protocol';
import type { Authentication } from './authentication.js';
import type { Connection } from './connection.js';
import { createsEphemeral } from './local-sessions.js';
import { RequestKind, requestKind } from './operations.js';
import { beginReply } from './outbox.js';
import { Reads } from './reads.js';
import type { Role } from './role.js';
import { CLIENT_CLOSED, type ServerCore } from './server-core.js';
import { WaitingRequest } from './waiting-request.js';
import { writeAnswerBody } from './write-answers.js';

const HEADER_BYTES = 8;
/** Of the zxid in a reply's frame, behind length and xid. */
const ZXID_OFFSET = 8;
/** What Apache answers an unknown request with: it never got a zxid. */
const NO_ZXID = -1n;

export class ClientRequests {
  private readonly reader: JuteReader;
  /** For answers that have to wait for those in front of them. */
  private readonly heldAnswers = new JuteWriter();
  private readonly reads: Reads<Connection>;
  /** Who asks; one object, filled in for each read. */
  private readonly by: { watcher: Connection; sessionId: bigint; authInfo: readonly Id[] };

  constructor(
    private readonly core: ServerCore,
    private readonly authentication: Authentication,
  ) {
    this.reader = new JuteReader(Buffer.alloc(0), maxFieldBytes(core.config.maxBufferBytes));
    this.by = { watcher: null as unknown as Connection, sessionId: 0n, authInfo: [] };
    this.reads = new Reads({
      tree: () => core.database.tree,
      watches: core.watches,
      providers: core.providers,
      allows: (acl, perms, identities) => core.allows(acl, perms, identities),
    });
  }

  /** @param frame valid during this call only */
  handle(role: Role, connection: Connection, frame: Buffer, nowMs: number): void {
    if (frame.length < HEADER_BYTES) return this.core.close(connection, 'expected a request header');
    const reader = this.reader.reset(frame);
    const xid = reader.readInt();
    const type = reader.readInt();
    if (type === OpCode.auth) return this.authentication.authPacket(connection, xid, reader);
    if (type === OpCode.sasl) return this.authentication.saslToken(connection, xid, reader);
    if (this.authentication.refuses(connection, xid)) return;
    if (!role.touch(connection, nowMs)) return;
    const kind = requestKind(type);
    const isLocal = kind === RequestKind.local || kind === RequestKind.refused || endsLocally(connection, type);
    if (isLocal && connection.waiting.length === 0) {
      this.answerLocally(role, connection, xid, type, reader, connection.authInfo, nowMs, nowMs);
      return;
    }
    const body = Buffer.from(reader.readRest());
    const { sessionId, authInfo } = connection;
    const request = new WaitingRequest(connection, sessionId, xid, type, body, authInfo, nowMs, isLocal);
    this.enqueue(request);
    if (isLocal) return;
    if (role.isReadOnly || connection.local !== null) {
      const refusal = this.judge(role, connection, type, body, nowMs);
      if (refusal !== ErrorCode.Ok) return this.refuse(role, request, refusal);
    }
    if (kind === RequestKind.write) role.submit(request);
    else if (kind === RequestKind.sync) role.sync(request);
  }

  /** A write of ours is applied; `err` and `multiBody` say how that went. */
  answerWrite(role: Role, request: WaitingRequest, txn: Txn, err: number, multiBody: Buffer | null): void {
    const { connection, type } = request;
    if (connection.state === 'closed') {
      this.core.traffic.staleReplies++;
      return;
    }
    if (err === ErrorCode.SessionMoved) return this.core.close(connection, 'session moved');
    const isNext = connection.waiting.peek() === request;
    const writer = isNext ? this.core.outbox.open(connection) : this.heldAnswers;
    const mark = beginReply(writer, request.cxid, this.core.zxid, err);
    if (err === ErrorCode.Ok) {
      if (multiBody !== null) writer.writeRaw(multiBody);
      else writeAnswerBody(writer, type, txn, this.core.database.tree);
    }
    request.hasFailed = err !== ErrorCode.Ok;
    if (type === OpCode.closeSession) request.closeReason = CLIENT_CLOSED;
    if (isNext) {
      this.core.outbox.finishFrame(connection, mark);
      this.leave(role, request);
    } else {
      writer.endFrame(mark);
      request.answer = this.heldAnswers.toBuffer();
    }
  }

  /** The answer is the path of the request, which may be null and need not exist. */
  answerSync(role: Role, request: WaitingRequest): void {
    const { connection } = request;
    if (connection.state === 'closed') return;
    const path = readOrNull(() => ({ value: this.reader.reset(request.body).readString() }));
    const writer = this.heldAnswers;
    const err = path === null ? ErrorCode.MarshallingError : ErrorCode.Ok;
    const mark = beginReply(writer, request.cxid, this.core.zxid, err);
    if (path !== null) writer.writeString(path.value);
    writer.endFrame(mark);
    request.answer = writer.toBuffer();
    this.drain(role, connection);
  }

  /** Connections with something in flight are not read from while too much is, over all of them. */
  throttle(connection: Connection): void {
    if (connection.state !== 'open') return;
    if (connection.outstanding > 0 && this.core.outstanding > this.core.config.globalOutstandingLimit)
      connection.pause();
    else connection.resume();
  }

  /** What speaks against a write or a sync before anybody else hears of it. A local session is upgraded if need be. */
  private judge(role: Role, connection: Connection, type: number, body: Buffer, nowMs: number): ErrorCode {
    if (role.isReadOnly) return ErrorCode.NotReadOnly;
    if (!createsEphemeral(type, body, maxFieldBytes(this.core.config.maxBufferBytes))) return ErrorCode.Ok;
    if (role.locals?.isUpgradable !== true) return ErrorCode.EphemeralOnLocalSession;
    role.upgrade(connection, nowMs);
    return ErrorCode.Ok;
  }

  private refuse(role: Role, request: WaitingRequest, err: ErrorCode): void {
    const writer = this.heldAnswers;
    writer.endFrame(beginReply(writer, request.cxid, this.core.zxid, err));
    request.answer = writer.toBuffer();
    this.drain(role, request.connection);
  }

  private enqueue(request: WaitingRequest): void {
    request.connection.waiting.push(request);
    // Pings and the like do not count.
    if (request.cxid <= 0) return;
    request.connection.outstanding++;
    this.core.outstanding++;
  }

  /** The request at the head of its connection's queue is answered: it goes, and what waited for nothing else after it. */
  private leave(role: Role, request: WaitingRequest): void {
    this.dequeue(request);
    if (request.closeReason !== null) this.core.close(request.connection, request.closeReason);
    else if (request.connection.waiting.length > 0) this.drain(role, request.connection);
    this.throttle(request.connection);
  }

  private dequeue(request: WaitingRequest): void {
    const { connection } = request;
    const nowMs = this.core.env.monotonicMs();
    connection.waiting.shift();
    if (!request.isLocal) {
      const type = request.hasFailed ? OpCode.error : request.type;
      connection.traffic.answered(type, request.cxid, this.core.zxid, request.arrivedMs, nowMs);
      this.core.traffic.updates.add(nowMs - request.arrivedMs);
    }
    if (request.cxid <= 0) return;
    connection.outstanding--;
    this.core.outstanding--;
  }

  private drain(role: Role, connection: Connection): void {
    for (let head = connection.waiting.peek(); head !== undefined; head = connection.waiting.peek()) {
      if (head.answer === null && !head.isLocal) return;
      this.dequeue(head);
      if (head.answer !== null) {
        // It was made before the answers that left in front of it: a client must not see the zxid go back.
        head.answer.writeBigInt64BE(this.core.zxid, ZXID_OFFSET);
        this.core.outbox.frame(connection, head.answer);
      } else {
        const { cxid, type, authInfo, arrivedMs } = head;
        const reader = this.reader.reset(head.body);
        this.answerLocally(role, connection, cxid, type, reader, authInfo, arrivedMs, this.core.env.monotonicMs());
      }
      if (head.closeReason !== null) this.core.close(connection, head.closeReason);
      if (connection.state === 'closed') return;
    }
    this.throttle(connection);
  }

  private answerLocally(
    role: Role,
    connection: Connection,
    xid: number,
    type: number,
    reader: JuteReader,
    authInfo: readonly Id[],
    arrivedMs: number,
    nowMs: number,
  ): void {
    if (role.hasMoved(connection)) return this.core.close(connection, 'session moved');
    const { core } = this;
    const { zxid } = core;
    if (type === OpCode.ping) {
      core.outbox.header(connection, Xid.ping, zxid, ErrorCode.Ok);
    } else if (type === OpCode.closeSession) {
      role.locals?.remove(connection.sessionId);
      core.outbox.header(connection, xid, zxid, ErrorCode.Ok);
      return core.close(connection, CLIENT_CLOSED);
    } else if (requestKind(type) === RequestKind.refused) {
      core.outbox.header(connection, xid, NO_ZXID, ErrorCode.Unimplemented);
      return core.close(connection, `unknown request type ${type}`);
    } else {
      this.by.watcher = connection;
      this.by.sessionId = connection.sessionId;
      this.by.authInfo = authInfo;
      if (changesWatchesOnly(type)) {
        core.outbox.header(connection, xid, zxid, this.changeWatches(type, reader));
      } else {
        this.answerRead(connection, xid, type, reader, zxid);
      }
    }
    connection.traffic.answered(type, xid, zxid, arrivedMs, nowMs);
    core.traffic.reads.add(nowMs - arrivedMs);
  }

  private answerRead(connection: Connection, xid: number, type: number, reader: JuteReader, zxid: bigint): void {
    const { outbox } = this.core;
    const writer = outbox.open(connection);
    const mark = beginReply(writer, xid, zxid, ErrorCode.Ok);
    let err: ErrorCode;
    try {
      err = this.reads.answer(type, reader, this.by, writer);
    } catch (error) {
      if (!(error instanceof ZkProtocolError)) throw error;
      err = ErrorCode.MarshallingError;
    }
    if (err === ErrorCode.Ok) return outbox.finishFrame(connection, mark);
    writer.truncate(mark);
    outbox.header(connection, xid, zxid, err);
  }

  private changeWatches(type: number, reader: JuteReader): ErrorCode {
    try {
      return this.reads.changeWatches(type, reader, this.by);
    } catch (error) {
      if (error instanceof ZkProtocolError) return ErrorCode.MarshallingError;
      throw error;
    }
  }
}

const endsLocally = (connection: Connection, type: number): boolean =>
  type === OpCode.closeSession && connection.local !== null;

function changesWatchesOnly(type: number): boolean {
  return (
    type === OpCode.setWatches ||
    type === OpCode.setWatches2 ||
    type === OpCode.checkWatches ||
    type === OpCode.removeWatches
  );
}

function readOrNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof ZkProtocolError) return null;
    throw error;
  }
}
