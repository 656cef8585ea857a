/**
 * Finds containers that have lost their children and nodes whose time to live is over, and has them deleted, not too
 * many at once. Source: ContainerManager.java.
 */
import { ttlOf } from '@menagerie/zookeeper-protocol';
import type { DataTree } from '../tree/data-tree.js';
import type { TreeNode } from '../tree/tree-node.js';

export interface ReaperConfig {
  /** `znode.container.checkIntervalMs` */
  readonly checkIntervalMs: number;
  /** `znode.container.maxPerMinute` */
  readonly maxPerMinute: number;
  /** `znode.container.maxNeverUsedIntervalMs`: a container that never had a child goes after this; 0 is never. */
  readonly maxNeverUsedIntervalMs: number;
}

export const DEFAULT_REAPER_CONFIG: ReaperConfig = {
  checkIntervalMs: 60_000,
  maxPerMinute: 10_000,
  maxNeverUsedIntervalMs: 0,
};

/** Deletions are handed out in portions at least this far apart. */
const PORTION_INTERVAL_MS = 100;

export class Reaper {
  /** Paths found at the last check and not handed out yet. Bounded by the number of such nodes. */
  private candidates: string[] = [];
  private nextCheckMs: number;
  private nextPortionMs = 0;

  constructor(
    private readonly config: ReaperConfig,
    nowMs: number,
  ) {
    this.nextCheckMs = nowMs + config.checkIntervalMs;
  }

  nextMs(): number {
    return this.candidates.length > 0 ? this.nextPortionMs : this.nextCheckMs;
  }

  /**
   * The paths to be deleted now; whether they still may be is checked when their turn comes.
   *
   * @param nowMs on the monotonic clock
   * @param wallMs on the clock that made the nodes' mtimes
   */
  take(tree: DataTree, nowMs: number, wallMs: number): string[] {
    if (this.candidates.length === 0 && nowMs >= this.nextCheckMs) {
      this.nextCheckMs = nowMs + this.config.checkIntervalMs;
      this.candidates = this.find(tree, wallMs);
      this.nextPortionMs = nowMs;
    }
    if (this.candidates.length === 0 || nowMs < this.nextPortionMs) return [];
    this.nextPortionMs = nowMs + PORTION_INTERVAL_MS;
    return this.candidates.splice(
      0,
      Math.max(1, Math.floor((this.config.maxPerMinute * PORTION_INTERVAL_MS) / 60_000)),
    );
  }

  private find(tree: DataTree, wallMs: number): string[] {
    const found: string[] = [];
    for (const node of tree.owners.containers) if (this.isContainerOver(tree, node, wallMs)) found.push(node.path);
    for (const node of tree.owners.ttls) if (isTtlOver(tree, node, wallMs)) found.push(node.path);
    return found;
  }

  /** A container that was made a moment ago has had no time to get a child yet. */
  private isContainerOver(tree: DataTree, node: TreeNode, wallMs: number): boolean {
    if (node.hasChildren) return false;
    if (tree.stats.cversion(node.stat) > 0) return true;
    const { maxNeverUsedIntervalMs } = this.config;
    return maxNeverUsedIntervalMs !== 0 && wallMs - tree.stats.mtime(node.stat) > maxNeverUsedIntervalMs;
  }
}

/** Setting its data renews a node, changes of its children do not. */
function isTtlOver(tree: DataTree, node: TreeNode, wallMs: number): boolean {
  if (node.hasChildren) return false;
  const ttlMs = ttlOf(tree.stats.ephemeralOwner(node.stat)) ?? 0n;
  return ttlMs !== 0n && wallMs - tree.stats.mtime(node.stat) > Number(ttlMs);
}
