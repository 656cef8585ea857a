/**
 * A local copy of a whole subtree. Source: Curator's TreeCache.
 * For trees of at most some thousands of nodes: each node is kept in memory.
 */
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';
import { join } from '../support/names.js';
import { Cache, type CacheOptions } from './cache.js';
import type { CachedNode } from './tree-diff.js';

const DEFAULT_DEPTH = 32;

export interface TreeCacheOptions extends CacheOptions {
  /** Levels below the root that are followed; default 32. */
  readonly maxDepth?: number;
}

export class TreeCache extends Cache {
  constructor(
    client: ZooKeeperClient,
    readonly path: string,
    options: TreeCacheOptions = {},
  ) {
    super(client, options, { root: path, hasRoot: true, depth: options.maxDepth ?? DEFAULT_DEPTH });
  }

  /** The node at a path, `null` when there is none (or none is known yet). */
  get(path: string): CachedNode | null {
    return this.at(path);
  }

  /** Names of a node's children. */
  childrenOf(path: string): readonly string[] {
    const prefix = join(path, '');
    const below = [...this.copy.nodes.keys()].filter((each) => each.startsWith(prefix) && each !== path);
    return below
      .map((each) => each.slice(prefix.length))
      .filter((name) => !name.includes('/'))
      .sort();
  }

  get size(): number {
    return this.copy.nodes.size;
  }
}
