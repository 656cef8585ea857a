/**
 * The watches of this session, by what armed them. Source of the rules: ZKWatchManager.java, with ZOOKEEPER-4475.
 *
 * They live here and not in the driver because they outlive connections: on a new connection of the same session the
 * server is told about them again, and when the session ends each of them is told so.
 */
import { EventType } from '@menagerie/zookeeper-protocol';
import type { WatchEvent } from './api.js';
import type { WatchLists } from './driver.js';

/** `data`: a read of a node that is there; `exists`: of one that is not; `children`: of its list. All told once. */
export type WatchTable = 'data' | 'exists' | 'children';

/** Told the kind of event only: whoever watches knows the path by the name it used. */
export type Watcher = (type: WatchEvent['type']) => void;

/** Of a watch that stays; told the absolute path as well, which for a recursive one may be of any node below. */
export type PathWatcher = (type: WatchEvent['type'], path: string) => void;

/** Whom an event is for. */
export interface Notification {
  readonly type: WatchEvent['type'];
  readonly watchers: readonly Watcher[];
  readonly pathWatchers: readonly PathWatcher[];
}

const tablesByEvent: Readonly<Record<number, { readonly type: WatchEvent['type']; readonly tables: WatchTable[] }>> = {
  [EventType.NodeCreated]: { type: 'created', tables: ['data', 'exists'] },
  [EventType.NodeDataChanged]: { type: 'data-changed', tables: ['data', 'exists'] },
  [EventType.NodeDeleted]: { type: 'deleted', tables: ['data', 'exists', 'children'] },
  [EventType.NodeChildrenChanged]: { type: 'children-changed', tables: ['children'] },
};

export class WatchRegistry {
  readonly #tables: Record<WatchTable, SetsByPath<Watcher>> = {
    data: new SetsByPath(),
    exists: new SetsByPath(),
    children: new SetsByPath(),
  };
  readonly #persistent = new SetsByPath<PathWatcher>();
  readonly #recursive = new SetsByPath<PathWatcher>();

  /** Watches that wait: one entry a path, a table and a watcher. */
  get size(): number {
    return [...Object.values(this.#tables), this.#persistent, this.#recursive].reduce((sum, { size }) => sum + size, 0);
  }

  add(table: WatchTable, path: string, watcher: Watcher): void {
    this.#tables[table].add(path, watcher);
  }

  addPersistent(path: string, recursive: boolean, watcher: PathWatcher): void {
    (recursive ? this.#recursive : this.#persistent).add(path, watcher);
  }

  /** Forgets a watcher wherever it waits on this path. The server still fires once, to nobody. */
  remove(path: string, watcher: Watcher): void {
    for (const table of Object.values(this.#tables)) table.remove(path, watcher);
  }

  removePersistent(path: string, recursive: boolean, watcher: PathWatcher): void {
    (recursive ? this.#recursive : this.#persistent).remove(path, watcher);
  }

  /** Whether nothing at all watches this very path, so that the server may forget everything it knows of it. */
  isUnwatched(path: string): boolean {
    return [...Object.values(this.#tables), this.#persistent, this.#recursive].every((sets) => !sets.has(path));
  }

  hasPersistent(path: string, recursive: boolean): boolean {
    return (recursive ? this.#recursive : this.#persistent).has(path);
  }

  /** What the server has to be told on a new connection. */
  lists(): WatchLists {
    return {
      data: this.#tables.data.paths,
      exists: this.#tables.exists.paths,
      children: this.#tables.children.paths,
      persistent: this.#persistent.paths,
      recursive: this.#recursive.paths,
    };
  }

  /** Whom an event from the server is for, each once; those of one-shot watches wait no longer. */
  take(event: EventType, path: string): Notification | null {
    const match = tablesByEvent[event];
    if (match === undefined) return null;
    const watchers = new Set<Watcher>();
    for (const table of match.tables) for (const watcher of this.#tables[table].take(path)) watchers.add(watcher);
    const pathWatchers = new Set(this.#persistent.at(path));
    // A server sends one event for all watches of a connection: this one was for somebody else's watch on the list.
    if (match.type !== 'children-changed' && this.#recursive.size > 0) {
      for (const at of selfAndAbove(path)) for (const watcher of this.#recursive.at(at)) pathWatchers.add(watcher);
    }
    return { type: match.type, watchers: [...watchers], pathWatchers: [...pathWatchers] };
  }

  /** All watchers, each once a path; nobody waits afterwards. */
  drain(): Pick<Notification, 'watchers'> & { readonly pathWatchers: readonly (readonly [string, PathWatcher])[] } {
    const paths = new Map<string, Set<Watcher>>();
    for (const table of Object.values(this.#tables)) {
      for (const [path, waiting] of table.drain()) paths.set(path, new Set([...(paths.get(path) ?? []), ...waiting]));
    }
    const persistent = [...this.#persistent.drain(), ...this.#recursive.drain()];
    return {
      watchers: [...paths.values()].flatMap((waiting) => [...waiting]),
      pathWatchers: persistent.flatMap(([path, waiting]) => [...waiting].map((watcher) => [path, watcher] as const)),
    };
  }
}

/** Invariant: no set is empty; `size` is the sum of their sizes. */
class SetsByPath<W> {
  readonly #sets = new Map<string, Set<W>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get paths(): readonly string[] {
    return [...this.#sets.keys()];
  }

  has(path: string): boolean {
    return this.#sets.has(path);
  }

  at(path: string): Iterable<W> {
    return this.#sets.get(path) ?? [];
  }

  add(path: string, watcher: W): void {
    const set = this.#sets.get(path) ?? new Set<W>();
    this.#sets.set(path, set);
    if (set.has(watcher)) return;
    set.add(watcher);
    this.#size++;
  }

  remove(path: string, watcher: W): void {
    const set = this.#sets.get(path);
    if (set?.delete(watcher) !== true) return;
    this.#size--;
    if (set.size === 0) this.#sets.delete(path);
  }

  take(path: string): Iterable<W> {
    const set = this.#sets.get(path);
    if (set === undefined) return [];
    this.#sets.delete(path);
    this.#size -= set.size;
    return set;
  }

  drain(): readonly (readonly [string, ReadonlySet<W>])[] {
    const all = [...this.#sets];
    this.#sets.clear();
    this.#size = 0;
    return all;
  }
}

function* selfAndAbove(path: string): Iterable<string> {
  for (let at = path; at.length > 1; at = at.slice(0, Math.max(1, at.lastIndexOf('/')))) yield at;
  yield '/';
}
