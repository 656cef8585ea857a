/**
 * The tree digest kept up to date: one number a node, their sum modulo 2^64 (see the protocol's `nodeDigest`, which
 * computes the same in one go).
 *
 * A node's number is the CRC of its path, then its data, then its stat. The CRC up to the data is kept with the node,
 * so that a parent whose child count changed costs 60 bytes and not its data once more.
 */
import { crc32 } from '@menagerie/zookeeper-protocol';
import type { StatRef, StatTable } from './stat-table.js';

/** Quota usage below here changes without a transaction. Source: DigestCalculator. */
const EXCLUDED_PREFIX = '/zookeeper/';

/** What a node, or a pending change of one, carries for the digest. All are CRCs as signed 32-bit integers. */
export interface DigestState {
  readonly stat: StatRef;
  /** False below /zookeeper: then the numbers are all 0. */
  readonly counted: boolean;
  readonly pathCrc: number;
  readonly contentCrc: number;
  readonly digest: number;
}

const TWO_POW_32 = 0x1_0000_0000;
const pathBytes = Buffer.alloc(4096);
const long = new DataView(new ArrayBuffer(8));

export const countsForDigest = (path: string): boolean => !path.startsWith(EXCLUDED_PREFIX);

/** The root counts under the empty path. */
export function pathCrcOf(path: string): number {
  if (path === '/') return 0;
  if (path.length * 3 > pathBytes.length) return crc32(Buffer.from(path, 'utf8')) | 0;
  return crc32(pathBytes.subarray(0, pathBytes.write(path, 'utf8'))) | 0;
}

export function contentCrcOf(pathCrc: number, data: Uint8Array | null): number {
  return data === null ? pathCrc : crc32(data, pathCrc) | 0;
}

/** The digest of a node whose content CRC is known, from the stat it has now. */
export function digestOf(stats: StatTable, node: DigestState): number {
  return node.counted ? stats.digest(node.stat, node.contentCrc) : 0;
}

/** A sum of unsigned 32-bit numbers modulo 2^64, in two halves because a bigint would be made anew at each step. */
export class DigestSum {
  private high = 0;
  /** Invariant: 0 <= low < 2^32. */
  private low = 0;

  add(digest: number): void {
    this.low += digest >>> 0;
    if (this.low < TWO_POW_32) return;
    this.low -= TWO_POW_32;
    this.high = (this.high + 1) | 0;
  }

  subtract(digest: number): void {
    this.low -= digest >>> 0;
    if (this.low >= 0) return;
    this.low += TWO_POW_32;
    this.high = (this.high - 1) | 0;
  }

  copy(other: DigestSum): void {
    this.high = other.high;
    this.low = other.low;
  }

  /** As a signed long, which is how it is written. */
  get value(): bigint {
    long.setInt32(0, this.high);
    long.setUint32(4, this.low);
    return long.getBigInt64(0);
  }
}
