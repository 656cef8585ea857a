/** The public types of the client: what can be asked, what is answered, what is told. */
import type { Acl, CreateMode, Stat } from '@menagerie/zookeeper-protocol';
import type { AuthInfo, DriverFactory, WireIdentity } from './driver.js';
import type { ZooKeeperError } from './errors.js';
import type { RetryPolicy } from './retry.js';
import type { SaslOptions, TlsOptions } from './security.js';
import type { ClientTracer } from './tracing.js';

/** Node data on the way in; a string is UTF-8. On the way out it is always a `Buffer`. */
export type NodeData = string | Buffer | Uint8Array;

/**
 * - `connecting`: no session yet (or none any more, and the read-only server is gone too).
 * - `connected`: attached to a server, the session is valid.
 * - `suspended`: no connection; the session may still be valid. Whoever owns something by this session must stop acting on it.
 * - `read-only`: only with `canBeReadOnly`. Attached to a server that has lost its quorum: reads are answered, maybe with
 *   old values, and nothing is known of the session. It is never entered from `connected` but through `suspended`.
 * - `lost`: the session is over, by the server's word or by our clock. A new one is being made.
 * - `closed`: over for good, by `close()` or because the credentials were refused.
 */
export type ClientState = 'connecting' | 'connected' | 'suspended' | 'read-only' | 'lost' | 'closed';

/** Why a state was entered. */
export type StateReason =
  | 'session-created'
  | 'reattached'
  | 'connection-lost'
  /** The server has lost its quorum and only reads; see `canBeReadOnly`. */
  | 'no-quorum'
  /** The server still had the connection but did not answer for two thirds of the session timeout. */
  | 'no-answer'
  /** Our clock: nothing that a server answered is younger than the session timeout. */
  | 'timeout'
  /** The server's word. */
  | 'expired'
  | 'auth-failed'
  | 'connect-failed'
  | 'close';

export interface StateChange {
  readonly state: ClientState;
  readonly previous: ClientState;
  /** The session this is about: on `lost` the one that ended. Null before the first. */
  readonly sessionId: bigint | null;
  readonly reason: StateReason;
}

export interface SessionInfo {
  /** Signed, as on the wire and in `Stat.ephemeralOwner`. */
  readonly id: bigint;
  readonly password: Buffer;
  /** What the server granted, which may differ from what was asked. */
  readonly negotiatedTimeoutMs: number;
  /** 1 for the first session of this client, then one more for each. */
  readonly generation: number;
}

/** A new session exists: ephemeral nodes and watches of the one before are gone. Comes before the `connected` change. */
export interface SessionChange {
  readonly session: SessionInfo;
  /** Null for the first session. */
  readonly previousId: bigint | null;
}

/** This process stood still for at least a third of the session timeout. */
export interface Stall {
  readonly durationMs: number;
  /** Processor time of this process meanwhile. */
  readonly cpuMs: number;
  /** `busy`: the event loop's own work. `stopped`: the process did not run. */
  readonly cause: 'busy' | 'stopped';
  readonly sessionTimeoutMs: number;
}

/** What a one-shot watch tells. `session-lost` is ours: the watch is gone unfired with its session, so read again. */
export interface WatchEvent {
  readonly type: 'created' | 'deleted' | 'data-changed' | 'children-changed' | 'session-lost';
  readonly path: string;
}

/** What it throws is an uncaught exception of the process, as from any event listener. */
export type WatchCallback = (event: WatchEvent) => void;

export interface CallOptions {
  /** Rejects the call with `ZkAbortedError`; its `outcome` says whether it had been sent. */
  readonly signal?: AbortSignal;
  /** Deadline of each try of this call in milliseconds; default `ConnectOptions.callTimeoutMs`. */
  readonly timeoutMs?: number;
  /** Whether and when to try again what failed and may succeed later; default never. See `Retry`. */
  readonly retry?: RetryPolicy;
  /** With `retry`: repeat also what may have been done already. Default false. */
  readonly repeatMaybeDone?: boolean;
}

export interface CreateOptions extends CallOptions {
  /** Default `CreateMode.persistent`. */
  readonly mode?: CreateMode;
  /** Default `OPEN_ACL`. */
  readonly acl?: readonly Acl[];
  /**
   * Milliseconds without a change and without children after which the server deletes the node; with the modes that
   * have a TTL, and only with them. 1 to 2^40 - 1; servers need `extendedTypesEnabled`.
   */
  readonly ttlMs?: number;
}

export interface VersionOptions extends CallOptions {
  /** Refuse (`ZK_BAD_VERSION`) unless the node is at this version; default -1, any. */
  readonly version?: number;
}

export interface ReadOptions extends CallOptions {
  /** Called once, at the next change after this read, or with `session-lost`. Not called if the read itself fails. */
  readonly watch?: WatchCallback;
}

export interface CreateResult {
  /** The path really made, sequence number included. */
  readonly path: string;
  /** Not from a driver without `create-stat`. */
  readonly stat?: Stat;
}

export interface DataResult {
  readonly data: Buffer;
  readonly stat: Stat;
}

export interface ChildrenResult {
  /** Names, not paths, in the server's order, which is none. */
  readonly children: readonly string[];
  readonly stat: Stat;
}

export interface AclResult {
  readonly acl: readonly Acl[];
  readonly stat: Stat;
}

export type MultiOp =
  | {
      readonly kind: 'create';
      readonly path: string;
      readonly data?: NodeData;
      readonly mode?: CreateMode;
      readonly acl?: readonly Acl[];
      readonly ttlMs?: number;
    }
  | { readonly kind: 'delete'; readonly path: string; readonly version?: number }
  | { readonly kind: 'set-data'; readonly path: string; readonly data: NodeData; readonly version?: number }
  /** The node exists and, if given, is at this version. */
  | { readonly kind: 'check'; readonly path: string; readonly version?: number };

export type MultiResult =
  /** `stat` of containers and nodes with a TTL only: servers give no other inside of a multi. */
  | { readonly kind: 'create'; readonly path: string; readonly stat?: Stat }
  | { readonly kind: 'delete' }
  | { readonly kind: 'set-data'; readonly stat: Stat }
  | { readonly kind: 'check' };

export interface ReadOp {
  readonly kind: 'get-data' | 'get-children';
  readonly path: string;
}

/** One for each read, whatever became of the others. */
export type ReadResult =
  | { readonly kind: 'get-data'; readonly data: Buffer; readonly stat: Stat }
  | { readonly kind: 'get-children'; readonly children: readonly string[] }
  | { readonly kind: 'error'; readonly error: ZooKeeperError };

export interface AddWatchOptions extends CallOptions {
  /** Events of all nodes below as well, but no `children-changed`: creations and deletions tell of those. Default false. */
  readonly recursive?: boolean;
}

/** A watch that stays, until it is removed or its session is over (its callback is then told `session-lost`, last). */
export interface PersistentWatch extends AsyncDisposable {
  readonly path: string;
  readonly recursive: boolean;
  /** The callback is told nothing more from now on. Rejects if the server could not be told; then it tells nobody. */
  remove(options?: CallOptions): Promise<void>;
}

export interface ProtectedCreateOptions extends CreateOptions {
  /** Makes what is missing above the node. Default false. */
  readonly makeParents?: boolean;
  /** Unique, of letters, digits and hyphens; default a new UUID. With it, `deleteProtected` finds what was made. */
  readonly mark?: string;
  /** Whether the mark may have been used before, so that its node is looked for first; default: if a mark is given. */
  readonly lookFirst?: boolean;
}

export interface ProtectedCreateResult {
  readonly path: string;
  readonly stat: Stat;
  readonly mark: string;
}

export interface GuaranteedDeleteOptions extends VersionOptions {
  /** The node is an ephemeral of this session: when that is lost it goes by itself. Default false. */
  readonly ephemeral?: boolean;
  /** Which creation is meant, by its `stat`: a node that others have made at the path since then is left alone. */
  readonly czxid?: bigint;
}

/** An identity of this connection, without its secret. */
export type Identity = WireIdentity;

/** A server as `/zookeeper/config` names it. */
export interface EnsembleMember {
  readonly id: number;
  readonly role: 'participant' | 'observer';
  /** `host:port` for clients; null if it is not in the configuration. */
  readonly clientAddress: string | null;
}

export interface EnsembleConfig {
  readonly members: readonly EnsembleMember[];
  /** zxid of the change that made it; 0 for the one servers were started with. */
  readonly version: bigint;
  /** As the servers write it. */
  readonly text: string;
}

export interface ReconfigOptions extends CallOptions {
  /** Entries like `server.4=host:2888:3888:participant;2181`. */
  readonly joining?: readonly string[];
  /** Server ids. */
  readonly leaving?: readonly number[];
  /** A whole new list, instead of the two others. */
  readonly members?: readonly string[];
  /** Refuse (`ZK_BAD_VERSION`) unless this is the configuration's version; default any. */
  readonly ifVersion?: bigint;
}

/** What to follow with `watch()`: the node's data, its children, or whether it is there (and its stat). */
export type WatchKind = 'data' | 'children' | 'exists';

export interface WatchOptions {
  readonly kind: WatchKind;
  /** Ends the iteration quietly. */
  readonly signal?: AbortSignal;
}

/** Why a snapshot was taken. */
export type SnapshotCause = 'start' | 'event' | 'reconnect' | 'session';

/** The truth about a node as read just now, with a watch left behind. */
export interface Snapshot {
  readonly path: string;
  readonly cause: SnapshotCause;
  /** The watch event which made us read again; only with cause `event`. */
  readonly event?: WatchEvent;
  /** Null when the node does not exist. */
  readonly stat: Stat | null;
  /** Kind `data` only; null when the node does not exist. */
  readonly data: Buffer | null;
  /** Kind `children` only; null when the node does not exist. */
  readonly children: readonly string[] | null;
  /** The session it was read in. */
  readonly generation: number;
}

/** A place for what happens in the background; nothing is written anywhere without one. */
export interface ClientLogger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface ConnectOptions {
  /** `host:port,host:port/chroot`; the port defaults to 2181, IPv6 stands in brackets. The chroot node must exist. */
  readonly connect: string;
  /** What to ask for; the server clamps it into its limits (2 to 20 of its ticks by default). */
  readonly sessionTimeoutMs: number;
  /** Sent on every connection before anything else. */
  readonly auth?: readonly AuthInfo[];
  /** How long `connect()` may try for the first session; default 15000. Later sessions are tried for ever. */
  readonly connectTimeoutMs?: number;
  /** Deadline of calls that name none; default 30000. */
  readonly callTimeoutMs?: number;
  /** Calls that may be outstanding or wait for a connection; default 10000. One more is refused with `ZK_QUEUE_FULL`. */
  readonly maxPendingCalls?: number;
  /** Largest request in bytes; default 1048575, the server's own default (jute.maxbuffer). */
  readonly maxRequestBytes?: number;
  /** Longest reply in bytes; default 64 MiB. Lists of children may well be over the server's request limit. */
  readonly maxReplyBytes?: number;
  /** Default: `protocolDriver`. */
  readonly driver?: DriverFactory;
  /** Encrypts, and says who both sides are. Default: a plain connection. */
  readonly tls?: TlsOptions;
  /** Who we are, proved on each connection before anything else. */
  readonly sasl?: SaslOptions;
  /** Content with a server that has lost its quorum: see the state `read-only`. Default false. */
  readonly canBeReadOnly?: boolean;
  /**
   * Learn the servers from `/zookeeper/config`, and follow its changes: those it names are tried first, those of
   * `connect` after them. Default false, since it needs servers that are reached under the names they give themselves.
   */
  readonly followConfig?: boolean;
  readonly logger?: ClientLogger;
  /** Told of each call; default nobody. */
  readonly tracer?: ClientTracer;
  /** Gives up connecting. It has no effect once `connect()` has resolved. */
  readonly signal?: AbortSignal;
}

export interface CloseResult {
  /** Whether a server confirmed the end of the session. If false, it (and its ephemeral nodes) lasts until its timeout. */
  readonly sessionClosed: boolean;
}

/**
 * A client with one session at a time. Made by `ZooKeeper.connect()`.
 *
 * Every call settles exactly once, by its deadline at the latest. Reads (and sync) are repeated by themselves when the
 * connection goes; a write is sent at most once. Calls made without a connection wait for one. When the session is
 * lost, every call made in it rejects with `ZkSessionLostError`.
 */
export interface ZooKeeperClient extends AsyncDisposable {
  /** Checked against the clock at each look: it never says `connected` or `suspended` about a session that may be over. */
  readonly state: ClientState;
  /** Null before the first session, and while lost or closed. */
  readonly session: SessionInfo | null;

  /**
   * Returns the function that takes the listener off. Listeners are called synchronously, before any call fails for it;
   * what they throw is an uncaught exception, and neither the other listeners nor the client are disturbed by it.
   */
  on(event: 'state', listener: (change: StateChange) => void): () => void;
  on(event: 'session', listener: (change: SessionChange) => void): () => void;
  /** Told after the fact: the standstill has ended. The logger is warned as well. */
  on(event: 'stall', listener: (stall: Stall) => void): () => void;

  create(path: string, data?: NodeData, options?: CreateOptions): Promise<CreateResult>;
  delete(path: string, options?: VersionOptions): Promise<void>;
  /** The watch is left whether the node exists or not. */
  exists(path: string, options?: ReadOptions): Promise<Stat | null>;
  getData(path: string, options?: ReadOptions): Promise<DataResult>;
  setData(path: string, data: NodeData, options?: VersionOptions): Promise<Stat>;
  /** Without a limit on their number: a list over `maxReplyBytes` rejects with `ZK_TOO_LARGE`. */
  getChildren(path: string, options?: ReadOptions): Promise<ChildrenResult>;
  getAcl(path: string, options?: CallOptions): Promise<AclResult>;
  setAcl(path: string, acl: readonly Acl[], options?: CallOptions & { readonly aclVersion?: number }): Promise<Stat>;
  /** All or nothing. Rejects with `ZkMultiError`, which names the operation at fault. */
  multi(ops: readonly MultiOp[], options?: CallOptions): Promise<readonly MultiResult[]>;
  /** Reads from one moment of one server. Needs `multi-read`. */
  multiRead(ops: readonly ReadOp[], options?: CallOptions): Promise<readonly ReadResult[]>;
  /**
   * Leaves a watch that stays (server 3.6 or later). It tells of changes from now on; what happened while there was no
   * connection is not told, so read again after each `reattached`. Needs `persistent-watches`.
   */
  addWatch(path: string, callback: WatchCallback, options?: AddWatchOptions): Promise<PersistentWatch>;
  /** Who the server takes us for (3.7 or later). Needs `inquiries`. */
  whoAmI(options?: CallOptions): Promise<readonly Identity[]>;
  /** The ephemeral nodes of this session whose path begins with the prefix (as text). Needs `inquiries`. */
  getEphemerals(prefix?: string, options?: CallOptions): Promise<readonly string[]>;
  /** How many nodes are below, at any depth. Needs `inquiries`. */
  getAllChildrenNumber(path: string, options?: CallOptions): Promise<number>;
  /** The ensemble's members, wherever the chroot is. The watch is told the path `/zookeeper/config`. */
  getConfig(options?: ReadOptions): Promise<EnsembleConfig>;
  /** Changes the members (server 3.5 or later, with `reconfigEnabled`). Needs `reconfig`. */
  reconfig(change: ReconfigOptions): Promise<EnsembleConfig>;
  /**
   * Creates a node so that exactly one stands for this call, also when answers are lost: its name carries a mark by
   * which it is found again. Of ephemeral nodes only one that belongs to the session of this moment counts; one of a
   * session before is removed (CURATOR-696).
   */
  createProtected(path: string, data?: NodeData, options?: ProtectedCreateOptions): Promise<ProtectedCreateResult>;
  /** Deletes every node in the directory with this mark, as `deleteGuaranteed` does. */
  deleteProtected(directory: string, mark: string, options?: GuaranteedDeleteOptions): Promise<void>;
  /**
   * Deletes, through lost connections and sessions, until the node is gone; content if it is already. Rejects with what
   * the server answers for good, or when aborted or closed.
   */
  deleteGuaranteed(path: string, options?: GuaranteedDeleteOptions): Promise<void>;
  /** Makes the connected server catch up with the leader; a read sent after it sees at least that. */
  sync(path: string, options?: CallOptions): Promise<void>;
  /** Kept for every later connection and session. Refused credentials close the client (`ZkAuthFailedError`). */
  addAuth(scheme: string, credentials: string | Buffer, options?: CallOptions): Promise<void>;
  /** Makes the node and all above it that are missing, empty and persistent; content with what exists. */
  mkdirp(path: string, options?: CallOptions & { readonly acl?: readonly Acl[] }): Promise<void>;

  /**
   * Follows a node: reads at once, then after each change, each reconnect (if anything differs) and each new session.
   * Changes that happen while the consumer is busy collapse into one snapshot. Ends when the signal fires or the
   * client is closed; throws what a read throws for good (no permission, for instance).
   */
  watch(path: string, options: WatchOptions): AsyncIterable<Snapshot>;

  /** Lets sent calls finish, ends the session at the server, frees everything. Never rejects; the same promise each time. */
  close(): Promise<CloseResult>;
}
