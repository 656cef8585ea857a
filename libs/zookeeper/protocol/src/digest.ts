/**
 * The tree digest: every member adds up one number per node and compares the sum after each transaction.
 *
 *   node digest = CRC32(path, data, czxid, mzxid, pzxid, ctime, mtime, version, cversion, aversion, ephemeralOwner)
 *   tree digest = sum of the node digests modulo 2^64, as a signed long
 *
 * Nodes below /zookeeper are left out: quota usage there changes without a transaction. The root counts under the
 * empty path. Source: DigestCalculator.java, AdHash.java.
 */
import { crc32 } from './checksum/crc32.js';
import { writeInt32, writeInt64, writeSafeInteger } from './jute/int64.js';
import type { StatPersisted } from './types.js';

/** The algorithm above; a digest of another version is not compared. */
export const DIGEST_VERSION = 2;

const EXCLUDED_PREFIX = '/zookeeper/';
const STAT_BYTES = 60;

/** Scratch for one call; a path that does not fit gets memory of its own. */
const statBytes = Buffer.alloc(STAT_BYTES);
const pathBytes = Buffer.alloc(1024);
/** A UTF-16 unit takes at most three bytes. */
const MAX_SCRATCH_PATH_CHARS = Math.floor(pathBytes.length / 3);

/** @returns an unsigned 32-bit number; 0 for a node that does not count */
export function nodeDigest(path: string, data: Uint8Array | null, stat: StatPersisted): number {
  if (path.startsWith(EXCLUDED_PREFIX)) return 0;
  writeInt64(statBytes, 0, stat.czxid);
  writeInt64(statBytes, 8, stat.mzxid);
  writeInt64(statBytes, 16, stat.pzxid);
  writeSafeInteger(statBytes, 24, stat.ctime);
  writeSafeInteger(statBytes, 32, stat.mtime);
  writeInt32(statBytes, 40, stat.version);
  writeInt32(statBytes, 44, stat.cversion);
  writeInt32(statBytes, 48, stat.aversion);
  writeInt64(statBytes, 52, stat.ephemeralOwner);
  let crc = path === '/' ? 0 : pathCrc(path);
  if (data !== null) crc = crc32(data, crc);
  return crc32(statBytes, crc);
}

function pathCrc(path: string): number {
  if (path.length > MAX_SCRATCH_PATH_CHARS) return crc32(Buffer.from(path, 'utf8'));
  return crc32(pathBytes, 0, putAscii(path) ?? pathBytes.write(path, 'utf8'));
}

/** Almost every path is short and ASCII, for which a loop beats the call into native code. Null if it is not ASCII. */
function putAscii(path: string): number | null {
  for (let i = 0; i < path.length; i++) {
    const unit = path.charCodeAt(i);
    if (unit > 0x7f) return null;
    pathBytes[i] = unit;
  }
  return path.length;
}

/** A tree digest with one node digest added. */
export function addNodeDigest(treeDigest: bigint, digest: number): bigint {
  return BigInt.asIntN(64, treeDigest + BigInt(digest));
}

/** A tree digest with one node digest taken out. */
export function removeNodeDigest(treeDigest: bigint, digest: number): bigint {
  return BigInt.asIntN(64, treeDigest - BigInt(digest));
}
