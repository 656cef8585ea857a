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
    expect(registry.lists()).toEqual({ data: ['/a'], exists: ['/b'], children: ['/c'] });
  });

  it('are forgotten with nothing left behind', () => {
    const registry = new WatchRegistry();
    registry.add('data', '/a', none);
    registry.add('exists', '/a', none);
    registry.remove('/a', none);
    registry.remove('/a', none);
    expect(registry.lists()).toEqual({ data: [], exists: [], children: [] });
    expect(registry.size).toBe(0);
  });

  it('are drained once a path, whatever armed them', () => {
    const registry = new WatchRegistry();
    for (const path of ['/a', '/b']) for (const table of ['data', 'children'] as const) registry.add(table, path, none);
    expect(registry.drain()).toEqual([none, none]);
    expect(registry.drain()).toEqual([]);
  });

  it('pass over an event that they do not know', () => {
    expect(new WatchRegistry().take(EventType.PersistentWatchRemoved, '/a')).toBeNull();
  });
});
