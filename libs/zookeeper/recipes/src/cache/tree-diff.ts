/** What changed between what a cache knew and what it has read. Pure. */
import type { Stat } from '@menagerie/zookeeper-protocol';

export interface CachedNode {
  readonly path: string;
  readonly data: Buffer;
  readonly stat: Stat;
}

export type CacheEvent =
  | { readonly kind: 'added'; readonly node: CachedNode }
  | { readonly kind: 'changed'; readonly node: CachedNode; readonly before: CachedNode }
  | { readonly kind: 'removed'; readonly node: CachedNode };

/**
 * A path's node as known and as read. A node that was removed and made again while nobody looked is both: those who hold
 * something by the old one must hear of its end.
 */
export function differences(before: CachedNode | null, after: CachedNode | null): readonly CacheEvent[] {
  if (before === null) return after === null ? [] : [{ kind: 'added', node: after }];
  if (after === null) return [{ kind: 'removed', node: before }];
  if (before.stat.czxid !== after.stat.czxid) {
    return [
      { kind: 'removed', node: before },
      { kind: 'added', node: after },
    ];
  }
  return before.stat.mzxid === after.stat.mzxid ? [] : [{ kind: 'changed', node: after, before }];
}

/** Whether a reading says less than what is known already: answers to two reads may be looked at in either order. */
export function isStale(known: CachedNode | null, read: CachedNode): boolean {
  return known !== null && read.stat.mzxid < known.stat.mzxid;
}
