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
import { NodeField, type NodeTable, NONE } from './node-table.js';
import type { StatRef, StatTable } from './stat-table.js';

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
    private readonly nodes: NodeTable,
    readonly slot: number,
    readonly generation: number,
    /** The state holds the transactions up to here; nodes created later are not in the snapshot. */
    readonly zxid: bigint,
    /** The next node to visit; `NONE` when all were. Invariant: it is in the tree. */
    private cursor: StatRef,
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
    while (this.cursor !== NONE && this.writer.length < maxBytes && skipped < MAX_SKIPPED_PER_PIECE) {
      if (this.visit(this.cursor)) continue;
      skipped++;
    }
    if (this.cursor === NONE) {
      this.writer.writeString(END_MARK);
      this.ended = true;
    }
    return this.writer.toBuffer();
  }

  /** The node is about to change. */
  preserve(node: StatRef): void {
    if (this.hasWritten(node)) return;
    let missing = node;
    const chain = [node];
    for (;;) {
      missing = this.nodes.get(missing, NodeField.parent);
      if (missing === NONE || this.hasWritten(missing)) break;
      chain.push(missing);
    }
    for (let i = chain.length - 1; i >= 0; i--) this.write(chain[i]!);
    if (this.writer.length < PIECE_BYTES) return;
    const piece = this.writer.toBuffer();
    this.queuedBytes += piece.length;
    this.pieces.push(piece);
  }

  /** The node was made just now. */
  adopt(node: StatRef): void {
    this.stats.setMark(node, this.slot, this.generation);
  }

  /** The node is about to leave the tree; it has no children any more. */
  unlink(node: StatRef): void {
    if (this.cursor === node) this.cursor = this.nextAfter(node);
  }

  /** @returns whether it was written just now */
  private visit(node: StatRef): boolean {
    const isNew = this.hasWritten(node);
    if (!isNew) this.write(node);
    // Nothing beneath a node that is younger than the snapshot is older than it.
    const descend = !isNew || this.stats.czxid(node) <= this.zxid;
    const firstChild = descend ? this.nodes.get(node, NodeField.firstChild) : NONE;
    this.cursor = firstChild === NONE ? this.nextAfter(node) : firstChild;
    return !isNew;
  }

  private hasWritten(node: StatRef): boolean {
    return this.stats.mark(node, this.slot) === this.generation;
  }

  private write(node: StatRef): void {
    this.stats.setMark(node, this.slot, this.generation);
    const { writer, nodes } = this;
    if (nodes.get(node, NodeField.parent) === NONE) writer.writeString('');
    else nodes.writePath(writer, node);
    nodes.writeData(writer, node);
    writer.writeLongFromNumber(nodes.get(node, NodeField.aclId));
    this.stats.writePersisted(writer, node);
  }

  /** The next node in parent-first order that is not beneath this one. */
  private nextAfter(node: StatRef): StatRef {
    const { nodes } = this;
    for (let at = node; at !== NONE; at = nodes.get(at, NodeField.parent)) {
      const sibling = nodes.get(at, NodeField.nextSibling);
      if (sibling !== NONE) return sibling;
    }
    return NONE;
  }
}
