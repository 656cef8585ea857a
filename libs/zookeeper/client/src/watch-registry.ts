/**
 * The one-shot watches which are waiting for their event, by what armed them. Source of the rules: ZKWatchManager.java.
 *
 * They live here and not in the driver because they outlive connections: on a new connection of the same session the
 * server is told about them again, and when the session ends each of them is told so.
 */
import { EventType } from '@menagerie/zookeeper-protocol';
import type { WatchEvent } from './api.js';
import type { WatchLists } from './driver.js';

/** `data`: a read of a node that is there; `exists`: of one that is not; `children`: of its list. */
export type WatchTable = 'data' | 'exists' | 'children';

/** Told the kind of event only: whoever watches knows the path by the name it used. */
export type Watcher = (type: WatchEvent['type']) => void;

const tablesByEvent: Readonly<Record<number, { readonly type: WatchEvent['type']; readonly tables: WatchTable[] }>> = {
  [EventType.NodeCreated]: { type: 'created', tables: ['data', 'exists'] },
  [EventType.NodeDataChanged]: { type: 'data-changed', tables: ['data', 'exists'] },
  [EventType.NodeDeleted]: { type: 'deleted', tables: ['data', 'exists', 'children'] },
  [EventType.NodeChildrenChanged]: { type: 'children-changed', tables: ['children'] },
};

export class WatchRegistry {
  readonly #tables: Record<WatchTable, Map<string, Set<Watcher>>> = {
    data: new Map(),
    exists: new Map(),
    children: new Map(),
  };

  /** Watches that wait: one entry a path, a table and a watcher. */
  get size(): number {
    return Object.values(this.#tables).reduce(
      (sum, table) => sum + [...table.values()].reduce((paths, watchers) => paths + watchers.size, 0),
      0,
    );
  }

  add(table: WatchTable, path: string, watcher: Watcher): void {
    const watchers = this.#tables[table].get(path);
    if (watchers === undefined) this.#tables[table].set(path, new Set([watcher]));
    else watchers.add(watcher);
  }

  /** Forgets a watcher wherever it waits on this path. The server still fires once, to nobody. */
  remove(path: string, watcher: Watcher): void {
    for (const table of Object.values(this.#tables)) {
      const watchers = table.get(path);
      if (watchers?.delete(watcher) && watchers.size === 0) table.delete(path);
    }
  }

  /** What the server has to be told on a new connection. */
  lists(): WatchLists {
    return {
      data: [...this.#tables.data.keys()],
      exists: [...this.#tables.exists.keys()],
      children: [...this.#tables.children.keys()],
    };
  }

  /** The watchers an event from the server is for, each once; they wait no longer. */
  take(
    event: EventType,
    path: string,
  ): { readonly type: WatchEvent['type']; readonly watchers: readonly Watcher[] } | null {
    const match = tablesByEvent[event];
    if (match === undefined) return null;
    const watchers = new Set<Watcher>();
    for (const table of match.tables) {
      for (const watcher of this.#tables[table].get(path) ?? []) watchers.add(watcher);
      this.#tables[table].delete(path);
    }
    return { type: match.type, watchers: [...watchers] };
  }

  /** All watchers, each once a path; nobody waits afterwards. */
  drain(): readonly Watcher[] {
    const watchers: Watcher[] = [];
    const paths = new Map<string, Set<Watcher>>();
    for (const table of Object.values(this.#tables)) {
      for (const [path, waiting] of table) paths.set(path, new Set([...(paths.get(path) ?? []), ...waiting]));
      table.clear();
    }
    for (const waiting of paths.values()) watchers.push(...waiting);
    return watchers;
  }
}
