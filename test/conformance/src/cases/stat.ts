/** The eleven numbers of a stat, and what moves each. */
import { CreateMode, OPEN_ACL, type Stat } from '@menagerie/zookeeper-protocol';
import { expect } from 'vitest';
import { type Client, ok } from '../client/client.js';
import { about, claim } from '../suite/claim.js';

const statOf = async (client: Client, path: string): Promise<Stat> => ok(await client.exists(path));

export const stat = about(
  'stat',
  claim('a new node', async ({ client, root }) => {
    const { zxid } = await client.create(`${root}/a`, { data: 'abc' });
    const made = await statOf(client, `${root}/a`);
    expect(made).toEqual({
      czxid: zxid,
      mzxid: zxid,
      pzxid: zxid,
      ctime: made.mtime,
      mtime: made.mtime,
      version: 0,
      cversion: 0,
      aversion: 0,
      ephemeralOwner: 0n,
      dataLength: 3,
      numChildren: 0,
    });
    expect(Math.abs(made.ctime - Date.now())).toBeLessThan(60_000);
  }),
  claim('a child created: cversion, numChildren and pzxid of the parent, nothing else', async ({ client, root }) => {
    const before = await statOf(client, root);
    const { zxid } = await client.create(`${root}/a`);
    expect(await statOf(client, root)).toEqual({ ...before, cversion: 1, numChildren: 1, pzxid: zxid });
  }),
  claim('a child deleted: cversion goes up once more, numChildren down', async ({ client, root }) => {
    const before = await statOf(client, root);
    ok(await client.create(`${root}/a`));
    const { zxid } = await client.delete(`${root}/a`);
    expect(await statOf(client, root)).toEqual({ ...before, cversion: 2, numChildren: 0, pzxid: zxid });
  }),
  claim('cversion counts creations and deletions of children', async ({ client, root }) => {
    for (const name of ['a', 'b', 'c']) ok(await client.create(`${root}/${name}`));
    expect(await statOf(client, root)).toMatchObject({ cversion: 3, numChildren: 3 });
    for (const name of ['a', 'b']) ok(await client.delete(`${root}/${name}`));
    expect(await statOf(client, root)).toMatchObject({ cversion: 5, numChildren: 1 });
    ok(await client.create(`${root}/a`));
    expect(await statOf(client, root)).toMatchObject({ cversion: 6, numChildren: 2 });
  }),
  claim('a grandchild moves nothing', async ({ client, root }) => {
    ok(await client.create(`${root}/a`));
    const before = await statOf(client, root);
    ok(await client.create(`${root}/a/b`));
    expect(await statOf(client, root)).toEqual(before);
  }),
  claim('data written: version, mzxid, mtime, dataLength', async ({ client, root }) => {
    const before = await statOf(client, root);
    const { zxid } = await client.setData(root, 'abcdef');
    const after = await statOf(client, root);
    expect(after).toEqual({ ...before, version: 1, mzxid: zxid, mtime: after.mtime, dataLength: 6 });
  }),
  claim('ACL written: aversion', async ({ client, root }) => {
    const before = await statOf(client, root);
    ok(await client.setAcl(root, OPEN_ACL));
    expect(await statOf(client, root)).toEqual({ ...before, aversion: 1 });
  }),
  claim('a node that comes back starts again', async ({ client, root }) => {
    ok(await client.create(`${root}/a`));
    ok(await client.setData(`${root}/a`, 'x'));
    ok(await client.create(`${root}/a/b`));
    ok(await client.delete(`${root}/a/b`));
    ok(await client.delete(`${root}/a`));
    const { zxid } = await client.create(`${root}/a`);
    expect(await statOf(client, `${root}/a`)).toMatchObject({ czxid: zxid, version: 0, cversion: 0, pzxid: zxid });
  }),
  claim('an ephemeral node that goes with its session counts as a deletion', async ({ client, connect, root }) => {
    const other = await connect();
    ok(await other.create(`${root}/e`, { flags: CreateMode.ephemeral }));
    const { zxid } = await other.closeSession();
    expect(await statOf(client, root)).toMatchObject({ cversion: 2, numChildren: 0, pzxid: zxid });
  }),
  claim('times are those of the leader and go with the transaction', async ({ client, connect, servers, root }) => {
    const { mtime } = ok(await client.setData(root, 'x'));
    for (const server of servers) {
      const there = await connect({}, server);
      ok(await there.sync('/'));
      expect((await statOf(there, root)).mtime).toBe(mtime);
    }
  }),
  claim('every server shows the same stat', async ({ client, connect, servers, root }) => {
    for (const name of ['a', 'b']) ok(await client.create(`${root}/${name}`));
    ok(await client.delete(`${root}/a`));
    const here = await statOf(client, root);
    for (const server of servers) {
      const there = await connect({}, server);
      ok(await there.sync('/'));
      expect(await statOf(there, root)).toEqual(here);
    }
  }),
);
