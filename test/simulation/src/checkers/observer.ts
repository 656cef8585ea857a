/** Stands outside of all servers and clients, is told what happens, and asks every checker about it. */
import {
  configOfTxn,
  type Database,
  type Proposal,
  type QuorumConfig,
  type RequestServer,
  type ServerId,
} from '@menagerie/ensemble';
import { decodeTxnRecord, OpCode } from '@menagerie/zookeeper-protocol';
import type { VirtualTime } from '../engine/virtual-time.js';
import { Violation } from '../engine/violation.js';
import type { ServerClock } from '../server/clock.js';
import { Agreement } from './agreement.js';
import { Fencing } from './fencing.js';
import { MembersRules } from './members.js';
import { LeadersSessions, SessionRules } from './session-rules.js';
import { Story } from './story.js';
import { TreeModel } from './tree-model.js';
import { epochOfZxid, hexZxid } from './zxids.js';

/** What an observed server is asked about itself. */
export interface Observed {
  readonly id: ServerId;
  readonly database: Database;
  readonly clock: ServerClock;
  /** The last transaction of its log, synced or not. */
  readonly lastLogged: () => bigint;
}

/** What became of one request of a session. */
export interface CommittedWrite {
  readonly zxid: number;
  readonly type: number;
  /** 0 for a success; of a multi, of its first failure. */
  readonly err: number;
}

export interface ObserverOptions {
  /** Keep what happened, in words. */
  readonly withStory?: boolean;
  /** Directories whose nodes are all made with a sequence number. */
  readonly numbered?: readonly string[];
  /** Of the ensemble in the beginning; default null, one alone. */
  readonly members?: QuorumConfig | null;
}

interface Term {
  readonly epoch: number;
  readonly sessions: LeadersSessions;
  readonly clock: ServerClock;
}

/** Of the transaction header in a log record: long clientId, int cxid, long zxid, long time, int type. */
const TYPE_OFFSET = 28;

export class Observer {
  readonly agreement: Agreement;
  readonly tree: TreeModel;
  readonly sessions = new SessionRules();
  readonly members = new MembersRules();
  private readonly fencing: Fencing;
  private readonly story: Story;
  private readonly terms = new Map<ServerId, Term>();
  private readonly writes = new Map<bigint, Map<number, CommittedWrite>>();
  private readonly lastDone = new Map<bigint, number>();
  /** The largest zxid that any client was told of as its own write's. */
  lastAcknowledged = 0;

  constructor(time: VirtualTime, { withStory = false, numbered = [], members = null }: ObserverOptions = {}) {
    this.members.begin(members);
    this.story = new Story(time, withStory);
    this.tree = new TreeModel(numbered);
    this.fencing = new Fencing(this.tree);
    this.agreement = new Agreement((zxid, bytes) => this.committed(zxid, bytes));
  }

  get storyLines(): readonly string[] {
    return this.story.lines;
  }

  tell(line: () => string): void {
    this.story.tell(line);
  }

  /** A server writes into its log, behind `previous`. */
  appended(by: ServerId, zxid: bigint, bytes: Buffer, previous: bigint): void {
    this.agreement.logs(by, Number(zxid), bytes, Number(previous));
    const term = this.terms.get(by);
    if (term === undefined) return;
    const type = bytes.readInt32BE(TYPE_OFFSET);
    if (type !== OpCode.createSession && type !== OpCode.closeSession) return;
    const session = bytes.readBigInt64BE(0);
    const nowMs = term.clock.monotonicMs();
    const timeoutMs = this.sessions.alive.get(session);
    if (type === OpCode.createSession) term.sessions.heard(session, nowMs);
    else if (timeoutMs !== undefined && !this.sessions.isClosedByClient(session)) {
      term.sessions.expires(session, timeoutMs, nowMs);
    }
  }

  /** A server has the history of that epoch's leader, and says so as soon as its disk has it too. */
  takesUp(by: ServerId, epoch: number): void {
    this.members.takesUp(by, epoch);
  }

  /** A client's message has reached its server. */
  heardOnServer(id: ServerId, session: bigint): void {
    const term = this.terms.get(id);
    term?.sessions.heard(session, term.clock.monotonicMs());
  }

  /** What was committed as this request of this session; undefined if nothing was. */
  write(session: bigint, cxid: number): CommittedWrite | undefined {
    return this.writes.get(session)?.get(cxid);
  }

  /** A request server that passes everything on and tells us what matters. */
  observe(observed: Observed, server: RequestServer, onServing: () => void): RequestServer {
    const { id, database, clock, lastLogged } = observed;
    const { agreement, terms } = this;
    return {
      startServing: (replication) => {
        const { role, epoch } = replication;
        this.tell(
          () => `server ${id} serves as ${role} in epoch ${epoch} at ${hexZxid(Number(database.lastProcessedZxid))}`,
        );
        if (role === 'leader') this.leads(id, epoch, Number(lastLogged()));
        else if (role === 'standalone') agreement.standsAlone(id, Number(lastLogged()));
        if (role === 'leader' || role === 'standalone') {
          terms.set(id, { epoch, sessions: new LeadersSessions(id, clock.monotonicMs()), clock });
        }
        agreement.hasTree(id, Number(database.lastProcessedZxid), database.treeDigest);
        server.startServing(replication);
        onServing();
      },
      stopServing: (reason) => {
        this.tell(() => `server ${id} stops serving: ${reason}`);
        terms.delete(id);
        server.stopServing(reason);
      },
      commit: (proposal) => {
        this.checkQuorum(id, proposal);
        agreement.commit(id, Number(proposal.zxid), Number(database.lastProcessedZxid));
        server.commit(proposal);
        agreement.hasTree(id, Number(database.lastProcessedZxid), database.treeDigest);
      },
      learnerRequest: (from, request) => server.learnerRequest(from, request),
      learnerTouched: (from, sessions) => {
        for (const { sessionId } of sessions) this.heardOnServer(id, sessionId);
        server.learnerTouched(from, sessions);
      },
      learnerRevalidate: (from, sessionId, timeoutMs) => {
        const isAlive = server.learnerRevalidate(from, sessionId, timeoutMs);
        if (isAlive) this.heardOnServer(id, sessionId);
        return isAlive;
      },
      revalidated: (sessionId, valid) => server.revalidated(sessionId, valid),
      takeTouchedSessions: () => server.takeTouchedSessions(),
      synced: (request) => server.synced(request),
      tick: () => server.tick(),
      wakeAtMs: () => server.wakeAtMs(),
    };
  }

  /** A server's process is gone, and whatever it led with it. */
  ended(id: ServerId): void {
    this.terms.delete(id);
  }

  private leads(id: ServerId, epoch: number, lastLogged: number): void {
    const { agreement, members } = this;
    const isLate = epoch < agreement.lastEpoch;
    const before = members.members;
    agreement.leads(id, epoch, lastLogged);
    if (!isLate) members.leads(id, epoch, before);
  }

  private checkQuorum(id: ServerId, { zxid, txn }: Proposal): void {
    const loggedBy =
      this.terms.get(id)?.epoch === epochOfZxid(Number(zxid)) ? this.agreement.loggersOf(Number(zxid)) : null;
    if (loggedBy === null) return;
    this.members.commits(id, Number(zxid), loggedBy, txn.type === OpCode.reconfig ? configOfTxn(txn.data) : null);
  }

  private committed(zxid: number, bytes: Buffer): void {
    const { header, txn } = decodeTxnRecord(bytes);
    if (txn.type === OpCode.reconfig) this.members.changed(zxid, configOfTxn(txn.data));
    // A multi that failed is a transaction without effect, as an error is.
    const isRefused = txn.type === OpCode.multi && txn.ops.some((op) => op.type === OpCode.error);
    const timeoutMs = txn.type === OpCode.createSession ? txn.timeoutMs : 0;
    if (txn.type === OpCode.closeSession) {
      this.tree.apply(zxid, header, txn);
      this.sessions.committed(zxid, header, timeoutMs);
    } else {
      if (!isRefused) this.sessions.committed(zxid, header, timeoutMs);
      this.fencing.before(zxid, txn);
      this.tree.apply(zxid, header, txn);
    }
    if (header.cxid <= 0) return;
    let err = txn.type === OpCode.error ? txn.err : 0;
    if (txn.type === OpCode.multi) {
      for (const op of txn.ops) if (op.type === OpCode.error && op.err !== 0 && err === 0) err = op.err;
    }
    this.index(header.clientId, header.cxid, { zxid, type: header.type, err });
  }

  private index(session: bigint, cxid: number, write: CommittedWrite): void {
    let of = this.writes.get(session);
    if (of === undefined) this.writes.set(session, (of = new Map()));
    const other = of.get(cxid);
    if (other !== undefined) {
      throw new Violation(
        'a request is done once',
        `request ${cxid} of session 0x${session.toString(16)} is ${hexZxid(other.zxid)} and ${hexZxid(write.zxid)}`,
      );
    }
    of.set(cxid, write);
    // What is refused has no effect, so it is done at no time.
    if (write.err !== 0) return;
    const last = this.lastDone.get(session) ?? 0;
    if (cxid < last) {
      throw new Violation(
        'requests of a session are done in order',
        `request ${cxid} of session 0x${session.toString(16)} is done at ${hexZxid(write.zxid)}, after request ${last}`,
      );
    }
    this.lastDone.set(session, cxid);
  }
}
