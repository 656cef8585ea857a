/** What stands behind the body of a snapshot in a file, and the seals. The format is drawn in `encode.ts`. */
import { adler32 } from '../checksum/adler32.js';
import { JuteError, SnapshotError } from '../errors.js';
import { JuteReader } from '../jute/reader.js';
import { SNAPSHOT_END_PATH } from './encode.js';
import type { SnapshotDigest, SnapshotTrailer } from './types.js';

const ZXID_AND_SEAL_BYTES = 8 + 8 + 4 + SNAPSHOT_END_PATH.length;

/** Before this version the digest was a text of hex digits. */
const FIRST_BINARY_DIGEST_VERSION = 2;

/**
 * Which parts there are follows from how many bytes there are: the digest can be switched off, the zxid came later.
 *
 * @param bytes what follows the first seal, to the end of the file
 * @param checksum of everything before, the first seal included
 * @param offset of `bytes` in the file, for errors
 */
export function decodeSnapshotTrailer(bytes: Buffer, checksum: number, offset: number): SnapshotTrailer {
  const reader = new JuteReader(bytes);
  let sum = checksum;
  let digest: SnapshotDigest | null = null;
  if (bytes.length > 0 && bytes.length !== ZXID_AND_SEAL_BYTES) {
    digest = decodeDigest(reader);
    sum = checkTrailerSeal(reader, bytes, 0, sum, offset);
  }
  const start = reader.offset;
  if (reader.remaining === 0) return { digest, lastProcessedZxid: null };
  const lastProcessedZxid = reader.readLong();
  checkTrailerSeal(reader, bytes, start, sum, offset);
  return { digest, lastProcessedZxid };
}

/** The path in a seal is there for who looks at a file's last five bytes only; its value does not matter. */
export function decodeSeal(reader: JuteReader): number {
  const checksum = reader.readLongAsNumber();
  reader.readString();
  return checksum;
}

/** @throws SnapshotError */
export function checkSeal(sealed: number, actual: number, offset: number): void {
  if (sealed === actual) return;
  throw new SnapshotError(`expected the checksum ${hex(actual)}, the seal says ${hex(sealed)}`, offset);
}

/**
 * Reads the seal at the reader's place and compares it with the sum of all before it.
 *
 * @param start where the part it seals begins
 * @returns the sum up to the end of the seal
 */
function checkTrailerSeal(reader: JuteReader, bytes: Buffer, start: number, sum: number, offset: number): number {
  const sealStart = reader.offset;
  const sealedSum = adler32(bytes.subarray(start, sealStart), sum);
  checkSeal(decodeSeal(reader), sealedSum, offset + sealStart);
  return adler32(bytes.subarray(sealStart, reader.offset), sealedSum);
}

function decodeDigest(reader: JuteReader): SnapshotDigest {
  const zxid = reader.readLong();
  const version = reader.readInt();
  if (version >= FIRST_BINARY_DIGEST_VERSION) return { zxid, version, treeDigest: reader.readLong() };
  const start = reader.offset;
  const text = reader.readString() ?? '0';
  if (!/^[0-9a-fA-F]{1,16}$/.test(text)) {
    throw new JuteError('ZK_JUTE_VALUE', `expected a digest in hex, got ${JSON.stringify(text)}`, start);
  }
  return { zxid, version, treeDigest: BigInt.asIntN(64, BigInt(`0x${text}`)) };
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
