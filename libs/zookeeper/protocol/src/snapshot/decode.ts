/**
 * Reads snapshots from chunks of any size: the network form, of which the end must be found because packets follow on
 * the same stream, and the file form with its header and seals. The format is drawn in `encode.ts`.
 */
import { ADLER32_INITIAL, adler32 } from '../checksum/adler32.js';
import { JuteError, SnapshotError } from '../errors.js';
import { DEFAULT_MAX_FIELD_BYTES } from '../jute/limits.js';
import type { JuteReader } from '../jute/reader.js';
import { decodeAclList, decodeStatPersisted } from '../records.js';
import { RecordStream } from '../stream/record-stream.js';
import { SNAPSHOT_END_PATH, SNAPSHOT_MAGIC } from './encode.js';
import { checkSeal, decodeSeal, decodeSnapshotTrailer } from './trailer.js';
import type { SnapshotAcl, SnapshotItem, SnapshotNode, SnapshotSession, SnapshotTrailer } from './types.js';

export interface SnapshotStreamDecoderOptions {
  /** `network`: the body alone, as a leader streams it. `file`: with header, seals and trailer. */
  readonly form: 'network' | 'file';
  readonly maxFieldBytes?: number;
}

type State = 'header' | 'sessionCount' | 'session' | 'aclCount' | 'acl' | 'node' | 'seal' | 'end';

/** Digest, seal, zxid, seal take 54 bytes; what newer servers may add behind them is not ours to read. */
const MAX_TRAILER_BYTES = 256;

export class SnapshotStreamDecoder {
  private readonly records: RecordStream;
  private readonly isFile: boolean;
  private state: State;
  /** Sessions or ACLs still to come in the table being read. Invariant: >= 0. */
  private left = 0;
  /** Of all bytes of the file that were understood. */
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

  /** How many bytes of the stream belong to the snapshot and were understood; its length once `done`. */
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
    const items: SnapshotItem[] = [];
    if (!this.done) this.readBody(chunk, items);
    else if (this.isFile) this.keepTrailer(chunk);
    else throw new RangeError('the snapshot has ended: takeRest() has what follows it');
    return items;
  }

  /** The bytes given to the network form that are behind its end; hands them out once. */
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
    return this.asSnapshotError(() => decodeSnapshotTrailer(this.trailer, this.checksum, this.consumedBytes));
  }

  private readBody(chunk: Buffer, items: SnapshotItem[]): void {
    this.asSnapshotError(() => {
      this.records.push(chunk);
      let isComplete = true;
      while (isComplete && !this.done) isComplete = this.step(items);
      this.sum();
    });
    if (this.done && this.isFile) this.keepTrailer(this.records.takeRest());
  }

  /** Reads one record; false if it is not complete. */
  private step(items: SnapshotItem[]): boolean {
    switch (this.state) {
      case 'header':
        return this.stepHeader();
      case 'sessionCount':
        return this.stepCount('session', 'aclCount');
      case 'session':
        return this.stepTable(items, this.records.next(decodeSession), 'aclCount');
      case 'aclCount':
        return this.stepCount('acl', 'node');
      case 'acl':
        return this.stepTable(items, this.records.next(decodeAclEntry), 'node');
      case 'node':
        return this.stepNode(items);
      case 'seal':
        return this.stepSeal();
      case 'end':
        return false;
    }
  }

  private stepHeader(): boolean {
    const magic = this.records.next(decodeMagic);
    if (magic === null) return false;
    if (magic !== SNAPSHOT_MAGIC) {
      throw new SnapshotError(`expected the magic "ZKSN", got 0x${(magic >>> 0).toString(16)}`, 0);
    }
    this.state = 'sessionCount';
    return true;
  }

  private stepCount(entries: State, afterLast: State): boolean {
    const count = this.records.next(decodeCount);
    if (count === null) return false;
    this.left = count;
    this.state = count === 0 ? afterLast : entries;
    return true;
  }

  private stepTable(items: SnapshotItem[], entry: SnapshotItem | null, afterLast: State): boolean {
    if (entry === null) return false;
    items.push(entry);
    this.left -= 1;
    if (this.left === 0) this.state = afterLast;
    return true;
  }

  private stepNode(items: SnapshotItem[]): boolean {
    const node = this.records.next(decodeNode);
    if (node === null) return false;
    if (node === END_OF_NODES) this.state = this.isFile ? 'seal' : 'end';
    else items.push(node);
    return true;
  }

  private stepSeal(): boolean {
    // A seal is the sum of what stands before it, so that is summed up first.
    this.sum();
    const sealed = this.records.next(decodeSeal);
    if (sealed === null) return false;
    checkSeal(sealed, this.checksum, this.consumedBytes);
    this.state = 'end';
    return true;
  }

  private sum(): void {
    const bytes = this.records.takeConsumed();
    if (this.isFile) this.checksum = adler32(bytes, this.checksum);
  }

  private keepTrailer(bytes: Buffer): void {
    const room = MAX_TRAILER_BYTES - this.trailer.length;
    if (room > 0) this.trailer = Buffer.concat([this.trailer, bytes.subarray(0, room)]);
  }

  private asSnapshotError<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (error instanceof JuteError) throw new SnapshotError(error.detail, this.consumedBytes, { cause: error });
      throw error;
    }
  }
}

const END_OF_NODES = 'end of nodes';

function decodeMagic(reader: JuteReader): number {
  const magic = reader.readInt();
  // Version and dbid, which Apache does not look at either.
  reader.skip(12);
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

function decodeNode(reader: JuteReader): SnapshotNode | typeof END_OF_NODES {
  const path = reader.readRequiredString();
  if (path === SNAPSHOT_END_PATH) return END_OF_NODES;
  const data = reader.readBuffer();
  const aclIndex = reader.readLongAsNumber();
  return { kind: 'node', path, data, aclIndex, stat: decodeStatPersisted(reader) };
}
