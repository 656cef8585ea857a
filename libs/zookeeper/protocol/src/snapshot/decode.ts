/**
 * Reads snapshots from chunks of any size: the network form, of which the end must be found because packets follow on
 * the same stream, and the file form with its header and seals. The format is drawn in `encode.ts`.
 */
import { ADLER32_INITIAL, adler32 } from '../checksum/adler32.js';
import { JuteError, SnapshotError } from '../errors.js';
import { DEFAULT_MAX_FIELD_BYTES } from '../jute/limits.js';
import { JuteReader } from '../jute/reader.js';
import { decodeAclList, decodeStatPersisted } from '../records.js';
import { RecordStream } from '../stream/record-stream.js';
import { SNAPSHOT_END_PATH, SNAPSHOT_MAGIC } from './encode.js';
import type {
  SnapshotAcl,
  SnapshotDigest,
  SnapshotItem,
  SnapshotNode,
  SnapshotSession,
  SnapshotTrailer,
} from './types.js';

export interface SnapshotStreamDecoderOptions {
  /** `network`: the body alone, as a leader streams it. `file`: with header, seals and trailer. */
  readonly form: 'network' | 'file';
  readonly maxFieldBytes?: number;
}

type State = 'header' | 'sessionCount' | 'session' | 'aclCount' | 'acl' | 'node' | 'seal' | 'end';

/** Seal, digest, seal, zxid, seal take 67 bytes; what newer servers may add is not ours to read. */
const MAX_TRAILER_BYTES = 256;
const ZXID_AND_SEAL_BYTES = 8 + 8 + 4 + SNAPSHOT_END_PATH.length;

export class SnapshotStreamDecoder {
  private readonly records: RecordStream;
  private readonly isFile: boolean;
  private state: State;
  /** Sessions or ACLs still to come in the table being read. Invariant: >= 0. */
  private left = 0;
  private checksum = ADLER32_INITIAL;
  /** Bytes of the file behind the first seal. Invariant: at most MAX_TRAILER_BYTES. */
  private trailer: Buffer = Buffer.alloc(0);

  constructor(options: SnapshotStreamDecoderOptions) {
    this.records = new RecordStream(options.maxFieldBytes ?? DEFAULT_MAX_FIELD_BYTES);
    this.isFile = options.form === 'file';
    this.state = this.isFile ? 'header' : 'sessionCount';
  }

  /** The body is complete (and, in a file, its first seal was right). */
  get done(): boolean {
    return this.state === 'end';
  }

  /** Bytes of the stream that belong to the snapshot and were understood. */
  get consumedBytes(): number {
    return this.records.offset;
  }

  /**
   * Takes the next bytes and returns the items they complete, in order. Once `done`, the network form takes no more
   * bytes: what it was given beyond the end is in `takeRest()`.
   *
   * @throws SnapshotError if this is no snapshot or a damaged one; what was returned before must be thrown away then
   */
  push(chunk: Buffer): SnapshotItem[] {
    if (this.done) {
      if (!this.isFile) throw new RangeError('the snapshot has ended: takeRest() has what follows it');
      this.keepTrailer(chunk);
      return [];
    }
    const items: SnapshotItem[] = [];
    try {
      this.records.push(chunk);
      while (!this.done && this.step(items));
      if (!this.done) this.sum();
    } catch (error) {
      if (error instanceof JuteError) throw new SnapshotError(error.message, this.consumedBytes, { cause: error });
      throw error;
    }
    if (this.done && this.isFile) this.keepTrailer(this.records.takeRest());
    return items;
  }

  /** The bytes given to the network form that are behind its end. */
  takeRest(): Buffer {
    if (!this.done || this.isFile) throw new RangeError('only a finished network snapshot has something behind it');
    return this.records.takeRest();
  }

  /**
   * The file has no more bytes.
   *
   * @throws SnapshotError if it ends too early or a seal is wrong
   */
  end(): SnapshotTrailer {
    if (!this.done) throw new SnapshotError('expected more of the snapshot, the file ends', this.consumedBytes);
    try {
      return this.readTrailer();
    } catch (error) {
      if (error instanceof JuteError) throw new SnapshotError(error.message, this.consumedBytes, { cause: error });
      throw error;
    }
  }

  /** Reads one record; false if it is not complete. */
  private step(items: SnapshotItem[]): boolean {
    switch (this.state) {
      case 'header':
        return this.move(this.records.next(decodeMagic), this.onMagic);
      case 'sessionCount':
        return this.move(this.records.next(decodeCount), this.onSessionCount);
      case 'session':
        return this.moveItem(items, this.records.next(decodeSession), 'aclCount');
      case 'aclCount':
        return this.move(this.records.next(decodeCount), this.onAclCount);
      case 'acl':
        return this.moveItem(items, this.records.next(decodeAclEntry), 'node');
      case 'node': {
        const node = this.records.next(decodeNode);
        if (node === null) return false;
        if (node === END) this.state = this.isFile ? 'seal' : 'end';
        else items.push(node);
        return true;
      }
      case 'seal':
        // The seal's own bytes are not in its sum: they are counted after the comparison.
        this.sum();
        return this.move(this.records.next(decodeSeal), this.onSeal);
      case 'end':
        return false;
    }
  }

  private move(value: number | null, next: (value: number) => void): boolean {
    if (value === null) return false;
    next.call(this, value);
    return true;
  }

  private moveItem(items: SnapshotItem[], item: SnapshotItem | null, afterLast: State): boolean {
    if (item === null) return false;
    items.push(item);
    if (--this.left === 0) this.state = afterLast;
    return true;
  }

  private onMagic(magic: number): void {
    if (magic !== SNAPSHOT_MAGIC) throw new SnapshotError(`expected the magic "ZKSN", got 0x${hex(magic)}`, 0);
    this.state = 'sessionCount';
  }

  private onSessionCount(count: number): void {
    this.left = count;
    this.state = count === 0 ? 'aclCount' : 'session';
  }

  private onAclCount(count: number): void {
    this.left = count;
    this.state = count === 0 ? 'node' : 'acl';
  }

  private onSeal(sealed: number): void {
    this.checkSeal(sealed, this.checksum);
    this.sum();
    this.state = 'end';
  }

  private checkSeal(sealed: number, actual: number): void {
    if (sealed === actual) return;
    throw new SnapshotError(
      `expected the checksum 0x${hex(actual)}, the seal says 0x${hex(sealed)}`,
      this.consumedBytes,
    );
  }

  private sum(): void {
    const bytes = this.records.takeConsumed();
    if (this.isFile) this.checksum = adler32(bytes, this.checksum);
  }

  private keepTrailer(bytes: Buffer): void {
    const room = MAX_TRAILER_BYTES - this.trailer.length;
    if (room > 0) this.trailer = Buffer.concat([this.trailer, bytes.subarray(0, room)]);
  }

  /** Which parts there are follows from their length: the digest can be switched off, the zxid came later. */
  private readTrailer(): SnapshotTrailer {
    const bytes = this.trailer;
    const reader = new JuteReader(bytes);
    let digest: SnapshotDigest | null = null;
    if (bytes.length > 0 && bytes.length !== ZXID_AND_SEAL_BYTES) {
      digest = decodeDigest(reader);
      this.readTrailerSeal(reader, 0);
    }
    const start = reader.offset;
    if (reader.remaining === 0) return { digest, lastProcessedZxid: null };
    const lastProcessedZxid = reader.readLong();
    this.readTrailerSeal(reader, start);
    return { digest, lastProcessedZxid };
  }

  /** Counts what was read since `start`, and the seal itself once it is found right. */
  private readTrailerSeal(reader: JuteReader, start: number): void {
    const sealStart = reader.offset;
    this.checksum = adler32(this.trailer.subarray(start, sealStart), this.checksum);
    this.checkSeal(decodeSeal(reader), this.checksum);
    this.checksum = adler32(this.trailer.subarray(sealStart, reader.offset), this.checksum);
  }
}

const END = 'end';

function decodeMagic(reader: JuteReader): number {
  const magic = reader.readInt();
  // Neither version nor dbid is looked at by Apache.
  reader.readInt();
  reader.readLong();
  return magic;
}

function decodeCount(reader: JuteReader): number {
  const start = reader.offset;
  const count = reader.readInt();
  if (count < 0) throw new JuteError('ZK_JUTE_LENGTH', `expected a count of 0 or more, got ${count}`, start);
  return count;
}

function decodeSession(reader: JuteReader): SnapshotSession {
  const sessionId = reader.readLong();
  return { kind: 'session', sessionId, timeoutMs: reader.readInt() };
}

function decodeAclEntry(reader: JuteReader): SnapshotAcl {
  const start = reader.offset;
  const index = reader.readLongAsNumber();
  const acl = decodeAclList(reader);
  if (acl === null) throw new JuteError('ZK_JUTE_NULL', 'expected a list of ACLs in the table, got null', start);
  return { kind: 'acl', index, acl };
}

function decodeNode(reader: JuteReader): SnapshotNode | typeof END {
  const path = reader.readRequiredString();
  if (path === SNAPSHOT_END_PATH) return END;
  const data = reader.readBuffer();
  const aclIndex = reader.readLongAsNumber();
  return { kind: 'node', path, data, aclIndex, stat: decodeStatPersisted(reader) };
}

/** The path in a seal is there for readers of the last five bytes; its value is not looked at. */
function decodeSeal(reader: JuteReader): number {
  const checksum = reader.readLongAsNumber();
  reader.readString();
  return checksum;
}

/** Before version 2 the digest was a text of hex digits. */
function decodeDigest(reader: JuteReader): SnapshotDigest {
  const zxid = reader.readLong();
  const version = reader.readInt();
  if (version >= 2) return { zxid, version, treeDigest: reader.readLong() };
  const text = reader.readString();
  return { zxid, version, treeDigest: text === null ? 0n : parseHex(reader, text) };
}

function parseHex(reader: JuteReader, text: string): bigint {
  if (!/^[0-9a-fA-F]{1,16}$/.test(text)) {
    throw new JuteError('ZK_JUTE_VALUE', `expected a digest in hex, got ${JSON.stringify(text)}`, reader.offset);
  }
  return BigInt.asIntN(64, BigInt(`0x${text}`));
}

function hex(value: number): string {
  return (value >>> 0).toString(16);
}
