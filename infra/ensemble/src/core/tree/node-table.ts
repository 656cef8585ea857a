/**
 * Everything about the nodes but their stats: links, path, data, ACL and checksums, sixteen integers a node, in blocks
 * beside those of the stat table. A node is its number there (`StatRef`); `TreeNode` is a view of it for who wants one.
 *
 * Why not an object a node: with path and data that is three hundred bytes and three things for the garbage collector,
 * and a collector that has three million things to look at holds up every request for tens of milliseconds. Here a
 * million nodes of 100 bytes take 280 MB in a few thousand blocks which nobody ever looks through.
 */
import { crc32, type JuteWriter, OwnerKind } from '@menagerie/zookeeper-protocol';
import { ByteStore, offsetOf } from './byte-store.js';
import type { StatRef } from './stat-table.js';

/** In place of a node, or of data that is null. */
export const NONE = -1;

export const NodeField = {
  parent: 0,
  firstChild: 1,
  previousSibling: 2,
  nextSibling: 3,
  /** Of the nodes whose paths fell into the same bucket. */
  nextInBucket: 4,
  pathHash: 5,
  path: 6,
  pathBytes: 7,
  data: 8,
  /** -1 for null. */
  dataBytes: 9,
  aclId: 10,
  pathCrc: 11,
  contentCrc: 12,
  digest: 13,
  /** Index of its `OwnerKind` in `KINDS`, and whether the node counts for the digest. */
  kindAndCounted: 14,
} as const;

export type NodeField = (typeof NodeField)[keyof typeof NodeField];

const FIELDS_SHIFT = 4;
const BLOCK_SHIFT = 10;
const BLOCK_MASK = (1 << BLOCK_SHIFT) - 1;
const COUNTED = 0x100;
const KINDS: readonly OwnerKind[] = Object.values(OwnerKind);

export class NodeTable {
  private readonly blocks: Int32Array[] = [];
  private readonly bytes = new ByteStore();

  /** Fills in the record of a new node that hangs nowhere yet. */
  create(
    ref: StatRef,
    path: string,
    pathHash: number,
    data: Uint8Array | null,
    aclId: number,
    kind: OwnerKind,
    counted: boolean,
  ): void {
    while (ref >>> BLOCK_SHIFT >= this.blocks.length)
      this.blocks.push(new Int32Array(1 << (BLOCK_SHIFT + FIELDS_SHIFT)));
    for (let link = NodeField.parent; link <= NodeField.nextInBucket; link++) this.set(ref, link as NodeField, NONE);
    this.set(ref, NodeField.pathHash, pathHash);
    this.set(ref, NodeField.aclId, aclId);
    this.set(ref, NodeField.kindAndCounted, KINDS.indexOf(kind) | (counted ? COUNTED : 0));
    this.setPath(ref, path, counted);
    this.set(ref, NodeField.dataBytes, NONE);
    this.set(ref, NodeField.digest, 0);
    this.setData(ref, data);
  }

  /** Gives back what its path and data take. The record itself goes with the stat. */
  release(ref: StatRef): void {
    this.bytes.release(this.get(ref, NodeField.path), this.get(ref, NodeField.pathBytes));
    this.releaseData(ref);
  }

  get(ref: StatRef, field: NodeField): number {
    return this.blocks[ref >>> BLOCK_SHIFT]![((ref & BLOCK_MASK) << FIELDS_SHIFT) | field]!;
  }

  set(ref: StatRef, field: NodeField, value: number): void {
    this.blocks[ref >>> BLOCK_SHIFT]![((ref & BLOCK_MASK) << FIELDS_SHIFT) | field] = value;
  }

  kind(ref: StatRef): OwnerKind {
    return KINDS[this.get(ref, NodeField.kindAndCounted) & ~COUNTED]!;
  }

  isCounted(ref: StatRef): boolean {
    return (this.get(ref, NodeField.kindAndCounted) & COUNTED) !== 0;
  }

  path(ref: StatRef): string {
    const at = this.get(ref, NodeField.path);
    const start = offsetOf(at);
    return this.bytes.blockOf(at).toString('utf8', start, start + this.get(ref, NodeField.pathBytes));
  }

  /** One byte a character; null for none. */
  data(ref: StatRef): string | null {
    const length = this.get(ref, NodeField.dataBytes);
    if (length === NONE) return null;
    const at = this.get(ref, NodeField.data);
    const start = offsetOf(at);
    return this.bytes.blockOf(at).toString('latin1', start, start + length);
  }

  dataBytes(ref: StatRef): number {
    return Math.max(0, this.get(ref, NodeField.dataBytes));
  }

  /** As a buffer of jute. */
  writePath(writer: JuteWriter, ref: StatRef): void {
    this.bytes.writeTo(writer, this.get(ref, NodeField.path), this.get(ref, NodeField.pathBytes));
  }

  /** The last component of the path. */
  writeName(writer: JuteWriter, ref: StatRef): void {
    const at = this.get(ref, NodeField.path);
    const block = this.bytes.blockOf(at);
    const end = offsetOf(at) + this.get(ref, NodeField.pathBytes);
    let start = end;
    while (block[start - 1] !== SLASH) start--;
    writer.writeBufferRange(block, start, end);
  }

  writeData(writer: JuteWriter, ref: StatRef): void {
    const length = this.get(ref, NodeField.dataBytes);
    if (length === NONE) writer.writeInt(-1);
    else this.bytes.writeTo(writer, this.get(ref, NodeField.data), length);
  }

  /** Copies the data and sums it up behind the path. */
  setData(ref: StatRef, data: Uint8Array | null): void {
    const previous = this.get(ref, NodeField.dataBytes);
    if (data === null) {
      this.releaseData(ref);
      this.set(ref, NodeField.dataBytes, NONE);
    } else {
      if (previous === NONE || !this.bytes.isSameSize(previous, data.length)) {
        this.releaseData(ref);
        this.set(ref, NodeField.data, this.bytes.allocate(data.length));
      }
      this.set(ref, NodeField.dataBytes, data.length);
      this.bytes.put(this.get(ref, NodeField.data), data);
    }
    if (!this.isCounted(ref)) return;
    const pathCrc = this.get(ref, NodeField.pathCrc);
    this.set(ref, NodeField.contentCrc, data === null ? pathCrc : crc32(data, pathCrc) | 0);
  }

  /** Whether the node's path is this one, of the same hash. */
  hasPath(ref: StatRef, path: string): boolean {
    const at = this.get(ref, NodeField.path);
    const length = this.get(ref, NodeField.pathBytes);
    const block = this.bytes.blockOf(at);
    const start = offsetOf(at);
    for (let i = 0; i < path.length; i++) {
      const unit = path.charCodeAt(i);
      if (unit > 0x7f) return block.toString('utf8', start, start + length) === path;
      if (i >= length || block[start + i] !== unit) return false;
    }
    return path.length === length;
  }

  private setPath(ref: StatRef, path: string, counted: boolean): void {
    const length = utf8Length(path);
    const at = this.bytes.allocate(length);
    this.set(ref, NodeField.path, at);
    this.set(ref, NodeField.pathBytes, length);
    const block = this.bytes.blockOf(at);
    const start = offsetOf(at);
    if (length === path.length) for (let i = 0; i < length; i++) block[start + i] = path.charCodeAt(i);
    else block.write(path, start, 'utf8');
    // The root counts under the empty path.
    const crc = !counted || path === '/' ? 0 : crc32(block, 0, start + length, start) | 0;
    this.set(ref, NodeField.pathCrc, crc);
    this.set(ref, NodeField.contentCrc, crc);
  }

  private releaseData(ref: StatRef): void {
    const length = this.get(ref, NodeField.dataBytes);
    if (length !== NONE) this.bytes.release(this.get(ref, NodeField.data), length);
  }
}

const SLASH = 0x2f;

function utf8Length(path: string): number {
  for (let i = 0; i < path.length; i++) if (path.charCodeAt(i) > 0x7f) return Buffer.byteLength(path, 'utf8');
  return path.length;
}
