/**
 * A local copy of a whole subtree. Source: Curator's TreeCache.
 * For trees of at most some thousands of nodes: each node is kept in memory and costs two watches.
 */
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';
import { join } from '../support/names.js';
import { Cache, type CacheOptions } from './cache.js';
import type { CachedNode } from './tree-diff.js';

export interface TreeCacheOptions extends CacheOptions {
  /** Levels below the root that are followed; default 32. */
  readonly maxDepth?: number;
}

export class TreeCache extends Cache {
  private readonly maxDepth: number;

  constructor(
    client: ZooKeeperClient,
    readonly path: string,
    options: TreeCacheOptions = {},
  ) {
    super(client, options);
    this.maxDepth = options.maxDepth ?? 32;
  }

  /** The node at a path, `null` when there is none (or none is known yet). */
  get(path: string): CachedNode | null {
    return this.at(path);
  }

  /** Names of a node's children. */
  childrenOf(path: string): readonly string[] {
    const prefix = join(path, '');
    const below = [...this.nodes.keys()].filter((each) => each.startsWith(prefix) && each !== path);
    return below
      .map((each) => each.slice(prefix.length))
      .filter((name) => !name.includes('/'))
      .sort();
  }

  get size(): number {
    return this.nodes.size;
  }

  protected override roots(): void {
    this.followTree(this.path, 0);
  }

  private followTree(path: string, depth: number): void {
    this.followData(path);
    if (depth < this.maxDepth) this.followChildren(path, (child) => this.followTree(child, depth + 1));
  }
}
