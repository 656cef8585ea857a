/** createTTL (21): nodes that go when nobody writes to them. */
import { CreateMode, encodeCreateRequest, MAX_TTL_MS, OpCode } from '@menagerie/zookeeper-protocol';
import { expect } from 'vitest';
import { createRequest, encode, ok } from '../client/client.js';
import { until } from '../net/waiting.js';
import { about, claim } from '../suite/claim.js';
import { expectError } from './support.js';

const LONG_MS = 3_600_000n;
const SHORT_MS = 50n;

export const createTtl = about(
  'createTtl',
  claim('answers with path and stat; the owner is shown as 0', async ({ client, root }) => {
    const { path, stat } = ok(await client.createTtl(`${root}/t`, LONG_MS, { data: 'x' }));
    expect(path).toBe(`${root}/t`);
    expect(stat).toMatchObject({ ephemeralOwner: 0n, version: 0, dataLength: 1 });
    expect(stat).toEqual(ok(await client.exists(`${root}/t`)));
  }),
  claim('with flags 6 it is sequential', async ({ client, root }) => {
    const flags = CreateMode.persistentSequentialWithTtl;
    expect(ok(await client.createTtl(`${root}/t-`, LONG_MS, { flags })).path).toBe(`${root}/t-0000000000`);
  }),
  claim('goes after its time', async ({ client, root }) => {
    ok(await client.createTtl(`${root}/t`, SHORT_MS));
    const gone = await client.exists(`${root}/t`, true);
    if (gone.error === 'Ok') expect(await client.nextEvent()).toBe(`NodeDeleted ${root}/t`);
    expectError(await client.exists(`${root}/t`), 'NoNode');
  }),
  claim('stays while it has children, and goes when the last has gone', async ({ client, root }) => {
    ok(await client.createTtl(`${root}/parent`, SHORT_MS, { data: 'x' }));
    const child = await client.create(`${root}/parent/child`);
    // On a slow machine the node may be gone before it gets its child: then there is nothing to see here.
    if (child.error === 'NoNode') return;
    ok(await client.createTtl(`${root}/other`, SHORT_MS));
    await until('another TTL node to go', async () => (await client.exists(`${root}/other`)).error === 'NoNode');
    ok(await client.exists(`${root}/parent`, true));
    ok(await client.delete(`${root}/parent/child`));
    expect(await client.nextEvent()).toBe(`NodeDeleted ${root}/parent`);
  }),
  claim('a TTL of 0, a negative one and one over 40 bits are BadArguments', async ({ client, root }) => {
    for (const ttlMs of [0n, -1n, MAX_TTL_MS + 1n, -(1n << 63n)]) {
      expectError(await client.createTtl(`${root}/t`, ttlMs), 'BadArguments');
    }
    ok(await client.createTtl(`${root}/t`, MAX_TTL_MS));
  }),
  claim('a TTL with flags of another kind of node is BadArguments', async ({ client, root }) => {
    for (const flags of [CreateMode.persistent, CreateMode.ephemeral, CreateMode.persistentSequential]) {
      expectError(await client.createTtl(`${root}/t`, LONG_MS, { flags }), 'BadArguments');
    }
    expectError(await client.createTtl(`${root}/t`, 0n, { flags: CreateMode.persistent }), 'BadArguments');
  }),
  claim(
    'is Unimplemented where extended types are off, and the connection goes on',
    async ({ client, root }) => {
      expectError(await client.createTtl(`${root}/t`, LONG_MS), 'Unimplemented');
      expectError(await client.createTtl(`${root}/no/t`, 0n), 'Unimplemented');
      ok(await client.exists(root));
    },
    { on: ['plain'] },
  ),
  claim('fails as create does', async ({ client, root }) => {
    ok(await client.createTtl(`${root}/t`, LONG_MS));
    expectError(await client.createTtl(`${root}/t`, LONG_MS), 'NodeExists');
    expectError(await client.createTtl(`${root}/no/t`, LONG_MS), 'NoNode');
    expectError(await client.createTtl(`${root}/x`, LONG_MS, { acl: [] }), 'InvalidACL');
    expectError(await client.createTtl(`${root}/x`, LONG_MS, { flags: 7 }), 'BadArguments');
  }),
  claim('a request without the TTL is a marshalling error', async ({ client, root }) => {
    const body = encode(encodeCreateRequest, createRequest(`${root}/t`, { flags: CreateMode.persistentWithTtl }));
    expectError(await client.request(OpCode.createTtl, body), 'MarshallingError');
  }),
);
