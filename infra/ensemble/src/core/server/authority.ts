/**
 * What only the server does that makes the transactions, the leader or a server alone: prepare and propose, own the
 * sessions' deadlines, and end what belongs to nobody.
 */
import { OpCode } from '@menagerie/zookeeper-protocol';
import type { AuthProviders } from '../auth/index.js';
import type { Env, Proposal, Replication, Request, ServerId } from '../contract/index.js';
import type { ReplicatedDatabase } from '../database/index.js';
import { PendingChanges, type PreparationTools, Preparer } from '../prep/index.js';
import { SessionTracker } from '../session/index.js';

export interface AuthorityOptions {
  readonly database: ReplicatedDatabase;
  readonly env: Env;
  readonly replication: Replication;
  readonly serverId: ServerId;
  readonly tickTimeMs: number;
  readonly providers: AuthProviders;
  readonly allows: PreparationTools['allows'];
  readonly extendedTypes: boolean;
  /** Longest record or field that others can read back. */
  readonly maxTxnBytes: number;
}

const NO_BODY = Buffer.alloc(0);

export class Authority {
  readonly sessions: SessionTracker;
  private readonly changes: PendingChanges;
  private readonly preparer: Preparer;
  /** Owners of ephemerals that are no sessions: to be closed once the role has begun. */
  private deadOwners: bigint[];

  constructor(private readonly options: AuthorityOptions) {
    const { database, env, tickTimeMs, providers, allows, extendedTypes, maxTxnBytes } = options;
    const { tree, sessions: known } = database;
    this.sessions = new SessionTracker(tickTimeMs, known, env.monotonicMs());
    this.changes = new PendingChanges(tree);
    const tools = {
      tree,
      changes: this.changes,
      sessions: this.sessions,
      providers,
      allows,
      extendedTypes,
      maxTxnBytes,
    };
    this.preparer = new Preparer(tools, maxTxnBytes);
    this.deadOwners = [...tree.owners.sessions()].filter((owner) => !known.has(owner));
  }

  /** Changes proposed and not applied yet. */
  get pendingChanges(): number {
    return this.changes.size;
  }

  /** @returns the zxid under which the outcome will be committed, whatever it is */
  submit(request: Request, from: ServerId): bigint {
    const { replication, env } = this.options;
    if (request.type === OpCode.createSession) this.trackNewSession(request, from);
    const proposal = this.preparer.prepare(request, from, replication.nextZxid(), env.wallMs());
    replication.propose(proposal);
    return proposal.zxid;
  }

  committed(proposal: Proposal): void {
    this.changes.applied(proposal.zxid);
    if (proposal.header.type === OpCode.closeSession) this.sessions.remove(proposal.header.clientId);
  }

  /** A container or TTL node that has had its time; still one and still empty is checked when its turn comes. */
  reap(path: string): void {
    const { replication, env } = this.options;
    replication.propose(this.preparer.prepareReap(path, replication.nextZxid(), env.wallMs()));
  }

  /** From now on and not from its commit, so that a client which is slow to hear of its session still has it. */
  private trackNewSession({ sessionId, body }: Request, from: ServerId): void {
    if (body.length < 4) return;
    this.sessions.track(sessionId, body.readInt32BE(0), this.options.env.monotonicMs());
    this.sessions.setOwner(sessionId, from);
  }

  nextExpiryMs(): number | null {
    return this.deadOwners.length > 0 ? 0 : this.sessions.nextExpiryMs();
  }

  /** @returns how many sessions were found expired */
  expire(nowMs: number): number {
    const { serverId, env } = this.options;
    for (const owner of this.deadOwners.splice(0)) {
      env.log.warn('closing a session that left only its nodes', { sessionId: owner });
      this.submit(closeRequest(owner), serverId);
    }
    const expired = this.sessions.takeExpired(nowMs);
    for (const session of expired) {
      env.log.info('session expired', { sessionId: session.id, timeoutMs: session.timeoutMs });
      this.submit(closeRequest(session.id), serverId);
    }
    return expired.length;
  }
}

const closeRequest = (sessionId: bigint): Request => ({
  sessionId,
  cxid: 0,
  type: OpCode.closeSession,
  body: NO_BODY,
  authInfo: [],
});
