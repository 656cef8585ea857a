/**
 * All watches of one server, and what fires them. An event goes out before the answer to anything that could see the
 * change, because the change itself sends it. Source: DataTree.java (the places that trigger, setWatches, addWatch).
 *
 * Nobody is told of a node that they may not read (ZOOKEEPER-4799, CVE-2024-23944): a watch needs no permission to be set.
 */
import {
  AddWatchMode,
  encodeWatcherEvent,
  EventType,
  JuteWriter,
  KeeperState,
  type SetWatches2Request,
  WatcherType,
  Xid,
} from '@menagerie/zookeeper-protocol';
import { Summary } from '../meters/index.js';
import type { AclEntry } from '../tree/acl-table.js';
import type { DataTree, TreeObserver } from '../tree/data-tree.js';
import type { TreeNode } from '../tree/tree-node.js';
import { WatchMode, WatchTable } from './watch-table.js';

/** A connection, as far as watches know it. */
export interface Watcher {
  /** @param frame a complete event, which other watchers may get too */
  deliver(frame: Buffer): void;
  mayRead(acl: AclEntry): boolean;
}

/** What 3.8 says in an event's header; from 3.9 on it is the zxid of the change (ZOOKEEPER-4655). */
const EVENT_ZXID = -1n;

/** How many were told, each time anybody was. */
export class WatchMeters {
  readonly created = new Summary();
  readonly deleted = new Summary();
  readonly changed = new Summary();
  readonly children = new Summary();
}

export class Watches<W extends Watcher> implements TreeObserver {
  readonly data = new WatchTable<W>();
  readonly children = new WatchTable<W>();
  readonly meters = new WatchMeters();
  private readonly writer = new JuteWriter();

  /** As Apache counts: a persistent watch is in both tables. */
  get size(): number {
    return this.data.size + this.children.size;
  }

  created(node: TreeNode): void {
    this.tell(this.data.trigger(node.path, EventType.NodeCreated), EventType.NodeCreated, node, null);
  }

  /** One connection hears of a deletion once, whatever kinds of watch it had. */
  deleted(node: TreeNode): void {
    const type = EventType.NodeDeleted;
    const told = this.data.trigger(node.path, type);
    this.tell(told, type, node, null);
    this.tell(this.children.trigger(node.path, type), type, node, told);
  }

  dataChanged(node: TreeNode): void {
    this.tell(this.data.trigger(node.path, EventType.NodeDataChanged), EventType.NodeDataChanged, node, null);
  }

  childrenChanged(parent: TreeNode): void {
    const type = EventType.NodeChildrenChanged;
    this.tell(this.children.trigger(parent.path, type), type, parent, null);
  }

  /** @returns false for a mode that does not exist */
  addPersistent(path: string, watcher: W, mode: number): boolean {
    if (mode !== AddWatchMode.persistent && mode !== AddWatchMode.persistentRecursive) return false;
    const bit = mode === AddWatchMode.persistent ? WatchMode.persistent : WatchMode.recursive;
    this.data.add(path, watcher, bit);
    this.children.add(path, watcher, bit);
    return true;
  }

  /** @returns whether this watcher has one of that type; null for a type that 3.8 does not know */
  has(path: string, type: number, watcher: W): boolean | null {
    const tables = this.tablesOf(type);
    return tables === null ? null : tables.some((table) => table.has(path, watcher));
  }

  /** @returns whether there was one; null for a type that 3.8 does not know */
  remove(path: string, type: number, watcher: W): boolean | null {
    const tables = this.tablesOf(type);
    return tables === null ? null : tables.map((table) => table.remove(path, watcher)).includes(true);
  }

  /**
   * A client that comes back says what it watched and what it has seen. What changed since is told now and not watched.
   * Persistent watches do not learn what they missed.
   */
  restore(watcher: W, tree: DataTree, request: SetWatches2Request): void {
    const { relativeZxid } = request;
    for (const path of request.dataWatches) {
      const node = tree.get(path);
      if (node === undefined) this.tellOne(watcher, EventType.NodeDeleted, path, null);
      else if (tree.stats.mzxid(node.stat) > relativeZxid) this.tellOne(watcher, EventType.NodeDataChanged, path, node);
      else this.data.add(path, watcher, WatchMode.oneShot);
    }
    for (const path of request.existWatches) {
      const node = tree.get(path);
      if (node !== undefined) this.tellOne(watcher, EventType.NodeCreated, path, node);
      else this.data.add(path, watcher, WatchMode.oneShot);
    }
    for (const path of request.childWatches) {
      const node = tree.get(path);
      if (node === undefined) this.tellOne(watcher, EventType.NodeDeleted, path, null);
      else if (tree.stats.pzxid(node.stat) > relativeZxid)
        this.tellOne(watcher, EventType.NodeChildrenChanged, path, node);
      else this.children.add(path, watcher, WatchMode.oneShot);
    }
    for (const path of request.persistentWatches) this.addPersistent(path, watcher, AddWatchMode.persistent);
    for (const path of request.persistentRecursiveWatches) {
      this.addPersistent(path, watcher, AddWatchMode.persistentRecursive);
    }
  }

  forget(watcher: W): void {
    this.data.removeWatcher(watcher);
    this.children.removeWatcher(watcher);
  }

  clear(): void {
    this.data.clear();
    this.children.clear();
  }

  private tablesOf(type: number): WatchTable<W>[] | null {
    if (type === WatcherType.Children) return [this.children];
    if (type === WatcherType.Data) return [this.data];
    return type === WatcherType.Any ? [this.children, this.data] : null;
  }

  private tell(watchers: Set<W> | null, type: EventType, node: TreeNode, except: Set<W> | null): void {
    if (watchers === null) return;
    this.meterOf(type).add(watchers.size);
    const frame = this.frame(type, node.path);
    for (const watcher of watchers) {
      if (except?.has(watcher) === true || !watcher.mayRead(node.acl)) continue;
      watcher.deliver(frame);
    }
  }

  private meterOf(type: EventType): Summary {
    if (type === EventType.NodeCreated) return this.meters.created;
    if (type === EventType.NodeDeleted) return this.meters.deleted;
    return type === EventType.NodeDataChanged ? this.meters.changed : this.meters.children;
  }

  private tellOne(watcher: W, type: EventType, path: string, node: TreeNode | null): void {
    if (node === null || watcher.mayRead(node.acl)) watcher.deliver(this.frame(type, path));
  }

  private frame(type: EventType, path: string): Buffer {
    const { writer } = this;
    const mark = writer.beginFrame();
    writer.writeInt(Xid.watch);
    writer.writeLong(EVENT_ZXID);
    writer.writeInt(0);
    encodeWatcherEvent(writer, { type, state: KeeperState.SyncConnected, path });
    writer.endFrame(mark);
    return writer.toBuffer();
  }
}
