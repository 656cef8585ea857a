/** The core that ships, wired as the runtime wires it, with timeouts short enough for a life to hold many elections. */
import {
  type ClientAcceptor,
  createDatabase,
  createPeer,
  createRequestServer,
  type DatabaseOptions,
  type Env,
  type MembershipStore,
  type Peer,
  type PeerEffects,
  type PeerTiming,
  type QuorumConfig,
  type ReplicatedDatabase,
  type RequestServer,
  type ServerId,
} from '@menagerie/ensemble';

export interface Core {
  readonly peer: Peer;
  readonly server: RequestServer;
  readonly acceptor: ClientAcceptor;
  readonly database: ReplicatedDatabase;
}

export interface CoreOptions {
  readonly serverId: ServerId;
  /** Null: it stands alone. */
  readonly config: QuorumConfig | null;
  /** Null: the members stay as they are. */
  readonly memberStore: MembershipStore | null;
  /** While nobody leads. */
  readonly servesReadOnly: boolean;
  readonly env: Env;
  readonly effects: PeerEffects;
  readonly onDigestMismatch: NonNullable<DatabaseOptions['onDigestMismatch']>;
  /** Put between peer and request server, so that a checker sees what is committed and who leads. */
  readonly observe: (server: RequestServer, database: ReplicatedDatabase) => RequestServer;
}

export const TICK_MS = 200;
export const SIMULATED_TIMING: PeerTiming = {
  tickTimeMs: TICK_MS,
  initLimitTicks: 10,
  syncLimitTicks: 5,
  connectLimitMs: 500,
  disloyalVoterMs: null,
  election: { finalizeWaitMs: 50, minNotificationIntervalMs: 50, maxNotificationIntervalMs: 1000 },
};

/** Short, so that many an election lasts longer. */
const READ_ONLY_AFTER_MS = 2 * TICK_MS;
const MAX_FIELD_BYTES = 1 << 20;
/** Few, so that learners are also brought up from the log on disk. */
const COMMIT_LOG_COUNT = 60;

export function makeCore(options: CoreOptions): Core {
  const { serverId, config, memberStore, servesReadOnly, env, effects, observe, onDigestMismatch } = options;
  const database = createDatabase({ onDigestMismatch, commitLogCount: COMMIT_LOG_COUNT });
  // Nobody here has a password to change the members with.
  const requests = {
    tickTimeMs: TICK_MS,
    reconfigEnabled: memberStore !== null,
    standaloneEnabled: false,
    skipAcl: true,
  };
  const clients = createRequestServer({ database, env, serverId, config: requests });
  const server = observe(clients, database);
  const peer = createPeer({
    serverId,
    config,
    memberStore,
    timing: SIMULATED_TIMING,
    readOnlyAfterMs: servesReadOnly ? READ_ONLY_AFTER_MS : null,
    observerLogs: true,
    maxFieldBytes: MAX_FIELD_BYTES,
    env,
    effects,
    database,
    requestServer: server,
  });
  return { peer, server, acceptor: clients, database };
}
