/** What the elector hears and what it asks for. One session of ZooKeeper is a handle: a number that is never used twice. */

export const ElectorState = { Init: 'INIT', Active: 'ACTIVE', Standby: 'STANDBY', Neutral: 'NEUTRAL' } as const;
export type ElectorState = (typeof ElectorState)[keyof typeof ElectorState];

export const LinkState = { Terminated: 'TERMINATED', Disconnected: 'DISCONNECTED', Connected: 'CONNECTED' } as const;
export type LinkState = (typeof LinkState)[keyof typeof LinkState];

/** How a call to ZooKeeper came out, as far as the elector cares. */
export const ZkResult = {
  Ok: 'ok',
  NodeExists: 'node-exists',
  NoNode: 'no-node',
  BadVersion: 'bad-version',
  /** Connection lost or timed out: it may have happened. */
  Unknown: 'unknown',
  /** The session is over; the session event that says so arrives by itself. */
  SessionLost: 'session-lost',
  Refused: 'refused',
} as const;
export type ZkResult = (typeof ZkResult)[keyof typeof ZkResult];

export type SessionEvent = 'connected' | 'disconnected' | 'expired' | 'open-failed';
export type LockEvent = 'deleted' | 'changed';

export type ElectorInput =
  | { readonly kind: 'join' }
  /** `needFence`: whether the next active may have to fence us, so the breadcrumb must stay. */
  | { readonly kind: 'quit'; readonly needFence: boolean }
  | { readonly kind: 'session'; readonly handle: number; readonly event: SessionEvent }
  | { readonly kind: 'lock-event'; readonly handle: number; readonly event: LockEvent }
  | { readonly kind: 'lock-created'; readonly handle: number; readonly result: ZkResult }
  /** `own`: the lock's ephemeral owner is this handle's session. */
  | { readonly kind: 'lock-checked'; readonly handle: number; readonly result: ZkResult; readonly own: boolean }
  /** `own`: it holds the very bytes we would write. `version` and `own` count only with result `ok`. */
  | {
      readonly kind: 'breadcrumb-read';
      readonly handle: number;
      readonly result: ZkResult;
      readonly version: number;
      readonly own: boolean;
    }
  | { readonly kind: 'breadcrumb-written'; readonly handle: number; readonly result: ZkResult }
  | { readonly kind: 'old-active-fenced'; readonly handle: number; readonly ok: boolean }
  | { readonly kind: 'activated'; readonly handle: number; readonly ok: boolean }
  | { readonly kind: 'woke'; readonly nap: number };

export type ElectorEffect =
  | { readonly kind: 'open-session'; readonly handle: number }
  /** Ends the session at the server, which releases the lock. */
  | { readonly kind: 'close-session'; readonly handle: number }
  | { readonly kind: 'create-lock'; readonly handle: number }
  /** `exists` with a watch. */
  | { readonly kind: 'check-lock'; readonly handle: number }
  | { readonly kind: 'read-breadcrumb'; readonly handle: number }
  /** `version` null: create it. */
  | { readonly kind: 'write-breadcrumb'; readonly handle: number; readonly version: number | null }
  /** If it still holds our bytes; before the close that follows. No answer is expected. */
  | { readonly kind: 'delete-own-breadcrumb'; readonly handle: number }
  | { readonly kind: 'sleep'; readonly nap: number; readonly ms: number }
  /** To the application; `become-active` and `fence-old-active` are answered by an input, the others are not. */
  | { readonly kind: 'fence-old-active'; readonly handle: number }
  | { readonly kind: 'become-active'; readonly handle: number }
  | { readonly kind: 'become-standby' }
  | { readonly kind: 'enter-neutral' }
  /** Out of the election for good, unless the application joins again. */
  | { readonly kind: 'fatal'; readonly why: string };

export interface ElectorOptions {
  /** `yarn.resourcemanager.ha.failover-controller.active-standby-elector.zk.retries`; default 3. */
  readonly maxRetries: number;
  /** `SLEEP_AFTER_FAILURE_TO_BECOME_ACTIVE`: long enough for another candidate to win; default 1000. */
  readonly backOffMs: number;
  /** Between two tries to get a session; default 5000. */
  readonly reopenMs: number;
}

export const defaultElectorOptions: ElectorOptions = { maxRetries: 3, backOffMs: 1_000, reopenMs: 5_000 };
