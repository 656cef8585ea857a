/** Watches across operations: who is told, once or again, in which order. */
import { AddWatchMode, CreateMode, OPEN_ACL, OpCode, Perms } from '@menagerie/zookeeper-protocol';
import { expect } from 'vitest';
import { type Client, ok } from '../client/client.js';
import { about, claim } from '../suite/claim.js';
import { digestAcl, expectError, worldBut } from './support.js';

/** The kinds of the last messages, replies as 'reply'. */
const lastKinds = (client: Client, count: number): string[] =>
  client.transcript.slice(-count).map((message) => (message.kind === 'event' ? message.type : 'reply'));

export const watches = about(
  'watches',
  claim('an event comes before the answer of the write that caused it', async ({ client, root }) => {
    ok(await client.getData(root, true));
    ok(await client.setData(root, 'x'));
    expect(lastKinds(client, 2)).toEqual(['NodeDataChanged', 'reply']);
  }),
  claim('an event comes before the answer of a read that sees the change', async ({ client, connect, root }) => {
    const reader = await connect();
    ok(await reader.getData(root, true));
    const write = client.setData(root, 'new');
    for (;;) {
      const { data } = ok(await reader.getData(root));
      const told = reader.transcript.some(({ kind }) => kind === 'event');
      if (data?.toString() === 'new') {
        expect(told).toBe(true);
        break;
      }
    }
    ok(await write);
  }),
  claim('a node made: Created on it, then ChildrenChanged on the parent', async ({ client, root }) => {
    expectError(await client.exists(`${root}/a`, true), 'NoNode');
    ok(await client.getChildren(root, true));
    ok(await client.create(`${root}/a`));
    expect(await client.takeEvents()).toEqual([`NodeCreated ${root}/a`, `NodeChildrenChanged ${root}`]);
  }),
  claim('a node deleted: Deleted once, then ChildrenChanged on the parent', async ({ client, root }) => {
    ok(await client.create(`${root}/a`));
    ok(await client.getData(`${root}/a`, true));
    ok(await client.getChildren(`${root}/a`, true));
    ok(await client.getChildren(root, true));
    ok(await client.delete(`${root}/a`));
    expect(await client.takeEvents()).toEqual([`NodeDeleted ${root}/a`, `NodeChildrenChanged ${root}`]);
  }),
  claim('data and child watch of one path fire apart', async ({ client, root }) => {
    ok(await client.getData(root, true));
    ok(await client.getChildren(root, true));
    ok(await client.setData(root, 'x'));
    ok(await client.create(`${root}/a`));
    expect(await client.takeEvents()).toEqual([`NodeDataChanged ${root}`, `NodeChildrenChanged ${root}`]);
  }),
  claim('exists and getData share one watch', async ({ client, root }) => {
    ok(await client.exists(root, true));
    ok(await client.getData(root, true));
    ok(await client.setData(root, 'x'));
    ok(await client.setData(root, 'y'));
    expect(await client.takeEvents()).toEqual([`NodeDataChanged ${root}`]);
  }),
  claim('every connection is told for itself', async ({ client, connect, root }) => {
    const others = [await connect(), await connect()];
    for (const other of others) ok(await other.getData(root, true));
    ok(await client.setData(root, 'x'));
    for (const other of others) expect(await other.nextEvent()).toBe(`NodeDataChanged ${root}`);
    expect(await client.takeEvents()).toEqual([]);
  }),
  claim('a watch that has fired can be set again', async ({ client, root }) => {
    for (let round = 0; round < 3; round++) {
      ok(await client.getData(root, true));
      ok(await client.setData(root, 'x'));
      expect(await client.takeEvents()).toEqual([`NodeDataChanged ${root}`]);
    }
  }),
  claim('the watch of a deleted node is gone, the watch on a missing node is kept', async ({ client, root }) => {
    ok(await client.create(`${root}/a`));
    ok(await client.getData(`${root}/a`, true));
    ok(await client.delete(`${root}/a`));
    ok(await client.create(`${root}/a`));
    expect(await client.takeEvents()).toEqual([`NodeDeleted ${root}/a`]);
    ok(await client.delete(`${root}/a`));
    expectError(await client.exists(`${root}/a`, true), 'NoNode');
    ok(await client.create(`${root}/a`));
    expect(await client.takeEvents()).toEqual([`NodeCreated ${root}/a`]);
  }),
  claim('refused writes fire nothing', async ({ client, root }) => {
    ok(await client.getData(root, true));
    ok(await client.getChildren(root, true));
    expectError(await client.setData(root, 'x', 9), 'BadVersion');
    expectError(await client.create(`${root}/a`, { acl: [] }), 'InvalidACL');
    expectError(await client.delete(`${root}/a`), 'NoNode');
    expect(await client.takeEvents()).toEqual([]);
  }),
  claim('the parent of a node made under the root is told under its name /', async ({ client, root }) => {
    ok(await client.getChildren('/', true));
    const path = `${root}-sibling`;
    ok(await client.create(path));
    expect(await client.nextEvent()).toBe('NodeChildrenChanged /');
    ok(await client.delete(path));
  }),
  claim('a watch set by another session on another server fires there', async ({ client, connect, servers, root }) => {
    for (const server of servers) {
      const watcher = await connect({}, server);
      ok(await watcher.sync('/'));
      ok(await watcher.getData(root, true));
      ok(await client.setData(root, 'x'));
      expect(await watcher.nextEvent()).toBe(`NodeDataChanged ${root}`);
    }
  }),
  claim('one write, one event a watcher, however many requests asked', async ({ client, root }) => {
    const body = Buffer.concat([Buffer.from([0, 0, 0, root.length]), Buffer.from(root), Buffer.from([1])]);
    await Promise.all(client.requestAll(Array.from({ length: 20 }, () => ({ type: OpCode.getData, body }))));
    ok(await client.setData(root, 'x'));
    expect(await client.takeEvents()).toEqual([`NodeDataChanged ${root}`]);
  }),
  claim(
    'an expired session fires the watches on its nodes',
    async ({ client, connect, root }) => {
      const owner = await connect({ timeoutMs: 1 });
      ok(await owner.create(`${root}/e`, { flags: CreateMode.ephemeral }));
      ok(await client.getChildren(root, true));
      ok(await client.getData(`${root}/e`, true));
      expect(await client.nextEvents(2)).toEqual([`NodeDeleted ${root}/e`, `NodeChildrenChanged ${root}`]);
    },
    { racesTheClock: true },
  ),
  claim(
    'who may not read the node any more is not told, and the watch is used up',
    async ({ client, connect, root }) => {
      const watcher = await connect();
      ok(await watcher.getData(root, true));
      ok(await client.auth('digest', 'ann:a'));
      ok(await client.setAcl(root, [digestAcl(Perms.ALL, 'ann', 'a')]));
      ok(await client.setData(root, 'secret'));
      expect(await watcher.takeEvents()).toEqual([]);
      ok(await client.setAcl(root, OPEN_ACL));
      ok(await client.setData(root, 'open'));
      expect(await watcher.takeEvents()).toEqual([]);
    },
  ),
  claim('a persistent watch tells again as soon as the node may be read', async ({ client, root }) => {
    ok(await client.create(`${root}/a`, { acl: [worldBut(Perms.READ)] }));
    ok(await client.addWatch(root, AddWatchMode.persistentRecursive));
    ok(await client.setData(`${root}/a`, 'x'));
    expect(await client.takeEvents()).toEqual([]);
    ok(await client.setAcl(`${root}/a`, OPEN_ACL));
    ok(await client.setData(`${root}/a`, 'y'));
    expect(await client.takeEvents()).toEqual([`NodeDataChanged ${root}/a`]);
  }),
  claim(
    'the ACL of a deleted node decides who hears of it',
    async ({ client, root }) => {
      ok(await client.create(`${root}/a`, { acl: [worldBut(Perms.READ)] }));
      ok(await client.exists(`${root}/a`, true));
      ok(await client.delete(`${root}/a`));
      expect(await client.takeEvents()).toEqual([]);
    },
    {
      deviations: {
        menagerie: {
          reason: 'what somebody may not read is not shown, as in Apache 3.8.4 (ZOOKEEPER-2590)',
          body: async ({ client, root }) => {
            ok(await client.create(`${root}/a`, { acl: [worldBut(Perms.READ)] }));
            expectError(await client.exists(`${root}/a`, true), 'NoAuth');
            ok(await client.delete(`${root}/a`));
            expect(await client.takeEvents()).toEqual([]);
          },
        },
      },
    },
  ),
  claim('the ACL of a new node decides who hears of it', async ({ client, root }) => {
    expectError(await client.exists(`${root}/a`, true), 'NoNode');
    ok(await client.create(`${root}/a`, { acl: [worldBut(Perms.READ)] }));
    expect(await client.takeEvents()).toEqual([]);
  }),
  claim('the ACL of the parent decides who hears of its children', async ({ client, root }) => {
    ok(await client.create(`${root}/open`));
    ok(await client.getChildren(`${root}/open`, true));
    ok(await client.create(`${root}/open/closed`, { acl: [worldBut(Perms.READ)] }));
    expect(await client.takeEvents()).toEqual([`NodeChildrenChanged ${root}/open`]);
    ok(await client.getChildren(`${root}/open`, true));
    ok(await client.setAcl(`${root}/open`, [worldBut(Perms.READ)]));
    ok(await client.create(`${root}/open/more`));
    expect(await client.takeEvents()).toEqual([]);
  }),
  claim(
    'an identity that came after the watch counts',
    async ({ client, connect, root }) => {
      const owner = await connect();
      ok(await owner.auth('digest', 'ann:a'));
      ok(await owner.create(`${root}/a`, { acl: [digestAcl(Perms.ALL, 'ann', 'a')] }));
      ok(await client.exists(`${root}/a`, true));
      ok(await client.auth('digest', 'ann:a'));
      ok(await owner.setData(`${root}/a`, 'x'));
      expect(await client.takeEvents()).toEqual([`NodeDataChanged ${root}/a`]);
    },
    {
      deviations: {
        menagerie: {
          reason: 'what somebody may not read is not shown, as in Apache 3.8.4 (ZOOKEEPER-2590)',
          body: async ({ client, connect, root }) => {
            const owner = await connect();
            ok(await owner.auth('digest', 'ann:a'));
            expectError(await client.exists(`${root}/a`, true), 'NoNode');
            ok(await client.auth('digest', 'ann:a'));
            ok(await owner.create(`${root}/a`, { acl: [digestAcl(Perms.ALL, 'ann', 'a')] }));
            expect(await client.takeEvents()).toEqual([`NodeCreated ${root}/a`]);
          },
        },
      },
    },
  ),
  claim(
    'setWatches asks for no permission in what it tells at once',
    async ({ client, root }) => {
      ok(await client.create(`${root}/closed`, { acl: [worldBut(Perms.READ)] }));
      ok(await client.setWatches({ relativeZxid: 0n, dataWatches: [`${root}/closed`] }));
      expect(await client.takeEvents()).toEqual([`NodeDataChanged ${root}/closed`]);
    },
    {
      deviations: {
        menagerie: {
          reason: 'what somebody may not read is not shown, as in Apache 3.8.4 (ZOOKEEPER-2590)',
          body: async ({ client, root }) => {
            ok(await client.create(`${root}/closed`, { acl: [worldBut(Perms.READ)] }));
            ok(await client.setWatches({ relativeZxid: 0n, dataWatches: [`${root}/closed`] }));
            expect(await client.takeEvents()).toEqual([]);
          },
        },
      },
    },
  ),
);
