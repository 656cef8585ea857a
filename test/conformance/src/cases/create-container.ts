/** createContainer (19), and what becomes of containers. */
import { CreateMode } from '@menagerie/zookeeper-protocol';
import { expect } from 'vitest';
import { ok } from '../client/client.js';
import { until } from '../net/waiting.js';
import { about, claim } from '../suite/claim.js';
import { expectError } from './support.js';

export const createContainer = about(
  'createContainer',
  claim('answers with path and stat; the owner is shown as 0', async ({ client, root }) => {
    const { path, stat } = ok(await client.createContainer(`${root}/c`));
    expect(path).toBe(`${root}/c`);
    expect(stat).toMatchObject({ ephemeralOwner: 0n, version: 0, numChildren: 0 });
    expect(stat).toEqual(ok(await client.exists(`${root}/c`)));
  }),
  claim('goes when its last child goes', async ({ client, root }) => {
    ok(await client.createContainer(`${root}/c`));
    ok(await client.create(`${root}/c/child`));
    ok(await client.exists(`${root}/c`, true));
    ok(await client.delete(`${root}/c/child`));
    expect(await client.nextEvent()).toBe(`NodeDeleted ${root}/c`);
    expectError(await client.exists(`${root}/c`), 'NoNode');
  }),
  claim('stays as long as it has a child, and as long as it never had one', async ({ client, root }) => {
    ok(await client.createContainer(`${root}/used`));
    ok(await client.create(`${root}/used/child`));
    ok(await client.createContainer(`${root}/unused`));
    ok(await client.createContainer(`${root}/reaped`));
    ok(await client.create(`${root}/reaped/child`));
    ok(await client.delete(`${root}/reaped/child`));
    // The reaper has been here.
    await until('the third container to go', async () => (await client.exists(`${root}/reaped`)).error === 'NoNode');
    ok(await client.exists(`${root}/used`));
    ok(await client.exists(`${root}/unused`));
  }),
  claim('ephemeral children count', async ({ client, connect, root }) => {
    ok(await client.createContainer(`${root}/c`));
    const other = await connect();
    ok(await other.create(`${root}/c/e`, { flags: CreateMode.ephemeral }));
    ok(await client.exists(`${root}/c`, true));
    await other.closeSession();
    expect(await client.nextEvent()).toBe(`NodeDeleted ${root}/c`);
  }),
  claim('the parent of a reaped container sees a child go', async ({ client, root }) => {
    ok(await client.createContainer(`${root}/c`));
    ok(await client.create(`${root}/c/child`));
    const before = ok(await client.getChildren2(root, true)).stat;
    ok(await client.delete(`${root}/c/child`));
    expect(await client.nextEvent()).toBe(`NodeChildrenChanged ${root}`);
    const after = ok(await client.exists(root));
    expect(after).toMatchObject({ numChildren: 0, cversion: before.cversion + 1 });
    expect(after.pzxid).toBeGreaterThan(before.pzxid);
  }),
  claim('flags say whether it is sequential or ephemeral, but not that it is a container', async ({ client, root }) => {
    const plain = ok(await client.createContainer(`${root}/p`, { flags: CreateMode.persistent }));
    expect(plain.path).toBe(`${root}/p`);
    const sequential = ok(await client.createContainer(`${root}/s-`, { flags: CreateMode.persistentSequential }));
    expect(sequential.path).toBe(`${root}/s-0000000001`);
  }),
  claim('fails as create does', async ({ client, root }) => {
    ok(await client.createContainer(`${root}/c`));
    expectError(await client.createContainer(`${root}/c`), 'NodeExists');
    expectError(await client.createContainer(`${root}/no/c`), 'NoNode');
    expectError(await client.createContainer(`${root}/x`, { acl: [] }), 'InvalidACL');
    expectError(await client.createContainer(`${root}/x`, { flags: 7 }), 'BadArguments');
  }),
);
