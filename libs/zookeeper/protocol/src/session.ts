/**
 * Session ids, session passwords, and the owners of nodes that look like session ids but are not.
 * Source: SessionTrackerImpl.initializeNextSessionId, ZooKeeperServer.generatePasswd, EphemeralType.java.
 */

const MASK_64 = 0xffff_ffff_ffff_ffffn;

/** The seed's secret part in Apache's source; a password is a check of the id, not a proof of anything. */
export const SUPER_SECRET = 0xb3415c00n;

export const SESSION_PASSWORD_BYTES = 16;

/**
 * The first id of a server's life; later ones count up from it.
 *
 *   serverId : 8 bits | low bits of the clock : 40 bits | 0 : 16 bits
 *
 * The clock's bits are moved without their sign (ZOOKEEPER-1622), and the one value that marks containers is skipped.
 *
 * @param serverId 0..255; over 127 makes negative ids
 */
export function firstSessionId(serverId: number, nowMs: number): bigint {
  const clock = ((BigInt(Math.floor(nowMs)) << 24n) & MASK_64) >> 8n;
  const id = BigInt.asIntN(64, clock | (BigInt(serverId) << 56n));
  return id === CONTAINER_OWNER ? id + 1n : id;
}

/** The server that made a session. */
export function serverIdOf(sessionId: bigint): number {
  return Number(BigInt.asUintN(64, sessionId) >> 56n);
}

/** 16 bytes which any member of an ensemble can compute for itself. */
export function generateSessionPassword(sessionId: bigint, superSecret: bigint = SUPER_SECRET): Buffer {
  const password = Buffer.allocUnsafe(SESSION_PASSWORD_BYTES);
  javaRandomBytes(sessionId ^ superSecret, password);
  return password;
}

/** `new java.util.Random(seed).nextBytes(target)`: a 48-bit linear congruence, its upper 32 bits, low byte first. */
function javaRandomBytes(seed: bigint, target: Buffer): void {
  const MULTIPLIER = 0x5deece66dn;
  const INCREMENT = 0xbn;
  const MASK_48 = (1n << 48n) - 1n;
  let state = (seed ^ MULTIPLIER) & MASK_48;
  for (let at = 0; at < target.length;) {
    state = (state * MULTIPLIER + INCREMENT) & MASK_48;
    let word = Number(state >> 16n);
    for (let i = 0; i < 4 && at < target.length; i++) {
      target[at++] = word & 0xff;
      word >>>= 8;
    }
  }
}

/** `ephemeralOwner` of a container: the smallest signed long. */
export const CONTAINER_OWNER = -0x8000_0000_0000_0000n;

/** The longest time to live that fits an owner: 40 bits, about 34 years. */
export const MAX_TTL_MS = 0xff_ffff_ffffn;

const TTL_TAG = 0xff00_0000_0000_0000n;
const TTL_FEATURE_BITS = 0x00ff_ff00_0000_0000n;

/** `ephemeralOwner` of a node with a time to live: 0xff, two bytes of feature number 0, 40 bits of milliseconds. */
export function ttlOwner(ttlMs: bigint): bigint {
  if (ttlMs <= 0n || ttlMs > MAX_TTL_MS) throw new RangeError(`expected a TTL of 1 to ${MAX_TTL_MS} ms, got ${ttlMs}`);
  return BigInt.asIntN(64, TTL_TAG | ttlMs);
}

export const OwnerKind = {
  /** Nobody owns it: an ordinary persistent node. */
  none: 'none',
  session: 'session',
  container: 'container',
  ttl: 'ttl',
} as const;

export type OwnerKind = (typeof OwnerKind)[keyof typeof OwnerKind];

/**
 * What an `ephemeralOwner` says about its node.
 *
 * @param extendedTypes whether the ensemble has TTL nodes (`zookeeper.extendedTypesEnabled`); without them the tag is
 *   only the server id 255 of a session
 */
export function ownerKind(ephemeralOwner: bigint, extendedTypes: boolean): OwnerKind {
  if (ephemeralOwner === 0n) return OwnerKind.none;
  if (ephemeralOwner === CONTAINER_OWNER) return OwnerKind.container;
  return extendedTypes && ttlOf(ephemeralOwner) !== null ? OwnerKind.ttl : OwnerKind.session;
}

/** The time to live an owner holds, in milliseconds; null if it is not the owner of such a node. */
export function ttlOf(ephemeralOwner: bigint): bigint | null {
  const bits = BigInt.asUintN(64, ephemeralOwner);
  if ((bits & TTL_TAG) !== TTL_TAG || (bits & TTL_FEATURE_BITS) !== 0n) return null;
  return bits & MAX_TTL_MS;
}
