/**
 * What one session watches, and the rules about it: each watch fires once, before anything shows the change it waits for,
 * and none is lost while the client goes from one server to another.
 */
import { EventType } from '@menagerie/zookeeper-protocol';
import type { TreeModel } from '../checkers/tree-model.js';
import { hexZxid } from '../checkers/zxids.js';
import { Violation } from '../engine/violation.js';

/** `exists` is a watch on a node that was not there. */
export type WatchKind = 'data' | 'exists' | 'children';

interface Watch {
  readonly kind: WatchKind;
  readonly path: string;
  /** The state that the client was shown when it was set. */
  since: number;
}

export interface WatchedPaths {
  readonly data: readonly string[];
  readonly exists: readonly string[];
  readonly children: readonly string[];
}

const fires: Readonly<Record<number, readonly WatchKind[]>> = {
  [EventType.NodeCreated]: ['exists'],
  [EventType.NodeDeleted]: ['data', 'children'],
  [EventType.NodeDataChanged]: ['data'],
  [EventType.NodeChildrenChanged]: ['children'],
};

export class WatchBook {
  private readonly watches = new Map<string, Watch>();
  /** A path watched in two ways when it was restored: its deletion may be told twice, as Apache does. */
  private readonly toldTwice = new Set<string>();

  constructor(
    private readonly client: string,
    private readonly tree: TreeModel,
  ) {}

  get size(): number {
    return this.watches.size;
  }

  set(kind: WatchKind, path: string, since: number): void {
    const key = `${kind} ${path}`;
    if (!this.watches.has(key)) this.watches.set(key, { kind, path, since });
  }

  clear(): void {
    this.watches.clear();
    this.toldTwice.clear();
  }

  paths(): WatchedPaths {
    const of = (kind: WatchKind) =>
      [...this.watches.values()].filter((one) => one.kind === kind).map(({ path }) => path);
    return { data: of('data'), exists: of('exists'), children: of('children') };
  }

  restoring(): void {
    for (const { kind, path } of this.watches.values()) {
      if (kind === 'children' && this.watches.has(`data ${path}`)) this.toldTwice.add(path);
    }
  }

  /**
   * The answer to setWatches, which shows the state at `zxid`. A node that came and went while nobody watched is not told
   * of: the client only learns that it is not there.
   */
  restored(zxid: number): void {
    for (const watch of this.watches.values()) {
      if (watch.kind !== 'exists') continue;
      if ((this.tree.node(watch.path)?.at(zxid) ?? null) !== null) throw this.lost(watch, zxid, zxid);
      watch.since = zxid;
    }
  }

  fired(type: number, path: string): void {
    let spent = 0;
    for (const kind of fires[type] ?? []) if (this.watches.delete(`${kind} ${path}`)) spent++;
    if (spent > 0) return;
    if (type === EventType.NodeDeleted && this.toldTwice.delete(path)) return;
    throw new Violation(
      'a watch fires once',
      `${this.client} was told of event ${type} on ${path}, and watches nothing there`,
    );
  }

  /** The client is shown the state at `zxid`: what changed up to there must have been told. */
  shown(zxid: number): void {
    if (this.watches.size === 0) return;
    for (const watch of this.watches.values()) {
      const { kind, path, since } = watch;
      let change = this.tree.node(path)?.firstChange(since, zxid) ?? null;
      if (kind === 'children') {
        const deleted = change !== null && this.tree.node(path)?.at(change) === null ? change : null;
        change = this.tree.childrenOf(path)?.firstChange(since, zxid) ?? deleted;
      }
      if (change !== null) throw this.lost(watch, change, zxid);
    }
  }

  private lost({ kind, path, since }: Watch, change: number, zxid: number): Violation {
    return new Violation(
      'a watch fires before the change is seen',
      `${this.client} watches ${path} (${kind}) since ${hexZxid(since)}, it changed at ${hexZxid(change)}, and ${hexZxid(zxid)} is shown`,
    );
  }
}
