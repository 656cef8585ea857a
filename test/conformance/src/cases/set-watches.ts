/** setWatches (101) and setWatches2 (105): a client comes back and asks for what it has missed. */
import { OpCode, Xid } from '@menagerie/zookeeper-protocol';
import { expect } from 'vitest';
import { type Client, ok } from '../client/client.js';
import { about, type Claim, claim } from '../suite/claim.js';
import { expectError, jute } from './support.js';

interface Lists {
  readonly relativeZxid: bigint;
  readonly dataWatches?: string[];
  readonly existWatches?: string[];
  readonly childWatches?: string[];
}
type Send = (client: Client, lists: Lists) => Promise<{ error: string }>;

const seenSoFar = async (client: Client): Promise<bigint> => (await client.ping()).zxid;

export const setWatches = about(
  'setWatches',
  ...claimsFor(OpCode.setWatches, (client, lists) => client.setWatches(lists)),
);

export const setWatches2 = about(
  'setWatches2',
  ...claimsFor(OpCode.setWatches2, (client, lists) => client.setWatches2(lists)),
  claim(
    'persistent watches come back, without what they missed',
    async ({ client, root }) => {
      const relativeZxid = await seenSoFar(client);
      ok(await client.setData(root, 'missed'));
      ok(await client.create(`${root}/missed`));
      ok(await client.setWatches2({ relativeZxid, persistentWatches: [root], persistentRecursiveWatches: [root] }));
      expect(await client.takeEvents()).toEqual([]);
      ok(await client.setData(root, 'seen'));
      ok(await client.create(`${root}/seen`));
      expect(await client.takeEvents()).toEqual([`NodeDataChanged ${root}`, `NodeCreated ${root}/seen`]);
    },
    {
      deviations: {
        menagerie: {
          reason: 'watches of several kinds on one path are kept side by side, as in Apache 3.9 (ZOOKEEPER-4466)',
          body: async ({ client, root }) => {
            const relativeZxid = await seenSoFar(client);
            ok(await client.setData(root, 'missed'));
            ok(
              await client.setWatches2({ relativeZxid, persistentWatches: [root], persistentRecursiveWatches: [root] }),
            );
            expect(await client.takeEvents()).toEqual([]);
            ok(await client.create(`${root}/seen`));
            expect(await client.takeEvents()).toEqual([`NodeCreated ${root}/seen`, `NodeChildrenChanged ${root}`]);
          },
        },
      },
    },
  ),
  claim('a persistent watch alone sees children change', async ({ client, root }) => {
    ok(await client.setWatches2({ relativeZxid: await seenSoFar(client), persistentWatches: [root] }));
    for (const name of ['a', 'b']) ok(await client.create(`${root}/${name}`));
    expect(await client.takeEvents()).toEqual([`NodeChildrenChanged ${root}`, `NodeChildrenChanged ${root}`]);
  }),
  claim('a body of the older operation is a marshalling error', async ({ client, root }) => {
    const body = jute((writer) => {
      writer.writeLong(0n);
      for (let list = 0; list < 3; list++) writer.writeInt(0);
    });
    expectError(await client.request(OpCode.setWatches2, body), 'MarshallingError');
    ok(await client.exists(root));
  }),
);

function claimsFor(opcode: number, send: Send): Claim[] {
  return [
    claim('data: what changed is told now, what did not is watched', async ({ client, root }) => {
      ok(await client.create(`${root}/same`));
      ok(await client.create(`${root}/changed`));
      const relativeZxid = await seenSoFar(client);
      ok(await client.setData(`${root}/changed`, 'x'));
      const dataWatches = [`${root}/same`, `${root}/changed`, `${root}/gone`];
      expectError(await send(client, { relativeZxid, dataWatches }), 'Ok');
      expect(await client.takeEvents()).toEqual([`NodeDataChanged ${root}/changed`, `NodeDeleted ${root}/gone`]);
      ok(await client.setData(`${root}/same`, 'x'));
      ok(await client.setData(`${root}/changed`, 'y'));
      expect(await client.takeEvents()).toEqual([`NodeDataChanged ${root}/same`]);
    }),
    claim('exist: what is there is told as created, what is not is watched', async ({ client, root }) => {
      ok(await client.create(`${root}/there`));
      const relativeZxid = await seenSoFar(client);
      expectError(await send(client, { relativeZxid, existWatches: [`${root}/there`, `${root}/absent`] }), 'Ok');
      expect(await client.takeEvents()).toEqual([`NodeCreated ${root}/there`]);
      ok(await client.create(`${root}/absent`));
      expect(await client.takeEvents()).toEqual([`NodeCreated ${root}/absent`]);
    }),
    claim('child: a list that changed is told now, one that did not is watched', async ({ client, root }) => {
      for (const name of ['same', 'grown', 'shrunk', 'shrunk/x']) ok(await client.create(`${root}/${name}`));
      const relativeZxid = await seenSoFar(client);
      ok(await client.create(`${root}/grown/x`));
      ok(await client.delete(`${root}/shrunk/x`));
      ok(await client.setData(`${root}/same`, 'x'));
      const childWatches = ['same', 'grown', 'shrunk', 'gone'].map((name) => `${root}/${name}`);
      expectError(await send(client, { relativeZxid, childWatches }), 'Ok');
      expect(await client.takeEvents()).toEqual([
        `NodeChildrenChanged ${root}/grown`,
        `NodeChildrenChanged ${root}/shrunk`,
        `NodeDeleted ${root}/gone`,
      ]);
      ok(await client.create(`${root}/same/x`));
      expect(await client.takeEvents()).toEqual([`NodeChildrenChanged ${root}/same`]);
    }),
    claim('a node that went and came back is told as changed', async ({ client, root }) => {
      ok(await client.create(`${root}/a`));
      const relativeZxid = await seenSoFar(client);
      ok(await client.delete(`${root}/a`));
      ok(await client.create(`${root}/a`));
      ok(await client.setWatches({ relativeZxid, dataWatches: [`${root}/a`] }));
      expect(await client.takeEvents()).toEqual([`NodeDataChanged ${root}/a`]);
    }),
    claim('a change at exactly the zxid seen is not told', async ({ client, root }) => {
      const { mzxid } = ok(await client.setData(root, 'x'));
      await send(client, { relativeZxid: mzxid, dataWatches: [root] });
      await send(client, { relativeZxid: mzxid - 1n, childWatches: [root] });
      expect(await client.takeEvents()).toEqual([]);
      await send(client, { relativeZxid: mzxid - 1n, dataWatches: [root] });
      expect(await client.takeEvents()).toEqual([`NodeDataChanged ${root}`]);
    }),
    claim('the events come before the answer', async ({ client, root }) => {
      await send(client, { relativeZxid: 0n, dataWatches: [root], existWatches: [root], childWatches: [`${root}/x`] });
      const arrived = client.transcript.slice(-4).map((message) => (message.kind === 'event' ? message.type : 'reply'));
      expect(arrived).toEqual(['NodeDataChanged', 'NodeCreated', 'NodeDeleted', 'reply']);
    }),
    claim('watches of the connection before are found again on the next', async ({ client, connect, root }) => {
      const before = await connect();
      ok(await before.getData(root, true));
      const relativeZxid = await seenSoFar(before);
      before.crash();
      const after = await connect(before.credentials);
      ok(await client.setData(root, 'x'));
      await after.sync('/');
      expect(await after.takeEvents()).toEqual([]);
      await send(after, { relativeZxid, dataWatches: [root] });
      expect(await after.takeEvents()).toEqual([`NodeDataChanged ${root}`]);
    }),
    claim('the xid of the C client, -8, is just a number', async ({ client }) => {
      const body = jute((writer) => {
        writer.writeLong(0n);
        for (let list = 0; list < 5; list++) writer.writeInt(0);
      });
      expect(await client.request(opcode, body, Xid.setWatches)).toMatchObject({ xid: Xid.setWatches, error: 'Ok' });
    }),
    claim('bodies cut short are a marshalling error', async ({ client, root }) => {
      expectError(await client.request(opcode), 'MarshallingError');
      expectError(await client.request(opcode, Buffer.alloc(8)), 'MarshallingError');
      ok(await client.exists(root));
    }),
    claim('null lists are a marshalling error', async ({ client, root }) => {
      const body = jute((writer) => {
        writer.writeLong(0n);
        for (let list = 0; list < 5; list++) writer.writeInt(-1);
      });
      expectError(await client.request(opcode, body), 'MarshallingError');
      ok(await client.exists(root));
    }),
  ];
}
