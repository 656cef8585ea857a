/** Nodes that live as long as a session. */
import { CreateMode, OpCode } from '@menagerie/zookeeper-protocol';
import { expect } from 'vitest';
import { createRequest, ok } from '../client/client.js';
import { about, claim } from '../suite/claim.js';
import { expectError } from './support.js';

const flags = CreateMode.ephemeral;

export const ephemerals = about(
  'ephemerals',
  claim('belong to the session that made them', async ({ client, root }) => {
    ok(await client.create(`${root}/e`, { flags }));
    expect(ok(await client.exists(`${root}/e`)).ephemeralOwner).toBe(client.sessionId);
  }),
  claim('anyone may write or delete them', async ({ client, connect, root }) => {
    const other = await connect();
    ok(await client.create(`${root}/e`, { flags }));
    expect(ok(await other.setData(`${root}/e`, 'x')).ephemeralOwner).toBe(client.sessionId);
    ok(await other.delete(`${root}/e`));
    expectError(await client.exists(`${root}/e`), 'NoNode');
  }),
  claim(
    'one that was replaced by another session stays when the first session ends',
    async ({ client, connect, root }) => {
      const first = await connect();
      ok(await first.create(`${root}/e`, { flags }));
      ok(await client.delete(`${root}/e`));
      ok(await client.create(`${root}/e`, { flags }));
      await first.closeSession();
      ok(await client.exists(`${root}/e`));
    },
  ),
  claim('go in one transaction, each with its own events', async ({ client, connect, root }) => {
    const owner = await connect();
    ok(await client.create(`${root}/p`));
    for (const path of [`${root}/p/a`, `${root}/p/b`, `${root}/c`]) ok(await owner.create(path, { flags }));
    for (const path of [`${root}/p/a`, `${root}/p/b`, `${root}/c`]) ok(await client.exists(path, true));
    ok(await client.getChildren(`${root}/p`, true));
    const { zxid } = await owner.closeSession();
    const events = await client.nextEvents(4);
    expect([...events].sort()).toEqual([
      `NodeChildrenChanged ${root}/p`,
      `NodeDeleted ${root}/c`,
      `NodeDeleted ${root}/p/a`,
      `NodeDeleted ${root}/p/b`,
    ]);
    expect(ok(await client.exists(`${root}/p`)).pzxid).toBe(zxid);
    expect(ok(await client.exists(root)).pzxid).toBe(zxid);
  }),
  claim('made in a multi, they go with the session', async ({ client, connect, root }) => {
    const owner = await connect();
    const request = createRequest(`${root}/e`, { flags });
    ok(await owner.multi([{ type: OpCode.create, request }]));
    await owner.closeSession();
    expectError(await client.exists(`${root}/e`), 'NoNode');
  }),
  claim('a create that was sent before the close is undone by it', async ({ client, connect, root }) => {
    const owner = await connect();
    const made = owner.create(`${root}/e`, { flags });
    await owner.closeSession();
    ok(await made);
    expectError(await client.exists(`${root}/e`), 'NoNode');
  }),
  claim('a persistent node may lie beside them and stays', async ({ client, connect, root }) => {
    const owner = await connect();
    ok(await owner.create(`${root}/e`, { flags }));
    ok(await owner.create(`${root}/p`));
    await owner.closeSession();
    expect(ok(await client.getChildren(root))).toEqual(['p']);
  }),
);
