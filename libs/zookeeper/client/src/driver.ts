/**
 * The seam between the client and what carries its bytes.
 *
 * A driver is the transport of ONE session: it opens the connection it is told to open, encodes calls, hands replies
 * back, and says when the connection is gone. Everything that is a judgement is above it: which server, when to try
 * again, whether the session still lives, what a lost reply means, deadlines, retries, chroot, and watches.
 */
import type { Acl, CreateMode, EventType, Stat } from '@menagerie/zookeeper-protocol';

export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/** Credentials of one scheme; for `digest` the credentials are `user:password`. */
export interface AuthInfo {
  readonly scheme: string;
  readonly credentials: string | Buffer;
}

/** One operation of a multi, ready for the wire. */
export type WireMultiOp =
  | {
      readonly kind: 'create';
      readonly path: string;
      readonly data: Buffer;
      readonly acl: readonly Acl[];
      readonly mode: CreateMode;
    }
  | { readonly kind: 'delete'; readonly path: string; readonly version: number }
  | { readonly kind: 'set-data'; readonly path: string; readonly data: Buffer; readonly version: number }
  | { readonly kind: 'check'; readonly path: string; readonly version: number };

/** What one operation of a multi came to: in a refused multi every entry is an `error`, 0 for those not at fault. */
export type WireMultiResult =
  | { readonly kind: 'create'; readonly path: string }
  | { readonly kind: 'set-data'; readonly stat: Stat }
  | { readonly kind: 'delete' }
  | { readonly kind: 'check' }
  | { readonly kind: 'error'; readonly wireCode: number };

/** Every call, its request and its reply. Paths are absolute (chroot included); versions are -1 for "any". */
export interface WireCalls {
  create: { request: Extract<WireMultiOp, { kind: 'create' }>; reply: { readonly path: string } };
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
  sync: { request: { readonly path: string }; reply: object };
  addAuth: { request: { readonly scheme: string; readonly credentials: Buffer }; reply: object };
}

export type WireCallName = keyof WireCalls;

/** How a call ended. A driver ends every call exactly once. */
export type WireOutcome<N extends WireCallName> =
  | { readonly kind: 'reply'; readonly reply: WireCalls[N]['reply'] }
  | { readonly kind: 'refused'; readonly wireCode: number }
  /** The connection went first. `sent` is false only when no byte of it can have reached a server. */
  | { readonly kind: 'lost'; readonly sent: boolean };

/** Watches to arm again on a new connection of the same session. Absolute paths. */
export interface WatchLists {
  readonly data: readonly string[];
  readonly exists: readonly string[];
  readonly children: readonly string[];
}

export interface AttachedSession {
  /** Signed, as on the wire. */
  readonly id: bigint;
  readonly password: Buffer;
  readonly negotiatedTimeoutMs: number;
  /** When the handshake that was answered had been sent, by the driver's clock. */
  readonly sentAtMs: number;
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
  /** The server refused the credentials. Comes instead of `detached`. */
  authFailed(): void;
}

export interface DriverOptions {
  /** What to ask for, in milliseconds. */
  readonly sessionTimeoutMs: number;
  readonly events: DriverEvents;
  /** Monotonic milliseconds; the client's own, so that `sentAtMs` compares with its other times. */
  readonly now: () => number;
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
  /** Frees everything without a word to the server; outstanding calls end as `lost`. */
  destroy(): void;
}

export type DriverFactory = (options: DriverOptions) => Driver;
