/**
 * A snapshot of exactly one moment, taken piece by piece while the tree goes on changing.
 *
 * The walk writes the nodes parent first. Before a node that it has not written yet is changed or deleted, the tree
 * has it written as it still is (`preserve`), its ancestors before it. Nodes made meanwhile are marked as if they were
 * written. So the output is the state at the start, in an order that every reader takes; Apache's snapshots are in the
 * same format but hold some of what happened while they were written ("fuzzy", zab.md section 7).
 *
 * Each walk has a slot and a generation; a node whose mark in that slot is the generation needs no writing. Marks of
 * older walks, also of those that were given up half-way, are just other numbers.
 */
import { JuteWriter } from '@menagerie/zookeeper-protocol';
import type { StatRef, StatTable } from './stat-table.js';
import type { TreeNode } from './tree-node.js';

/** What was preserved is cut into pieces of about this size. */
const PIECE_BYTES = 1 << 20;

/** Nodes looked at in one piece that turn out to be written already: they cost time but no bytes. */
const MAX_SKIPPED_PER_PIECE = 20_000;

/** Where a path would stand: no more nodes. */
const END_MARK = '/';

export class SnapshotWalk {
  private readonly writer = new JuteWriter(256 * 1024);
  private readonly pieces: Buffer[] = [];
  private queuedBytes = 0;
  private ended = false;

  constructor(
    private readonly stats: StatTable,
    readonly slot: number,
    readonly generation: number,
    /** The state holds the transactions up to here; nodes created later are not in the snapshot. */
    readonly zxid: bigint,
    /** The next node to visit; null when all were. Invariant: it is in the tree. */
    private cursor: TreeNode | null,
  ) {}

  /** For what stands in front of the nodes. */
  get head(): JuteWriter {
    return this.writer;
  }

  /** Bytes written for nodes that changed and not taken yet. */
  get pendingBytes(): number {
    return this.queuedBytes + this.writer.length;
  }

  get finished(): boolean {
    return this.ended;
  }

  /** The next piece, of about `maxBytes` (one node is never cut); empty when only skipping was done; null at the end. */
  next(maxBytes: number): Buffer | null {
    const preserved = this.pieces.shift();
    if (preserved !== undefined) {
      this.queuedBytes -= preserved.length;
      return preserved;
    }
    if (this.ended) return null;
    let skipped = 0;
    while (this.cursor !== null && this.writer.length < maxBytes && skipped < MAX_SKIPPED_PER_PIECE) {
      if (this.visit(this.cursor)) continue;
      skipped++;
    }
    if (this.cursor === null) {
      this.writer.writeString(END_MARK);
      this.ended = true;
    }
    return this.writer.toBuffer();
  }

  /** The node is about to change. */
  preserve(node: TreeNode): void {
    if (this.hasWritten(node)) return;
    let missing = node;
    const chain = [node];
    while (missing.parent !== null && !this.hasWritten(missing.parent)) chain.push((missing = missing.parent));
    for (let i = chain.length - 1; i >= 0; i--) this.write(chain[i]!);
    if (this.writer.length < PIECE_BYTES) return;
    const piece = this.writer.toBuffer();
    this.queuedBytes += piece.length;
    this.pieces.push(piece);
  }

  /** The node was made just now. */
  adopt(stat: StatRef): void {
    this.stats.setMark(stat, this.slot, this.generation);
  }

  /** The node is about to leave the tree; it has no children any more. */
  unlink(node: TreeNode): void {
    if (this.cursor === node) this.cursor = nextAfter(node);
  }

  /** @returns whether it was written just now */
  private visit(node: TreeNode): boolean {
    const isNew = this.hasWritten(node);
    if (!isNew) this.write(node);
    // Nothing beneath a node that is younger than the snapshot is older than it.
    const descend = !isNew || this.stats.czxid(node.stat) <= this.zxid;
    this.cursor = (descend ? node.firstChild : null) ?? nextAfter(node);
    return !isNew;
  }

  private hasWritten(node: TreeNode): boolean {
    return this.stats.mark(node.stat, this.slot) === this.generation;
  }

  private write(node: TreeNode): void {
    this.stats.setMark(node.stat, this.slot, this.generation);
    const writer = this.writer;
    writer.writeString(node.parent === null ? '' : node.path);
    writer.writeBufferFromLatin1(node.data);
    writer.writeLongFromNumber(node.acl.id);
    this.stats.writePersisted(writer, node.stat);
  }
}

/** The next node in parent-first order that is not beneath this one. */
function nextAfter(node: TreeNode): TreeNode | null {
  for (let at: TreeNode | null = node; at !== null; at = at.parent) {
    if (at.nextSibling !== null) return at.nextSibling;
  }
  return null;
}
