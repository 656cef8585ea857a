/** The numbers a server appends to sequential nodes. */
import { CreateMode } from '@menagerie/zookeeper-protocol';
import { expect } from 'vitest';
import { ok } from '../client/client.js';
import { about, claim } from '../suite/claim.js';
import { expectError } from './support.js';

const flags = CreateMode.persistentSequential;

export const sequence = about(
  'sequence',
  claim('ten digits, from 0 on', async ({ client, root }) => {
    for (const number of ['0000000000', '0000000001', '0000000002']) {
      expect(ok(await client.create(`${root}/n-`, { flags }))).toBe(`${root}/n-${number}`);
    }
  }),
  claim('one counter for all prefixes and kinds', async ({ client, root }) => {
    expect(ok(await client.create(`${root}/a`, { flags }))).toBe(`${root}/a0000000000`);
    expect(ok(await client.create(`${root}/b`, { flags: CreateMode.ephemeralSequential }))).toBe(`${root}/b0000000001`);
    expect(ok(await client.create(`${root}/a`, { flags }))).toBe(`${root}/a0000000002`);
  }),
  claim('ordinary children count, too', async ({ client, root }) => {
    ok(await client.create(`${root}/x`));
    ok(await client.create(`${root}/y`));
    expect(ok(await client.create(`${root}/n`, { flags }))).toBe(`${root}/n0000000002`);
  }),
  claim('deletions do not count', async ({ client, root }) => {
    ok(await client.create(`${root}/x`));
    ok(await client.delete(`${root}/x`));
    expect(ok(await client.create(`${root}/n`, { flags }))).toBe(`${root}/n0000000001`);
    ok(await client.delete(`${root}/n0000000001`));
    expect(ok(await client.create(`${root}/n`, { flags }))).toBe(`${root}/n0000000002`);
  }),
  claim('a refused create does not count', async ({ client, root }) => {
    expectError(await client.create(`${root}/n`, { flags, acl: [] }), 'InvalidACL');
    expect(ok(await client.create(`${root}/n`, { flags }))).toBe(`${root}/n0000000000`);
  }),
  claim('a number that is taken is NodeExists and stays the next one', async ({ client, root }) => {
    ok(await client.create(`${root}/n0000000001`));
    expectError(await client.create(`${root}/n`, { flags }), 'NodeExists');
    expectError(await client.create(`${root}/n`, { flags }), 'NodeExists');
    ok(await client.create(`${root}/other`));
    expect(ok(await client.create(`${root}/n`, { flags }))).toBe(`${root}/n0000000002`);
  }),
  claim('a parent that comes back starts at 0', async ({ client, root }) => {
    ok(await client.create(`${root}/p`));
    ok(await client.create(`${root}/p/n`, { flags }));
    ok(await client.delete(`${root}/p/n0000000000`));
    ok(await client.delete(`${root}/p`));
    ok(await client.create(`${root}/p`));
    expect(ok(await client.create(`${root}/p/n`, { flags }))).toBe(`${root}/p/n0000000000`);
  }),
  claim('requests in flight get different numbers', async ({ client, connect, root }) => {
    const other = await connect();
    const creates = Array.from({ length: 50 }, (_none, index) =>
      (index % 2 === 0 ? client : other).create(`${root}/n`, { flags }),
    );
    const names = (await Promise.all(creates)).map(ok);
    expect(new Set(names).size).toBe(50);
    expect(names.filter((_name, index) => index % 2 === 0)).toEqual(
      names.filter((_name, index) => index % 2 === 0).sort(),
    );
  }),
  claim('the answer names the node, which is there', async ({ client, root }) => {
    const path = ok(await client.create(`${root}/n-`, { flags, data: 'mine' }));
    expect(ok(await client.getData(path)).data?.toString()).toBe('mine');
  }),
);
