/**
 * Who watches which path, of one of the two kinds (data or children). Source: WatchManager.java, WatcherMode.java; one
 * watcher's several modes on one path are bits of one entry, as in WatchStats.java of 3.9.
 */
import { EventType } from '@menagerie/zookeeper-protocol';

export const WatchMode = {
  /** Fires once. */
  oneShot: 1,
  persistent: 2,
  /** Stays, and fires for everything beneath too, but never for a list of children (ZOOKEEPER-4475). */
  recursive: 4,
} as const;

export type WatchMode = (typeof WatchMode)[keyof typeof WatchMode];

export class WatchTable<W> {
  /** Both directions hold the same pairs; no entry is empty. */
  private readonly byPath = new Map<string, Map<W, number>>();
  private readonly byWatcher = new Map<W, Set<string>>();
  /** Invariant: the number of pairs with the recursive bit. Parents are only looked at while it is not 0. */
  private recursiveCount = 0;
  private pairCount = 0;

  /** Pairs of path and watcher. */
  get size(): number {
    return this.pairCount;
  }

  get pathCount(): number {
    return this.byPath.size;
  }

  get watcherCount(): number {
    return this.byWatcher.size;
  }

  add(path: string, watcher: W, mode: WatchMode): void {
    let watchers = this.byPath.get(path);
    if (watchers === undefined) this.byPath.set(path, (watchers = new Map()));
    const modes = watchers.get(watcher) ?? 0;
    if ((modes & mode) !== 0) return;
    watchers.set(watcher, modes | mode);
    if (mode === WatchMode.recursive) this.recursiveCount++;
    if (modes !== 0) return;
    this.pairCount++;
    const paths = this.byWatcher.get(watcher);
    if (paths === undefined) this.byWatcher.set(watcher, new Set([path]));
    else paths.add(path);
  }

  has(path: string, watcher: W): boolean {
    return this.byPath.get(path)?.has(watcher) === true;
  }

  /** All modes of a watcher on a path. @returns whether there was one */
  remove(path: string, watcher: W): boolean {
    const modes = this.byPath.get(path)?.get(watcher);
    if (modes === undefined) return false;
    this.unlink(path, watcher, modes);
    return true;
  }

  removeWatcher(watcher: W): void {
    for (const path of [...(this.byWatcher.get(watcher) ?? [])]) this.remove(path, watcher);
  }

  clear(): void {
    this.byPath.clear();
    this.byWatcher.clear();
    this.recursiveCount = 0;
    this.pairCount = 0;
  }

  /** Who is to be told of this event; one-shot watches are gone after it. Null for nobody. */
  trigger(path: string, type: EventType): Set<W> | null {
    if (this.pairCount === 0) return null;
    let told: Set<W> | null = null;
    const watchers = this.byPath.get(path);
    if (watchers !== undefined) {
      for (const [watcher, modes] of watchers) {
        if ((modes & WatchMode.oneShot) !== 0) this.spend(path, watcher, modes);
        // A list of children is nothing to a watch that is recursive only.
        if (modes === WatchMode.recursive && type === EventType.NodeChildrenChanged) continue;
        (told ??= new Set()).add(watcher);
      }
    }
    if (this.recursiveCount === 0 || type === EventType.NodeChildrenChanged) return told;
    for (let parent = parentOf(path); parent !== null; parent = parentOf(parent)) {
      for (const [watcher, modes] of this.byPath.get(parent) ?? []) {
        if ((modes & WatchMode.recursive) !== 0) (told ??= new Set()).add(watcher);
      }
    }
    return told;
  }

  pathsByWatcher(): Iterable<[W, ReadonlySet<string>]> {
    return this.byWatcher;
  }

  *watchersByPath(): Iterable<[string, Iterable<W>]> {
    for (const [path, watchers] of this.byPath) yield [path, watchers.keys()];
  }

  private spend(path: string, watcher: W, modes: number): void {
    const left = modes & ~WatchMode.oneShot;
    if (left === 0) this.unlink(path, watcher, modes);
    else this.byPath.get(path)!.set(watcher, left);
  }

  private unlink(path: string, watcher: W, modes: number): void {
    const watchers = this.byPath.get(path)!;
    watchers.delete(watcher);
    if (watchers.size === 0) this.byPath.delete(path);
    const paths = this.byWatcher.get(watcher)!;
    paths.delete(path);
    if (paths.size === 0) this.byWatcher.delete(watcher);
    if ((modes & WatchMode.recursive) !== 0) this.recursiveCount--;
    this.pairCount--;
  }
}

function parentOf(path: string): string | null {
  if (path === '/' || path === '') return null;
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : path.slice(0, slash);
}
