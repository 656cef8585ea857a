import { EventType } from '@menagerie/zookeeper-protocol';
import { describe, expect, it } from 'vitest';
import { WatchRegistry, type WatchTable } from './watch-registry.js';

const none = (): void => undefined;

describe('waiting watches', () => {
  it.each<[keyof typeof EventType, WatchTable[]]>([
    ['NodeCreated', ['data', 'exists']],
    ['NodeDataChanged', ['data', 'exists']],
    ['NodeDeleted', ['data', 'exists', 'children']],
    ['NodeChildrenChanged', ['children']],
  ])('%s is for those armed by %j, each once', (event, tables) => {
    const registry = new WatchRegistry();
    for (const table of ['data', 'exists', 'children'] as const) registry.add(table, '/a', () => table);
    registry.add('data', '/b', none);
    expect(registry.take(EventType[event], '/a')?.watchers.map((watcher) => watcher('created'))).toEqual(tables);
    expect(registry.take(EventType[event], '/a')?.watchers).toEqual([]);
    expect(registry.size).toBe(4 - tables.length);
  });

  it('tell one watcher of one event once, however it was armed', () => {
    const registry = new WatchRegistry();
    registry.add('data', '/a', none);
    registry.add('children', '/a', none);
    expect(registry.take(EventType.NodeDeleted, '/a')?.watchers).toEqual([none]);
  });

  it('are told to a new connection by what armed them, each path once', () => {
    const registry = new WatchRegistry();
    registry.add('data', '/a', none);
    registry.add('data', '/a', () => undefined);
    registry.add('exists', '/b', none);
    registry.add('children', '/c', none);
    registry.addPersistent('/d', false, none);
    registry.addPersistent('/e', true, none);
    const once = { data: ['/a'], exists: ['/b'], children: ['/c'] };
    expect(registry.lists()).toEqual({ ...once, persistent: ['/d'], recursive: ['/e'] });
  });

  it('are forgotten with nothing left behind', () => {
    const registry = new WatchRegistry();
    registry.add('data', '/a', none);
    registry.add('exists', '/a', none);
    registry.remove('/a', none);
    registry.remove('/a', none);
    expect(registry.lists()).toEqual({ data: [], exists: [], children: [], persistent: [], recursive: [] });
    expect(registry.size).toBe(0);
  });

  it('are drained once a path, whatever armed them', () => {
    const registry = new WatchRegistry();
    for (const path of ['/a', '/b']) for (const table of ['data', 'children'] as const) registry.add(table, path, none);
    registry.addPersistent('/a', true, none);
    expect(registry.drain()).toEqual({ watchers: [none, none], pathWatchers: [['/a', none]] });
    expect(registry.drain()).toEqual({ watchers: [], pathWatchers: [] });
  });

  it('that stay hear of their node each time, recursive ones of every node below, but of no list', () => {
    const registry = new WatchRegistry();
    const [flat, deep, root] = [() => undefined, () => undefined, () => undefined];
    registry.addPersistent('/a', false, flat);
    registry.addPersistent('/a', true, deep);
    registry.addPersistent('/', true, root);
    const told = (event: keyof typeof EventType, path: string) => registry.take(EventType[event], path)?.pathWatchers;
    expect(told('NodeDataChanged', '/a')).toEqual([flat, deep, root]);
    expect(told('NodeDataChanged', '/a')).toEqual([flat, deep, root]);
    expect(told('NodeCreated', '/a/b/c')).toEqual([deep, root]);
    expect(told('NodeCreated', '/ab')).toEqual([root]);
    // One event goes to a connection for all its watches: this was for the flat one alone (ZOOKEEPER-4475).
    expect(told('NodeChildrenChanged', '/a')).toEqual([flat]);
    registry.removePersistent('/a', true, deep);
    expect(told('NodeDeleted', '/a/b')).toEqual([root]);
    expect(registry.size).toBe(2);
  });

  it('pass over an event that they do not know', () => {
    expect(new WatchRegistry().take(EventType.PersistentWatchRemoved, '/a')).toBeNull();
  });
});
