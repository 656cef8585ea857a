/**
 * The stats of all nodes, each as the 68 bytes a client gets, in large blocks of memory.
 *
 *    0 czxid  8 mzxid  16 ctime  24 mtime  32 version  36 cversion  40 aversion  44 ephemeralOwner
 *   52 dataLength  56 numChildren  60 pzxid  68 emission marks (one int32 a snapshot slot)
 *
 * Why not fields of an object: a bigint costs 24 bytes and an allocation each time it is read, a reply would have to
 * put eleven fields together, and a million nodes would be ten million things for the garbage collector to look at.
 *
 * The record holds what a server stores, not quite what it shows: `cversion` counts child creations only, and a
 * container or TTL node has a marker for an owner. Source: DataNode.copyStat.
 */
import { crc32, type JuteWriter, type Stat, type StatPersisted } from '@menagerie/zookeeper-protocol';

export const STAT_BYTES = 68;
/** How many snapshots can be drained side by side. */
export const SNAPSHOT_SLOTS = 4;

const CZXID = 0;
const MZXID = 8;
const CTIME = 16;
const MTIME = 24;
const VERSION = 32;
const CVERSION = 36;
const AVERSION = 40;
const OWNER = 44;
const DATA_LENGTH = 52;
const NUM_CHILDREN = 56;
const PZXID = 60;
const MARKS = STAT_BYTES;

const RECORD_BYTES = STAT_BYTES + SNAPSHOT_SLOTS * 4;
const BLOCK_SHIFT = 10;
const RECORDS_PER_BLOCK = 1 << BLOCK_SHIFT;
const BLOCK_MASK = RECORDS_PER_BLOCK - 1;

const TWO_POW_32 = 0x1_0000_0000;

/** Names one record of the table. Good until it is released, then it names another's. */
export type StatRef = number;

export class StatTable {
  private readonly blocks: Buffer[] = [];
  private readonly views: DataView[] = [];
  private readonly free: StatRef[] = [];
  /** Records ever handed out. Invariant: used <= blocks.length * RECORDS_PER_BLOCK. */
  private used = 0;

  /** Records in use; for tests and for whoever looks for a leak. */
  get size(): number {
    return this.used - this.free.length;
  }

  /** A record of zeros. */
  allocate(): StatRef {
    const recycled = this.free.pop();
    if (recycled !== undefined) {
      const at = (recycled & BLOCK_MASK) * RECORD_BYTES;
      this.blocks[recycled >>> BLOCK_SHIFT]!.fill(0, at, at + RECORD_BYTES);
      return recycled;
    }
    const ref = this.used++;
    if (ref >>> BLOCK_SHIFT === this.blocks.length) {
      const block = Buffer.alloc(RECORDS_PER_BLOCK * RECORD_BYTES);
      this.blocks.push(block);
      this.views.push(new DataView(block.buffer, block.byteOffset, block.byteLength));
    }
    return ref;
  }

  release(ref: StatRef): void {
    this.free.push(ref);
  }

  /** A new record with the same stat and no marks. */
  duplicate(source: StatRef): StatRef {
    const ref = this.allocate();
    const from = this.views[source >>> BLOCK_SHIFT]!;
    const to = this.views[ref >>> BLOCK_SHIFT]!;
    const fromAt = (source & BLOCK_MASK) * RECORD_BYTES;
    const toAt = (ref & BLOCK_MASK) * RECORD_BYTES;
    for (let i = 0; i < STAT_BYTES; i += 4) to.setInt32(toAt + i, from.getInt32(fromAt + i));
    return ref;
  }

  /** The stat of a node just created. */
  create(zxid: bigint, timeMs: number, owner: bigint, dataLength: number): StatRef {
    const ref = this.allocate();
    const view = this.views[ref >>> BLOCK_SHIFT]!;
    const at = (ref & BLOCK_MASK) * RECORD_BYTES;
    view.setBigInt64(at + CZXID, zxid);
    view.setBigInt64(at + MZXID, zxid);
    view.setBigInt64(at + PZXID, zxid);
    setMs(view, at + CTIME, timeMs);
    setMs(view, at + MTIME, timeMs);
    view.setBigInt64(at + OWNER, owner);
    view.setInt32(at + DATA_LENGTH, dataLength);
    return ref;
  }

  /** From a snapshot. The children are counted as they come. */
  load(stat: StatPersisted, dataLength: number): StatRef {
    const ref = this.create(stat.czxid, stat.ctime, stat.ephemeralOwner, dataLength);
    const view = this.views[ref >>> BLOCK_SHIFT]!;
    const at = (ref & BLOCK_MASK) * RECORD_BYTES;
    view.setBigInt64(at + MZXID, stat.mzxid);
    view.setBigInt64(at + PZXID, stat.pzxid);
    setMs(view, at + MTIME, stat.mtime);
    view.setInt32(at + VERSION, stat.version);
    view.setInt32(at + CVERSION, stat.cversion);
    view.setInt32(at + AVERSION, stat.aversion);
    return ref;
  }

  /** A change of data. */
  setModified(ref: StatRef, zxid: bigint, timeMs: number, version: number, dataLength: number): void {
    const view = this.views[ref >>> BLOCK_SHIFT]!;
    const at = (ref & BLOCK_MASK) * RECORD_BYTES;
    view.setBigInt64(at + MZXID, zxid);
    setMs(view, at + MTIME, timeMs);
    view.setInt32(at + VERSION, version);
    view.setInt32(at + DATA_LENGTH, dataLength);
  }

  czxid(ref: StatRef): bigint {
    return this.long(ref, CZXID);
  }

  mzxid(ref: StatRef): bigint {
    return this.long(ref, MZXID);
  }

  pzxid(ref: StatRef): bigint {
    return this.long(ref, PZXID);
  }

  setPzxid(ref: StatRef, zxid: bigint): void {
    this.views[ref >>> BLOCK_SHIFT]!.setBigInt64((ref & BLOCK_MASK) * RECORD_BYTES + PZXID, zxid);
  }

  ephemeralOwner(ref: StatRef): bigint {
    return this.long(ref, OWNER);
  }

  mtime(ref: StatRef): number {
    const view = this.views[ref >>> BLOCK_SHIFT]!;
    const at = (ref & BLOCK_MASK) * RECORD_BYTES + MTIME;
    return view.getInt32(at) * TWO_POW_32 + view.getUint32(at + 4);
  }

  version(ref: StatRef): number {
    return this.int(ref, VERSION);
  }

  cversion(ref: StatRef): number {
    return this.int(ref, CVERSION);
  }

  setCversion(ref: StatRef, cversion: number): void {
    this.setInt(ref, CVERSION, cversion);
  }

  aversion(ref: StatRef): number {
    return this.int(ref, AVERSION);
  }

  setAversion(ref: StatRef, aversion: number): void {
    this.setInt(ref, AVERSION, aversion);
  }

  dataLength(ref: StatRef): number {
    return this.int(ref, DATA_LENGTH);
  }

  setDataLength(ref: StatRef, dataLength: number): void {
    this.setInt(ref, DATA_LENGTH, dataLength);
  }

  numChildren(ref: StatRef): number {
    return this.int(ref, NUM_CHILDREN);
  }

  addChildren(ref: StatRef, count: number): void {
    this.setInt(ref, NUM_CHILDREN, this.int(ref, NUM_CHILDREN) + count);
  }

  /** The generation of the snapshot in this slot that has the node already; 0 for none yet. */
  mark(ref: StatRef, slot: number): number {
    return this.int(ref, MARKS + slot * 4);
  }

  setMark(ref: StatRef, slot: number, generation: number): void {
    this.setInt(ref, MARKS + slot * 4, generation);
  }

  /** A Stat as a client sees it. */
  writeVisible(writer: JuteWriter, ref: StatRef, ownerIsSession: boolean): void {
    const at = (ref & BLOCK_MASK) * RECORD_BYTES;
    const view = this.views[ref >>> BLOCK_SHIFT]!;
    const block = this.blocks[ref >>> BLOCK_SHIFT]!;
    writer.writeRawRange(block, at, at + CVERSION);
    writer.writeInt(visibleCversion(view.getInt32(at + CVERSION), view.getInt32(at + NUM_CHILDREN)));
    if (ownerIsSession) {
      writer.writeRawRange(block, at + AVERSION, at + STAT_BYTES);
    } else {
      writer.writeRawRange(block, at + AVERSION, at + OWNER);
      writer.writeInt(0);
      writer.writeInt(0);
      writer.writeRawRange(block, at + DATA_LENGTH, at + STAT_BYTES);
    }
  }

  /** A StatPersisted, as a snapshot has it. */
  writePersisted(writer: JuteWriter, ref: StatRef): void {
    const at = (ref & BLOCK_MASK) * RECORD_BYTES;
    const block = this.blocks[ref >>> BLOCK_SHIFT]!;
    writer.writeRawRange(block, at, at + DATA_LENGTH);
    writer.writeRawRange(block, at + PZXID, at + STAT_BYTES);
  }

  /**
   * The node's digest: the 60 bytes that count, in the order they count in, summed up behind path and data.
   * Source: DigestCalculator.
   *
   * @param contentCrc of path and data
   * @returns a signed 32-bit integer
   */
  digest(ref: StatRef, contentCrc: number): number {
    const block = this.blocks[ref >>> BLOCK_SHIFT]!;
    const at = (ref & BLOCK_MASK) * RECORD_BYTES;
    let crc = crc32(block, contentCrc, at + CTIME, at + CZXID);
    crc = crc32(block, crc, at + STAT_BYTES, at + PZXID);
    return crc32(block, crc, at + DATA_LENGTH, at + CTIME) | 0;
  }

  /** For whoever is not in a hurry. */
  read(ref: StatRef): Stat {
    const view = this.views[ref >>> BLOCK_SHIFT]!;
    const at = (ref & BLOCK_MASK) * RECORD_BYTES;
    return {
      czxid: view.getBigInt64(at + CZXID),
      mzxid: view.getBigInt64(at + MZXID),
      ctime: view.getInt32(at + CTIME) * TWO_POW_32 + view.getUint32(at + CTIME + 4),
      mtime: this.mtime(ref),
      version: view.getInt32(at + VERSION),
      cversion: view.getInt32(at + CVERSION),
      aversion: view.getInt32(at + AVERSION),
      ephemeralOwner: view.getBigInt64(at + OWNER),
      dataLength: view.getInt32(at + DATA_LENGTH),
      numChildren: view.getInt32(at + NUM_CHILDREN),
      pzxid: view.getBigInt64(at + PZXID),
    };
  }

  private long(ref: StatRef, field: number): bigint {
    return this.views[ref >>> BLOCK_SHIFT]!.getBigInt64((ref & BLOCK_MASK) * RECORD_BYTES + field);
  }

  private int(ref: StatRef, field: number): number {
    return this.views[ref >>> BLOCK_SHIFT]!.getInt32((ref & BLOCK_MASK) * RECORD_BYTES + field);
  }

  private setInt(ref: StatRef, field: number, value: number): void {
    this.views[ref >>> BLOCK_SHIFT]!.setInt32((ref & BLOCK_MASK) * RECORD_BYTES + field, value);
  }
}

/**
 * The stored count of creations as the number of changes a client knows: for every creation there was a deletion but
 * for the children still there. Wraps as an int of 32 bits does.
 */
export function visibleCversion(stored: number, numChildren: number): number {
  return (stored * 2 - numChildren) | 0;
}

function setMs(view: DataView, at: number, ms: number): void {
  const high = Math.floor(ms / TWO_POW_32);
  view.setInt32(at, high);
  view.setUint32(at + 4, ms - high * TWO_POW_32);
}
