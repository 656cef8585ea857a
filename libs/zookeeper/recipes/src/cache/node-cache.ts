/**
 * A local copy of one node that follows it. Source: Curator's NodeCache.
 * Suspended: the copy may be old, `isFresh` says so. After a reconnect, and in a new session, it is read again and only
 * what differs is told.
 */
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';
import { Cache, type CacheOptions } from './cache.js';
import type { CachedNode } from './tree-diff.js';

export class NodeCache extends Cache {
  constructor(
    client: ZooKeeperClient,
    readonly path: string,
    options: CacheOptions = {},
  ) {
    super(client, options, { root: path, hasRoot: true, depth: 0 });
  }

  get current(): CachedNode | null {
    return this.at(this.path);
  }
}
