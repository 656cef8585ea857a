/** The snapshots being taken of one tree, and what the tree must tell them before it changes a node. */
import type { StatRef, StatTable } from './stat-table.js';
import { SNAPSHOT_SLOTS } from './stat-table.js';
import { SnapshotWalk } from './snapshot-walk.js';
import type { NodeTable } from './node-table.js';

/** A walk whose reader is this far behind is given up: it would hold a second copy of the tree. */
export const MAX_PENDING_BYTES = 256 * 1024 * 1024;

export class SnapshotWalks {
  private readonly running: SnapshotWalk[] = [];
  private generation = 0;

  constructor(
    private readonly stats: StatTable,
    private readonly nodes: NodeTable,
  ) {}

  get count(): number {
    return this.running.length;
  }

  /** @returns null while all slots are taken */
  begin(root: StatRef, zxid: bigint): SnapshotWalk | null {
    const slot = this.freeSlot();
    if (slot === null) return null;
    const walk = new SnapshotWalk(this.stats, this.nodes, slot, ++this.generation, zxid, root);
    this.running.push(walk);
    return walk;
  }

  isRunning(walk: SnapshotWalk): boolean {
    return this.running.includes(walk);
  }

  end(walk: SnapshotWalk): void {
    const at = this.running.indexOf(walk);
    if (at >= 0) this.running.splice(at, 1);
  }

  endAll(): void {
    this.running.length = 0;
  }

  preserve(node: StatRef): void {
    for (let i = this.running.length - 1; i >= 0; i--) {
      const walk = this.running[i]!;
      walk.preserve(node);
      if (walk.pendingBytes > MAX_PENDING_BYTES) this.running.splice(i, 1);
    }
  }

  adopt(node: StatRef): void {
    for (let i = 0; i < this.running.length; i++) this.running[i]!.adopt(node);
  }

  unlink(node: StatRef): void {
    for (let i = 0; i < this.running.length; i++) this.running[i]!.unlink(node);
  }

  private freeSlot(): number | null {
    for (let slot = 0; slot < SNAPSHOT_SLOTS; slot++) {
      if (!this.running.some((walk) => walk.slot === slot)) return slot;
    }
    return null;
  }
}
