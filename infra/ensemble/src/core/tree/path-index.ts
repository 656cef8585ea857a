/**
 * Nodes by path: a hash table that grows by one bucket a node (linear hashing, Litwin 1980). A table that doubled would
 * hold up the server for as long as it takes to move a million entries.
 */
import { NodeField, type NodeTable, NONE } from './node-table.js';
import type { StatRef } from './stat-table.js';

const SEGMENT_SHIFT = 14;
const SEGMENT_MASK = (1 << SEGMENT_SHIFT) - 1;
const FIRST_BUCKETS = 1024;

export class PathIndex {
  /** First node of each bucket; the others follow through `nextInBucket`. */
  private readonly segments: Int32Array[] = [new Int32Array(1 << SEGMENT_SHIFT).fill(NONE)];
  /** Invariant: wide / 2 <= buckets < wide, and nodes <= buckets or FIRST_BUCKETS. */
  private buckets = FIRST_BUCKETS;
  /** Buckets once each of the smaller table has been split. A power of two. */
  private wide = FIRST_BUCKETS * 2;
  private count = 0;

  /** @param seed so that nobody can say beforehand which paths will meet in one bucket */
  constructor(
    private readonly nodes: NodeTable,
    private readonly seed: number,
  ) {}

  get size(): number {
    return this.count;
  }

  hash(path: string): number {
    let hash = this.seed;
    for (let i = 0; i < path.length; i++) {
      hash = Math.imul(hash ^ path.charCodeAt(i), 0x5bd1e995);
      hash ^= hash >>> 15;
    }
    return hash | 0;
  }

  /** @returns the node, or `NONE` */
  find(path: string): StatRef {
    return this.findHashed(path, this.hash(path));
  }

  findHashed(path: string, hash: number): StatRef {
    const { nodes } = this;
    let at = this.first(this.bucketOf(hash));
    while (at !== NONE && (nodes.get(at, NodeField.pathHash) !== hash || !nodes.hasPath(at, path))) {
      at = nodes.get(at, NodeField.nextInBucket);
    }
    return at;
  }

  /** A node whose path no other has. */
  add(node: StatRef): void {
    this.put(this.bucketOf(this.nodes.get(node, NodeField.pathHash)), node);
    this.count++;
    if (this.count > this.buckets) this.split();
  }

  remove(node: StatRef): void {
    const { nodes } = this;
    const bucket = this.bucketOf(nodes.get(node, NodeField.pathHash));
    const next = nodes.get(node, NodeField.nextInBucket);
    const head = this.first(bucket);
    if (head === node) {
      this.setFirst(bucket, next);
    } else {
      let before = head;
      while (nodes.get(before, NodeField.nextInBucket) !== node) before = nodes.get(before, NodeField.nextInBucket);
      nodes.set(before, NodeField.nextInBucket, next);
    }
    this.count--;
  }

  /** Half of what lies in the next bucket that was not split yet moves to a new one. */
  private split(): void {
    const { nodes } = this;
    const from = this.buckets - this.wide / 2;
    const to = this.buckets++;
    if (to >>> SEGMENT_SHIFT === this.segments.length) this.segments.push(new Int32Array(1 << SEGMENT_SHIFT));
    let at = this.first(from);
    this.setFirst(from, NONE);
    this.setFirst(to, NONE);
    while (at !== NONE) {
      const next = nodes.get(at, NodeField.nextInBucket);
      this.put((nodes.get(at, NodeField.pathHash) & (this.wide - 1)) === to ? to : from, at);
      at = next;
    }
    if (this.buckets === this.wide) this.wide *= 2;
  }

  private bucketOf(hash: number): number {
    const bucket = hash & (this.wide - 1);
    return bucket < this.buckets ? bucket : bucket - this.wide / 2;
  }

  private put(bucket: number, node: StatRef): void {
    this.nodes.set(node, NodeField.nextInBucket, this.first(bucket));
    this.setFirst(bucket, node);
  }

  private first(bucket: number): StatRef {
    return this.segments[bucket >>> SEGMENT_SHIFT]![bucket & SEGMENT_MASK]!;
  }

  private setFirst(bucket: number, node: StatRef): void {
    this.segments[bucket >>> SEGMENT_SHIFT]![bucket & SEGMENT_MASK] = node;
  }
}
