/** checkWatches (17), removeWatches (18), addWatch (106). */
import { AddWatchMode, encodeAddWatchRequest, OpCode, Perms, WatcherType } from '@menagerie/zookeeper-protocol';
import { expect } from 'vitest';
import { encode, ok } from '../client/client.js';
import { about, claim } from '../suite/claim.js';
import { expectError, world } from './support.js';

const { Children, Data, Any } = WatcherType;

export const checkWatches = about(
  'checkWatches',
  claim('knows a data watch', async ({ client, root }) => {
    ok(await client.getData(root, true));
    expectError(await client.checkWatches(root, Data), 'Ok');
    expectError(await client.checkWatches(root, Any), 'Ok');
    expectError(await client.checkWatches(root, Children), 'NoWatcher');
  }),
  claim('knows a child watch', async ({ client, root }) => {
    ok(await client.getChildren(root, true));
    expectError(await client.checkWatches(root, Children), 'Ok');
    expectError(await client.checkWatches(root, Any), 'Ok');
    expectError(await client.checkWatches(root, Data), 'NoWatcher');
  }),
  claim('the watch of exists on a missing node is a data watch', async ({ client, root }) => {
    expectError(await client.exists(`${root}/a`, true), 'NoNode');
    expectError(await client.checkWatches(`${root}/a`, Data), 'Ok');
  }),
  claim('where nobody watches it is NoWatcher', async ({ client, root }) => {
    for (const type of [Children, Data, Any]) expectError(await client.checkWatches(root, type), 'NoWatcher');
    expectError(await client.checkWatches(`${root}/none`, Any), 'NoWatcher');
  }),
  claim('a watch that has fired is gone', async ({ client, root }) => {
    ok(await client.getData(root, true));
    ok(await client.setData(root, 'x'));
    expectError(await client.checkWatches(root, Any), 'NoWatcher');
  }),
  claim('a persistent watch counts as both', async ({ client, root }) => {
    ok(await client.addWatch(root, AddWatchMode.persistent));
    for (const type of [Children, Data, Any]) expectError(await client.checkWatches(root, type), 'Ok');
  }),
  claim(
    'a watch of another connection is told, too',
    async ({ client, connect, root }) => {
      const other = await connect();
      ok(await other.getData(root, true));
      expectError(await client.checkWatches(root, Data), 'Ok');
    },
    {
      deviations: {
        menagerie: {
          reason: 'a connection is told of its own watches, as in Apache 3.9',
          body: async ({ client, connect, root }) => {
            const other = await connect();
            ok(await other.getData(root, true));
            expectError(await client.checkWatches(root, Data), 'NoWatcher');
          },
        },
      },
    },
  ),
  claim('kinds it does not know are a marshalling error', async ({ client, root }) => {
    for (const type of [0, 4, 5, 9, -1]) expectError(await client.checkWatches(root, type), 'MarshallingError');
    ok(await client.exists(root));
  }),
  claim('leaves the watch as it is', async ({ client, root }) => {
    ok(await client.getData(root, true));
    ok(await client.checkWatches(root, Data));
    ok(await client.setData(root, 'x'));
    expect(await client.takeEvents()).toEqual([`NodeDataChanged ${root}`]);
  }),
  claim('a body cut short is a marshalling error', async ({ client, root }) => {
    expectError(await client.request(OpCode.checkWatches), 'MarshallingError');
    ok(await client.exists(root));
  }),
);

export const removeWatches = about(
  'removeWatches',
  claim('takes a data watch away and leaves the child watch', async ({ client, root }) => {
    ok(await client.getData(root, true));
    ok(await client.getChildren(root, true));
    expectError(await client.removeWatches(root, Data), 'Ok');
    ok(await client.setData(root, 'x'));
    ok(await client.create(`${root}/a`));
    expect(await client.takeEvents()).toEqual([`NodeChildrenChanged ${root}`]);
  }),
  claim('takes a child watch away and leaves the data watch', async ({ client, root }) => {
    ok(await client.getData(root, true));
    ok(await client.getChildren(root, true));
    expectError(await client.removeWatches(root, Children), 'Ok');
    ok(await client.create(`${root}/a`));
    ok(await client.setData(root, 'x'));
    expect(await client.takeEvents()).toEqual([`NodeDataChanged ${root}`]);
  }),
  claim('any takes both away', async ({ client, root }) => {
    ok(await client.getData(root, true));
    ok(await client.getChildren(root, true));
    expectError(await client.removeWatches(root, Any), 'Ok');
    ok(await client.create(`${root}/a`));
    ok(await client.setData(root, 'x'));
    expect(await client.takeEvents()).toEqual([]);
  }),
  claim('any takes the one that is there', async ({ client, root }) => {
    ok(await client.getData(root, true));
    expectError(await client.removeWatches(root, Any), 'Ok');
    ok(await client.getChildren(root, true));
    expectError(await client.removeWatches(root, Any), 'Ok');
  }),
  claim('nothing to take away is NoWatcher', async ({ client, root }) => {
    for (const type of [Children, Data, Any]) expectError(await client.removeWatches(root, type), 'NoWatcher');
    ok(await client.getData(root, true));
    expectError(await client.removeWatches(root, Children), 'NoWatcher');
    ok(await client.removeWatches(root, Data));
    expectError(await client.removeWatches(root, Data), 'NoWatcher');
  }),
  claim('the watches of another connection stay', async ({ client, connect, root }) => {
    const other = await connect();
    ok(await other.getData(root, true));
    expectError(await client.removeWatches(root, Data), 'NoWatcher');
    ok(await client.setData(root, 'x'));
    expect(await other.nextEvent()).toBe(`NodeDataChanged ${root}`);
  }),
  claim('takes a persistent and a recursive watch away', async ({ client, root }) => {
    for (const mode of Object.values(AddWatchMode)) {
      ok(await client.addWatch(root, mode));
      expectError(await client.removeWatches(root, Any), 'Ok');
      ok(await client.setData(root, 'x'));
      ok(await client.create(`${root}/m${mode}`));
      expect(await client.takeEvents()).toEqual([]);
    }
  }),
  claim('half of a persistent watch can be taken away', async ({ client, root }) => {
    ok(await client.addWatch(root, AddWatchMode.persistent));
    expectError(await client.removeWatches(root, Data), 'Ok');
    ok(await client.setData(root, 'x'));
    ok(await client.create(`${root}/a`));
    ok(await client.create(`${root}/b`));
    expect(await client.takeEvents()).toEqual([`NodeChildrenChanged ${root}`, `NodeChildrenChanged ${root}`]);
  }),
  claim('kinds it does not know are a marshalling error', async ({ client, root }) => {
    for (const type of [0, 4, 5, 9]) expectError(await client.removeWatches(root, type), 'MarshallingError');
    expectError(await client.request(OpCode.removeWatches), 'MarshallingError');
    ok(await client.exists(root));
  }),
);

const { persistent, persistentRecursive } = AddWatchMode;

export const addWatch = about(
  'addWatch',
  claim('answers with an error record of 0', async ({ client, root }) => {
    const body = encode(encodeAddWatchRequest, { path: root, mode: persistent });
    expect(await client.request(OpCode.addWatch, body)).toMatchObject({ error: 'Ok', body: Buffer.alloc(4) });
  }),
  claim('a persistent watch sees everything at its path, again and again', async ({ client, root }) => {
    const path = `${root}/a`;
    ok(await client.addWatch(path, persistent));
    for (let round = 0; round < 2; round++) {
      ok(await client.create(path));
      ok(await client.setData(path, 'x'));
      ok(await client.create(`${path}/b`));
      ok(await client.delete(`${path}/b`));
      ok(await client.delete(path));
      expect(await client.takeEvents()).toEqual([
        `NodeCreated ${path}`,
        `NodeDataChanged ${path}`,
        `NodeChildrenChanged ${path}`,
        `NodeChildrenChanged ${path}`,
        `NodeDeleted ${path}`,
      ]);
    }
  }),
  claim('a persistent watch does not see what happens below', async ({ client, root }) => {
    ok(await client.create(`${root}/a`));
    ok(await client.addWatch(root, persistent));
    ok(await client.setData(`${root}/a`, 'x'));
    ok(await client.create(`${root}/a/b`));
    expect(await client.takeEvents()).toEqual([]);
  }),
  claim('a recursive watch sees everything beneath but no children change', async ({ client, root }) => {
    ok(await client.addWatch(root, persistentRecursive));
    ok(await client.create(`${root}/a`));
    ok(await client.create(`${root}/a/b`));
    ok(await client.setData(`${root}/a/b`, 'x'));
    ok(await client.setData(root, 'x'));
    ok(await client.delete(`${root}/a/b`));
    ok(await client.delete(`${root}/a`));
    expect(await client.takeEvents()).toEqual([
      `NodeCreated ${root}/a`,
      `NodeCreated ${root}/a/b`,
      `NodeDataChanged ${root}/a/b`,
      `NodeDataChanged ${root}`,
      `NodeDeleted ${root}/a/b`,
      `NodeDeleted ${root}/a`,
    ]);
  }),
  claim('a recursive watch does not see a sibling with the same beginning', async ({ client, root }) => {
    ok(await client.addWatch(`${root}/a`, persistentRecursive));
    ok(await client.create(`${root}/ab`));
    expect(await client.takeEvents()).toEqual([]);
  }),
  claim('a recursive watch on the root sees the whole tree', async ({ client, root }) => {
    ok(await client.addWatch('/', persistentRecursive));
    ok(await client.create(`${root}/a`));
    expect((await client.takeEvents()).filter((event) => event.endsWith(`${root}/a`))).toEqual([
      `NodeCreated ${root}/a`,
    ]);
  }),
  claim('one event although several watches of the connection match', async ({ client, root }) => {
    ok(await client.addWatch('/', persistentRecursive));
    ok(await client.addWatch(root, persistentRecursive));
    ok(await client.getData(root, true));
    ok(await client.setData(root, 'x'));
    expect(await client.takeEvents()).toEqual([`NodeDataChanged ${root}`]);
  }),
  claim(
    'a one-shot watch on top of a persistent one takes its place',
    async ({ client, root }) => {
      ok(await client.addWatch(root, persistent));
      ok(await client.getData(root, true));
      ok(await client.setData(root, 'x'));
      ok(await client.setData(root, 'y'));
      expect(await client.takeEvents()).toEqual([`NodeDataChanged ${root}`]);
    },
    {
      deviations: {
        menagerie: {
          reason: 'watches of several kinds on one path are kept side by side, as in Apache 3.9 (ZOOKEEPER-4466)',
          body: async ({ client, root }) => {
            ok(await client.addWatch(root, persistent));
            ok(await client.getData(root, true));
            ok(await client.setData(root, 'x'));
            ok(await client.setData(root, 'y'));
            expect(await client.takeEvents()).toEqual([`NodeDataChanged ${root}`, `NodeDataChanged ${root}`]);
          },
        },
      },
    },
  ),
  claim(
    'the mode that came last counts',
    async ({ client, root }) => {
      ok(await client.addWatch(root, persistentRecursive));
      ok(await client.addWatch(root, persistent));
      ok(await client.create(`${root}/a`));
      ok(await client.setData(`${root}/a`, 'x'));
      expect(await client.takeEvents()).toEqual([`NodeChildrenChanged ${root}`]);
    },
    {
      deviations: {
        menagerie: {
          reason: 'watches of several kinds on one path are kept side by side, as in Apache 3.9 (ZOOKEEPER-4466)',
          body: async ({ client, root }) => {
            ok(await client.addWatch(root, persistentRecursive));
            ok(await client.addWatch(root, persistent));
            ok(await client.create(`${root}/a`));
            ok(await client.setData(`${root}/a`, 'x'));
            expect(await client.takeEvents()).toEqual([
              `NodeCreated ${root}/a`,
              `NodeChildrenChanged ${root}`,
              `NodeDataChanged ${root}/a`,
            ]);
          },
        },
      },
    },
  ),
  claim('a deleted node keeps its persistent watch', async ({ client, root }) => {
    ok(await client.create(`${root}/a`));
    ok(await client.addWatch(`${root}/a`, persistent));
    ok(await client.delete(`${root}/a`));
    ok(await client.create(`${root}/a`));
    expect(await client.takeEvents()).toEqual([`NodeDeleted ${root}/a`, `NodeCreated ${root}/a`]);
  }),
  claim('needs no permission and no node', async ({ client, root }) => {
    ok(await client.create(`${root}/closed`, { acl: [world(Perms.ADMIN)] }));
    ok(await client.addWatch(`${root}/closed`, persistent));
    ok(await client.addWatch(`${root}/none`, persistentRecursive));
  }),
  claim('modes it does not know are a marshalling error', async ({ client, root }) => {
    for (const mode of [2, -1, 9]) expectError(await client.addWatch(root, mode), 'MarshallingError');
    expectError(await client.request(OpCode.addWatch), 'MarshallingError');
    ok(await client.exists(root));
  }),
);
