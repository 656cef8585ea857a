/**
 * MariaDB's positions: one `domain-server-sequence` a replication domain, each a watermark and not a set of intervals
 * (mariadb.com/kb/en/gtid). Sequences have 64 bits.
 */
import { ReplicatorError } from '../errors.js';

export interface Gtid {
  readonly domain: number;
  readonly server: number;
  readonly sequence: bigint;
}

/** By domain. */
export type GtidPosition = ReadonlyMap<number, Gtid>;

const GTID = /^(\d{1,10})-(\d{1,10})-(\d{1,20})$/;
const MAX_32 = 0xffff_ffff;
const MAX_64 = 0xffff_ffff_ffff_ffffn;
/** A source has a handful of domains; more than this is not a position. */
const MAX_DOMAINS = 100;

/** @throws ReplicatorError `REPLICATOR_BAD_POSITION` */
export function parseGtid(text: string): Gtid {
  const [, domain, server, sequence] = GTID.exec(text.trim()) ?? [];
  const gtid = { domain: Number(domain), server: Number(server), sequence: BigInt(sequence ?? 0) };
  if (sequence === undefined || gtid.domain > MAX_32 || gtid.server > MAX_32 || gtid.sequence > MAX_64) {
    throw new ReplicatorError(
      'REPLICATOR_BAD_POSITION',
      `expected domain-server-sequence, got ${JSON.stringify(text)}`,
    );
  }
  return gtid;
}

/** The empty text is the position before everything. @throws ReplicatorError `REPLICATOR_BAD_POSITION` */
export function parsePosition(text: string): GtidPosition {
  const position = new Map<number, Gtid>();
  for (const part of text.trim() === '' ? [] : text.split(',')) {
    const gtid = parseGtid(part);
    if (position.has(gtid.domain) || position.size >= MAX_DOMAINS) {
      throw new ReplicatorError('REPLICATOR_BAD_POSITION', `expected each domain once, got ${JSON.stringify(text)}`);
    }
    position.set(gtid.domain, gtid);
  }
  return position;
}

export const formatGtid = ({ domain, server, sequence }: Gtid): string => `${domain}-${server}-${sequence}`;

export const formatPosition = (position: GtidPosition): string =>
  [...position.values()]
    .sort((a, b) => a.domain - b.domain)
    .map(formatGtid)
    .join(',');

/** The position after one more transaction. The server may have changed, and its sequence with it: no maximum is taken. */
export function advance(position: GtidPosition, gtid: Gtid): GtidPosition {
  return new Map(position).set(gtid.domain, gtid);
}

/** Whether everything up to `other` lies at or before `position`, by sequence: within one domain they only grow. */
export function covers(position: GtidPosition, other: GtidPosition): boolean {
  return [...other.values()].every(({ domain, sequence }) => (position.get(domain)?.sequence ?? -1n) >= sequence);
}
