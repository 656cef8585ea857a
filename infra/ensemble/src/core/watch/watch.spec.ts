import { AddWatchMode, EventType, READ_ACL, WatcherType } from '@menagerie/zookeeper-protocol';
import { decodeReplyHeader, decodeWatcherEvent, JuteReader } from '@menagerie/zookeeper-protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataTree } from '../tree/data-tree.js';
import { type Watcher, Watches, WatchMode, WatchTable } from './index.js';

class Recorder implements Watcher {
  readonly events: string[] = [];
  readonly refused = new Set<string>();

  deliver(frame: Buffer): void {
    const reader = new JuteReader(frame, undefined, 4);
    expect(decodeReplyHeader(reader)).toEqual({ xid: -1, zxid: -1n, err: 0 });
    const { type, state, path } = decodeWatcherEvent(reader);
    expect(state).toBe(3);
    this.events.push(`${Object.entries(EventType).find(([, value]) => value === type)![0]} ${path}`);
  }

  mayRead(): boolean {
    return !this.refused.has('all');
  }

  take(): string[] {
    return this.events.splice(0);
  }
}

function setUp(): { tree: DataTree; watches: Watches<Recorder>; me: Recorder; other: Recorder } {
  const watches = new Watches<Recorder>();
  const tree = DataTree.initial({ extendedTypes: false, observer: watches });
  return { tree, watches, me: new Recorder(), other: new Recorder() };
}

let zxid = 0n;
const create = (tree: DataTree, path: string): unknown => tree.create(path, null, null, 0n, -1, ++zxid, 0);
const set = (tree: DataTree, path: string): unknown => tree.setData(path, null, 1, ++zxid, 0);
const remove = (tree: DataTree, path: string): unknown => tree.delete(path, ++zxid);

describe('a one-shot watch', () => {
  it('on data fires once, for a creation, a change or a deletion', () => {
    const { tree, watches, me } = setUp();
    const watch = (): void => watches.data.add('/a', me, WatchMode.oneShot);
    watch();
    create(tree, '/a');
    set(tree, '/a');
    watch();
    set(tree, '/a');
    watch();
    remove(tree, '/a');
    expect(me.take()).toEqual(['NodeCreated /a', 'NodeDataChanged /a', 'NodeDeleted /a']);
    expect(watches.size).toBe(0);
  });

  it('on children fires for children that come and go, and for the end of the node', () => {
    const { tree, watches, me } = setUp();
    const watch = (): void => watches.children.add('/a', me, WatchMode.oneShot);
    create(tree, '/a');
    watch();
    create(tree, '/a/b');
    watch();
    remove(tree, '/a/b');
    watch();
    remove(tree, '/a');
    expect(me.take()).toEqual(['NodeChildrenChanged /a', 'NodeChildrenChanged /a', 'NodeDeleted /a']);
  });

  it('of both kinds tells of a deletion once, and the parent after the node', () => {
    const { tree, watches, me, other } = setUp();
    create(tree, '/a');
    for (const watcher of [me, other]) watches.data.add('/a', watcher, WatchMode.oneShot);
    watches.children.add('/a', me, WatchMode.oneShot);
    watches.children.add('/', me, WatchMode.oneShot);
    remove(tree, '/a');
    expect(me.take()).toEqual(['NodeDeleted /a', 'NodeChildrenChanged /']);
    expect(other.take()).toEqual(['NodeDeleted /a']);
  });

  it('does not fire for a change of ACL', () => {
    const { tree, watches, me } = setUp();
    create(tree, '/a');
    watches.data.add('/a', me, WatchMode.oneShot);
    tree.setAcl('/a', READ_ACL, 1);
    expect(me.take()).toEqual([]);
  });
});

describe('a persistent watch', () => {
  it('stays, and has all four events of its path only', () => {
    const { tree, watches, me } = setUp();
    watches.addPersistent('/a', me, AddWatchMode.persistent);
    for (const change of [create, set]) change(tree, '/a');
    create(tree, '/a/b');
    set(tree, '/a/b');
    remove(tree, '/a/b');
    remove(tree, '/a');
    expect(me.take()).toEqual([
      'NodeCreated /a',
      'NodeDataChanged /a',
      'NodeChildrenChanged /a',
      'NodeChildrenChanged /a',
      'NodeDeleted /a',
    ]);
  });

  it('that is recursive has what happens beneath too, but never a list of children (ZOOKEEPER-4475)', () => {
    const { tree, watches, me } = setUp();
    watches.addPersistent('/a', me, AddWatchMode.persistentRecursive);
    create(tree, '/a');
    create(tree, '/a/b');
    set(tree, '/a/b');
    remove(tree, '/a/b');
    create(tree, '/ab');
    expect(me.take()).toEqual(['NodeCreated /a', 'NodeCreated /a/b', 'NodeDataChanged /a/b', 'NodeDeleted /a/b']);
  });

  it('at the root that is recursive has everything', () => {
    const { tree, watches, me } = setUp();
    watches.addPersistent('/', me, AddWatchMode.persistentRecursive);
    create(tree, '/a');
    set(tree, '/');
    expect(me.take()).toEqual(['NodeCreated /a', 'NodeDataChanged /']);
  });

  it('survives a one-shot watch on the same path, and both together tell once', () => {
    const { tree, watches, me } = setUp();
    create(tree, '/a');
    watches.addPersistent('/a', me, AddWatchMode.persistentRecursive);
    watches.data.add('/a', me, WatchMode.oneShot);
    set(tree, '/a');
    set(tree, '/a');
    create(tree, '/a/b');
    expect(me.take()).toEqual(['NodeDataChanged /a', 'NodeDataChanged /a', 'NodeCreated /a/b']);
  });

  it('can not be of a mode that does not exist', () => {
    const { watches, me } = setUp();
    expect(watches.addPersistent('/a', me, 2)).toBe(false);
    expect(watches.size).toBe(0);
  });
});

describe('watches', () => {
  it('are not told to who may not read the node, and spent all the same (CVE-2024-23944)', () => {
    const { tree, watches, me } = setUp();
    me.refused.add('all');
    watches.data.add('/a', me, WatchMode.oneShot);
    create(tree, '/a');
    expect(me.take()).toEqual([]);
    expect(watches.size).toBe(0);
  });

  it('are found and removed by kind, and only those of the one who asks', () => {
    const { watches, me, other } = setUp();
    watches.data.add('/a', me, WatchMode.oneShot);
    watches.children.add('/a', other, WatchMode.oneShot);
    expect(watches.has('/a', WatcherType.Data, me)).toBe(true);
    expect(watches.has('/a', WatcherType.Children, me)).toBe(false);
    expect(watches.has('/a', WatcherType.Any, me)).toBe(true);
    expect(watches.has('/a', WatcherType.Persistent, me)).toBeNull();
    expect(watches.remove('/a', WatcherType.Children, me)).toBe(false);
    expect(watches.remove('/a', WatcherType.Any, me)).toBe(true);
    expect(watches.remove('/a', WatcherType.Any, me)).toBe(false);
    expect(watches.size).toBe(1);
  });

  it('of a connection that is gone are gone', () => {
    const { tree, watches, me } = setUp();
    watches.addPersistent('/', me, AddWatchMode.persistentRecursive);
    watches.data.add('/a', me, WatchMode.oneShot);
    watches.forget(me);
    expect(watches.size).toBe(0);
    create(tree, '/a');
    expect(me.take()).toEqual([]);
  });
});

describe('restoring watches after a reconnect', () => {
  const nothing = {
    dataWatches: [],
    existWatches: [],
    childWatches: [],
    persistentWatches: [],
    persistentRecursiveWatches: [],
  };

  it('tells what was missed and sets the rest (ZOOKEEPER-1412, ZOOKEEPER-1667)', () => {
    const { tree, watches, me } = setUp();
    for (const path of ['/same', '/changed', '/made', '/p', '/q']) create(tree, path);
    const relativeZxid = zxid;
    set(tree, '/changed');
    create(tree, '/p/child');
    watches.restore(me, tree, {
      ...nothing,
      relativeZxid,
      dataWatches: ['/same', '/changed', '/gone'],
      existWatches: ['/made', '/absent'],
      childWatches: ['/p', '/q', '/gone2'],
    });
    expect(me.take()).toEqual([
      'NodeDataChanged /changed',
      'NodeDeleted /gone',
      'NodeCreated /made',
      'NodeChildrenChanged /p',
      'NodeDeleted /gone2',
    ]);
    set(tree, '/same');
    create(tree, '/absent');
    create(tree, '/q/child');
    set(tree, '/changed');
    expect(me.take()).toEqual(['NodeDataChanged /same', 'NodeCreated /absent', 'NodeChildrenChanged /q']);
  });

  it('sets persistent watches without a word about what they missed', () => {
    const { tree, watches, me } = setUp();
    create(tree, '/a');
    watches.restore(me, tree, {
      ...nothing,
      relativeZxid: 0n,
      persistentWatches: ['/a'],
      persistentRecursiveWatches: ['/b'],
    });
    expect(me.take()).toEqual([]);
    set(tree, '/a');
    create(tree, '/b');
    create(tree, '/b/c');
    expect(me.take()).toEqual(['NodeDataChanged /a', 'NodeCreated /b', 'NodeCreated /b/c']);
  });
});

describe('the watch table', () => {
  it('keeps its counts right through any use', () => {
    const path = fc.constantFrom('/', '/a', '/a/b', '/c');
    const step = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), path, who: fc.nat(2), mode: fc.constantFrom(1, 2, 4) }),
      fc.record({
        kind: fc.constantFrom('remove' as const, 'forget' as const, 'trigger' as const),
        path,
        who: fc.nat(2),
      }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const table = new WatchTable<number>();
        for (const one of steps) {
          if (one.kind === 'add') table.add(one.path, one.who, one.mode as WatchMode);
          else if (one.kind === 'remove') table.remove(one.path, one.who);
          else if (one.kind === 'forget') table.removeWatcher(one.who);
          else table.trigger(one.path, EventType.NodeDataChanged);
        }
        const pairs = [...table.watchersByPath()].flatMap(([at, watchers]) =>
          [...watchers].map((who) => `${who} ${at}`),
        );
        const mirrored = [...table.pathsByWatcher()].flatMap(([who, paths]) => [...paths].map((at) => `${who} ${at}`));
        expect(pairs.sort()).toEqual(mirrored.sort());
        expect(table.size).toBe(pairs.length);
        for (const who of [0, 1, 2]) table.removeWatcher(who);
        expect([table.size, table.pathCount, table.watcherCount]).toEqual([0, 0, 0]);
        expect(table.trigger('/a/b', EventType.NodeDeleted)).toBeNull();
      }),
    );
  });
});
