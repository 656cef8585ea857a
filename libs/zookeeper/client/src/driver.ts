/**
 * The seam between the client and what carries its bytes.
 *
 * A driver is the transport of ONE session: it opens the connection it is told to open, encodes calls, hands replies
 * back, and says when the connection is gone. Everything that is a judgement is above it: which server, when to try
 * again, whether the session still lives, what a lost reply means, deadlines, retries, chroot, and watches.
 */
import type { AddWatchMode, Acl, CreateMode, EventType, Stat, WatcherType } from '@menagerie/zookeeper-protocol';
import type { SaslOptions, TlsOptions } from './security.js';

export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/** Credentials of one scheme; for `digest` the credentials are `user:password`. */
export interface AuthInfo {
  readonly scheme: string;
  readonly credentials: string | Buffer;
}

/** What not every driver can. The client refuses what its driver lacks before anything is sent. */
export type DriverFeature =
  /** `create` answers with the stat of the new node. */
  | 'create-stat'
  | 'container-and-ttl'
  | 'multi-read'
  /** `addWatch`, its two modes, and `removeWatches`. */
  | 'persistent-watches'
  /** `whoAmI`, `getEphemerals`, `getAllChildrenNumber`. */
  | 'inquiries'
  | 'reconfig'
  | 'tls'
  | 'sasl'
  | 'read-only';

/** One operation of a multi, ready for the wire. */
export type WireMultiOp =
  | {
      readonly kind: 'create';
      readonly path: string;
      readonly data: Buffer;
      readonly acl: readonly Acl[];
      readonly mode: CreateMode;
      /** Set exactly for the modes with a TTL. */
      readonly ttlMs?: number;
    }
  | { readonly kind: 'delete'; readonly path: string; readonly version: number }
  | { readonly kind: 'set-data'; readonly path: string; readonly data: Buffer; readonly version: number }
  | { readonly kind: 'check'; readonly path: string; readonly version: number };

/** What one operation of a multi came to: in a refused multi every entry is an `error`, 0 for those not at fault. */
export type WireMultiResult =
  | { readonly kind: 'create'; readonly path: string; readonly stat?: Stat }
  | { readonly kind: 'set-data'; readonly stat: Stat }
  | { readonly kind: 'delete' }
  | { readonly kind: 'check' }
  | { readonly kind: 'error'; readonly wireCode: number };

/** One read of a multiRead. */
export interface WireReadOp {
  readonly kind: 'get-data' | 'get-children';
  readonly path: string;
}

export type WireReadResult =
  | { readonly kind: 'get-data'; readonly data: Buffer; readonly stat: Stat }
  | { readonly kind: 'get-children'; readonly children: readonly string[] }
  | { readonly kind: 'error'; readonly wireCode: number };

/** Every call, its request and its reply. Paths are absolute (chroot included); versions are -1 for "any". */
export interface WireCalls {
  create: {
    request: Extract<WireMultiOp, { kind: 'create' }>;
    reply: { readonly path: string; readonly stat?: Stat };
  };
  delete: { request: { readonly path: string; readonly version: number }; reply: object };
  exists: { request: { readonly path: string; readonly watch: boolean }; reply: { readonly stat: Stat } };
  getData: {
    request: { readonly path: string; readonly watch: boolean };
    reply: { readonly data: Buffer; readonly stat: Stat };
  };
  setData: {
    request: { readonly path: string; readonly data: Buffer; readonly version: number };
    reply: { readonly stat: Stat };
  };
  getChildren: {
    request: { readonly path: string; readonly watch: boolean };
    reply: { readonly children: readonly string[]; readonly stat: Stat };
  };
  getAcl: { request: { readonly path: string }; reply: { readonly acl: readonly Acl[]; readonly stat: Stat } };
  setAcl: {
    request: { readonly path: string; readonly acl: readonly Acl[]; readonly version: number };
    reply: { readonly stat: Stat };
  };
  multi: { request: { readonly ops: readonly WireMultiOp[] }; reply: { readonly results: readonly WireMultiResult[] } };
  multiRead: {
    request: { readonly ops: readonly WireReadOp[] };
    reply: { readonly results: readonly WireReadResult[] };
  };
  addWatch: { request: { readonly path: string; readonly mode: AddWatchMode }; reply: object };
  removeWatches: { request: { readonly path: string; readonly type: WatcherType }; reply: object };
  whoAmI: { request: object; reply: { readonly identities: readonly WireIdentity[] } };
  getEphemerals: { request: { readonly prefix: string }; reply: { readonly paths: readonly string[] } };
  getAllChildrenNumber: { request: { readonly path: string }; reply: { readonly count: number } };
  reconfig: {
    request: {
      readonly joining: string | null;
      readonly leaving: string | null;
      readonly members: string | null;
      readonly ifVersion: bigint;
    };
    reply: { readonly data: Buffer; readonly stat: Stat };
  };
  sync: { request: { readonly path: string }; reply: object };
  addAuth: { request: { readonly scheme: string; readonly credentials: Buffer }; reply: object };
}

export type WireCallName = keyof WireCalls;

/** One identity of a connection, without its secret. */
export interface WireIdentity {
  readonly scheme: string;
  readonly user: string;
}

/** How a call ended. A driver ends every call exactly once. */
export type WireOutcome<N extends WireCallName> =
  | { readonly kind: 'reply'; readonly reply: WireCalls[N]['reply'] }
  | { readonly kind: 'refused'; readonly wireCode: number }
  /** A reply came and can not be used; the connection ends for it. `tooLarge` if it is over `maxReplyBytes`. */
  | { readonly kind: 'unreadable'; readonly reason: string; readonly tooLarge: boolean }
  /** The connection went first. `sent` is false only when no byte of it can have reached a server. */
  | { readonly kind: 'lost'; readonly sent: boolean };

/** Watches to arm again on a new connection of the same session. Absolute paths. */
export interface WatchLists {
  readonly data: readonly string[];
  readonly exists: readonly string[];
  readonly children: readonly string[];
  /** The watches that stay; both empty for a driver without `persistent-watches`. */
  readonly persistent: readonly string[];
  readonly recursive: readonly string[];
}

export interface AttachedSession {
  /** Signed, as on the wire. */
  readonly id: bigint;
  readonly password: Buffer;
  readonly negotiatedTimeoutMs: number;
  /** When the handshake that was answered had been sent, by the driver's clock. */
  readonly sentAtMs: number;
  /** The server has no quorum: it answers reads, and knows nothing of what became of the session. */
  readonly readOnly: boolean;
}

/** What a driver reports. It never reports anything after `destroy()`. */
export interface DriverEvents {
  /** The handshake was answered: calls can be made from inside this very callback on. */
  attached(session: AttachedSession): void;
  /** The server answered a request sent at `sentAtMs` (ping included): it knew the session at that moment or later. */
  answered(sentAtMs: number): void;
  watchEvent(type: EventType, path: string): void;
  /** The connection, or the try to make one, is over; every call has been ended before. */
  detached(reason: string): void;
  /** The server says that the session does not exist (any more). Comes instead of `detached`. */
  expired(): void;
  /** The server refused the credentials (`what` says which). Comes instead of `detached`. */
  authFailed(what: string): void;
}

export interface DriverOptions {
  /** What to ask for, in milliseconds. */
  readonly sessionTimeoutMs: number;
  readonly events: DriverEvents;
  /** Monotonic milliseconds; the client's own, so that `sentAtMs` compares with its other times. */
  readonly now: () => number;
  /** 0 <= random() < 1; spreads connections over the addresses of a name. */
  readonly random: () => number;
  /** A longer reply ends the connection, and its call as `unreadable`. */
  readonly maxReplyBytes: number;
  /** Content with a server that has no quorum. */
  readonly canBeReadOnly: boolean;
  readonly tls: TlsOptions | null;
  /** Asked on every connection, ahead of the credentials. */
  readonly sasl: SaslOptions | null;
}

export interface Driver {
  /** Connects and shakes hands: ends in `attached`, `detached`, `expired` or `authFailed`. Only while detached. */
  open(server: ServerAddress, credentials: readonly AuthInfo[], watches: WatchLists): void;
  /** Gives up the connection (or the try) at once; `detached` with this reason follows. */
  drop(reason: string): void;
  /** Only while attached. `done` is called synchronously with the arrival of the reply, in order of sending. */
  call<N extends WireCallName>(
    name: N,
    request: WireCalls[N]['request'],
    done: (outcome: WireOutcome<N>) => void,
  ): void;
  /** Only while attached. */
  ping(): void;
  /** Only while attached: asks the server to end the session; when it has, `done(true)`; if the connection goes, `done(false)`. */
  closeSession(done: (closed: boolean) => void): void;
  /**
   * Asks a server, on a connection of its own, whether it can take writes; false if it does not say so in time.
   * Only drivers with `read-only` have it.
   */
  probe?(server: ServerAddress, done: (canWrite: boolean) => void): void;
  /** Frees everything without a word to the server; outstanding calls end as `lost`. */
  destroy(): void;
}

export interface DriverFactory {
  (options: DriverOptions): Driver;
  /** For messages. */
  readonly driverName: string;
  readonly features: ReadonlySet<DriverFeature>;
}

export function driverFactory(
  driverName: string,
  features: readonly DriverFeature[],
  make: (options: DriverOptions) => Driver,
): DriverFactory {
  return Object.assign((options: DriverOptions) => make(options), { driverName, features: new Set(features) });
}
