/** A local copy of a node's children, with their data, that follows them. Source: Curator's PathChildrenCache. */
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';
import { join } from '../support/names.js';
import { Cache, type CacheOptions } from './cache.js';
import type { CachedNode } from './tree-diff.js';

export class ChildrenCache extends Cache {
  constructor(
    client: ZooKeeperClient,
    readonly path: string,
    options: CacheOptions = {},
  ) {
    super(client, options, { root: path, hasRoot: false, depth: 1 });
  }

  /** By name, sorted. */
  get children(): ReadonlyMap<string, CachedNode> {
    const prefix = join(this.path, '');
    return new Map([...this.copy.nodes].sort(byPath).map(([path, node]) => [path.slice(prefix.length), node]));
  }
}

const byPath = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : 1);
