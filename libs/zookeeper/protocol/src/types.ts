/**
 * Records shared by client messages, transactions and snapshots.
 *
 * A jute `long` is a signed 64-bit `bigint` everywhere (session ids and container owners use the top bit, so they are
 * negative numbers here as in Java), except the two clocks of a stat, which are milliseconds since 1970 and fit a number.
 * Source: zookeeper.jute, module org.apache.zookeeper.data.
 */

/** Somebody, as one authentication scheme names them: `world:anyone`, `ip:10.0.0.1`, `digest:bob:...`. */
export interface Id {
  readonly scheme: string;
  readonly id: string;
}

export interface Acl {
  /** Bits of `Perms`. */
  readonly perms: number;
  readonly id: Id;
}

/** A node's stat as a snapshot keeps it. `cversion` counts child creations only, unlike the one a client sees. */
export interface StatPersisted {
  czxid: bigint;
  mzxid: bigint;
  /** Milliseconds since 1970 by the leader's clock, as is `mtime`. */
  ctime: number;
  mtime: number;
  version: number;
  cversion: number;
  aversion: number;
  /** Session id, or a marker: see `session.ts`; 0 for an ordinary persistent node. */
  ephemeralOwner: bigint;
  pzxid: bigint;
}

/** A node's stat as a client sees it: `cversion` counts creations and deletions, `ephemeralOwner` is a session id or 0. */
export interface Stat extends StatPersisted {
  dataLength: number;
  numChildren: number;
}
