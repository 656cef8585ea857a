/**
 * The log's format: pure. One entry is all that one mutation does to one row, so a row is recovered whole or not at all.
 *
 *     u32 magic | u32 payload length | u32 crc of the payload | u32 crc of the 12 bytes before | payload
 *     payload: u16 region name length | region name | cells
 *
 * The header has a checksum of its own: a damaged payload is stepped over, and behind a damaged header the next magic
 * number with a good header is looked for, so that one bad sector costs what it held and no more.
 */
import { crc32 } from 'node:zlib';
import type { Cell } from '../cell/cell.js';
import { decodeCells, encodeCells } from '../cell/codec.js';

const MAGIC = 0x4d48574c;
const MAGIC_BYTES = Buffer.from('MHWL');
export const HEADER_BYTES = 16;
/** A multi-column mutation with values at their limit; more is refused before it is written. */
export const MAX_ENTRY_BYTES = 64 * 1_048_576;

export interface WalEntry {
  /** Encoded name of the region. */
  readonly region: string;
  /** Of one row, all with the same `seq`. */
  readonly cells: readonly Cell[];
}

export interface WalDamage {
  /** Bytes from the start of the file. */
  readonly offset: number;
  readonly bytes: number;
  readonly problem: string;
  /** Nothing good follows: what a crash in the middle of a write leaves, and never acknowledged. */
  readonly torn: boolean;
}

export function encodeEntry({ region, cells }: WalEntry): Buffer {
  const name = Buffer.from(region);
  const body = encodeCells(cells);
  const entry = Buffer.allocUnsafe(HEADER_BYTES + 2 + name.length + body.length);
  entry.writeUInt16BE(name.length, HEADER_BYTES);
  name.copy(entry, HEADER_BYTES + 2);
  body.copy(entry, HEADER_BYTES + 2 + name.length);
  entry.writeUInt32BE(MAGIC, 0);
  entry.writeUInt32BE(entry.length - HEADER_BYTES, 4);
  entry.writeUInt32BE(crc32(entry.subarray(HEADER_BYTES)), 8);
  entry.writeUInt32BE(crc32(entry.subarray(0, 12)), 12);
  return entry;
}

const hex = (value: number): string => value.toString(16).padStart(8, '0');

/** @returns the payload's length, or null where no header is */
function headerAt(bytes: Buffer, at: number): number | null {
  if (at + HEADER_BYTES > bytes.length || bytes.readUInt32BE(at) !== MAGIC) return null;
  const length = bytes.readUInt32BE(at + 4);
  if (bytes.readUInt32BE(at + 12) !== crc32(bytes.subarray(at, at + 12)) || length > MAX_ENTRY_BYTES) return null;
  return length;
}

function nextHeader(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(MAGIC_BYTES, from); at !== -1; at = bytes.indexOf(MAGIC_BYTES, at + 1)) {
    if (headerAt(bytes, at) !== null) return at;
  }
  return bytes.length;
}

function decodePayload(payload: Buffer): WalEntry {
  const nameEnd = 2 + payload.readUInt16BE(0);
  if (nameEnd > payload.length) throw new RangeError(`region name ends at ${nameEnd} of ${payload.length}`);
  return { region: payload.toString('utf8', 2, nameEnd), cells: decodeCells(payload.subarray(nameEnd)) };
}

/** Everything that can be read of a log, in order, and what could not be. */
export function decodeLog(bytes: Buffer): { readonly entries: WalEntry[]; readonly damage: WalDamage[] } {
  const entries: WalEntry[] = [];
  const damage: WalDamage[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = headerAt(bytes, at);
    if (length === null) {
      const next = nextHeader(bytes, at + 1);
      const torn = next === bytes.length;
      damage.push({ offset: at, bytes: next - at, problem: 'expected the header of an entry', torn });
      at = next;
      continue;
    }
    const end = at + HEADER_BYTES + length;
    if (end > bytes.length) {
      const problem = `expected an entry of ${length} bytes, the file ends before`;
      damage.push({ offset: at, bytes: bytes.length - at, problem, torn: true });
      break;
    }
    const payload = bytes.subarray(at + HEADER_BYTES, end);
    const [expected, got] = [bytes.readUInt32BE(at + 8), crc32(payload)];
    const bad = { offset: at, bytes: end - at, torn: end === bytes.length };
    if (expected !== got) damage.push({ ...bad, problem: `expected crc32 ${hex(expected)}, got ${hex(got)}` });
    else {
      try {
        entries.push(decodePayload(payload));
      } catch (error) {
        damage.push({ ...bad, problem: error instanceof Error ? error.message : String(error) });
      }
    }
    at = end;
  }
  return { entries, damage };
}
