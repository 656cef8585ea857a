/**
 * What only the server does that makes the transactions, the leader or a server alone: prepare and propose, own the
 * sessions' deadlines, and end what belongs to nobody.
 */
import { OpCode } from '@menagerie/zookeeper-protocol';
import type { AuthProviders } from '../auth/index.js';
import type { Env, Proposal, Replication, Request, ServerId } from '../contract/index.js';
import type { ReplicatedDatabase } from '../database/index.js';
import { PendingChanges, type PreparationTools, Preparer, type QuotaPassed } from '../prep/index.js';
import { SessionTracker } from '../session/index.js';
import { Reaper, type ReaperConfig } from './reaper.js';

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
  /** Whether some server knows this session that is in no transaction. */
  readonly isLocalSession: (id: bigint) => boolean;
  readonly enforceQuota: boolean;
  readonly reconfigEnabled: boolean;
  readonly standaloneEnabled: boolean;
  readonly reaper: ReaperConfig;
}

/** A quota that is passed is passed by every write: one line in this time is enough. */
const QUOTA_LOG_INTERVAL_MS = 60_000;

const NO_BODY = Buffer.alloc(0);

export class Authority {
  readonly sessions: SessionTracker;
  private readonly changes: PendingChanges;
  private readonly preparer: Preparer;
  private readonly reaper: Reaper;
  private quotaLoggedMs = Number.NEGATIVE_INFINITY;
  /** Owners of ephemerals that are no sessions: to be closed once the role has begun. */
  private deadOwners: bigint[];

  constructor(private readonly options: AuthorityOptions) {
    const { database, env, tickTimeMs, maxTxnBytes } = options;
    const { tree, sessions: known } = database;
    this.sessions = new SessionTracker(tickTimeMs, known, env.monotonicMs(), options.isLocalSession);
    this.changes = new PendingChanges(tree);
    this.reaper = new Reaper(options.reaper, env.monotonicMs());
    const tools: PreparationTools = {
      tree,
      changes: this.changes,
      sessions: this.sessions,
      providers: options.providers,
      allows: options.allows,
      extendedTypes: options.extendedTypes,
      maxTxnBytes,
      enforceQuota: options.enforceQuota,
      ensemble: options.replication.ensemble,
      reconfigEnabled: options.reconfigEnabled,
      standaloneEnabled: options.standaloneEnabled,
      quotaPassed: (event) => this.logQuota(event),
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

  /** From now on and not from its commit, so that a client which is slow to hear of its session still has it. */
  private trackNewSession({ sessionId, body }: Request, from: ServerId): void {
    if (body.length < 4) return;
    this.sessions.track(sessionId, body.readInt32BE(0), this.options.env.monotonicMs());
    this.sessions.setOwner(sessionId, from);
  }

  /** When `tick` has something to do. */
  nextTickMs(): number {
    if (this.deadOwners.length > 0) return 0;
    return Math.min(this.sessions.nextExpiryMs() ?? Number.POSITIVE_INFINITY, this.reaper.nextMs());
  }

  /** @returns how many sessions were found expired */
  tick(nowMs: number): number {
    this.reap(nowMs);
    return this.expire(nowMs);
  }

  private expire(nowMs: number): number {
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

  private reap(nowMs: number): void {
    const { database, replication, env } = this.options;
    for (const path of this.reaper.take(database.tree, nowMs, env.wallMs())) {
      env.log.info('deleting a container or TTL node that has had its time', { path });
      replication.propose(this.preparer.prepareReap(path, replication.nextZxid(), env.wallMs()));
    }
  }

  private logQuota({ subject, what, used, limit, isHard }: QuotaPassed): void {
    const { env } = this.options;
    if (env.monotonicMs() - this.quotaLoggedMs < QUOTA_LOG_INTERVAL_MS) return;
    this.quotaLoggedMs = env.monotonicMs();
    env.log.warn('quota exceeded', { path: subject, what, used, limit, refused: isHard });
  }
}

const closeRequest = (sessionId: bigint): Request => ({
  sessionId,
  cxid: 0,
  type: OpCode.closeSession,
  body: NO_BODY,
  authInfo: [],
});
