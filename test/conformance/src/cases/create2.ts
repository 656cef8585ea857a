/** create2 (15): create that also tells the stat. */
import { CreateMode, OpCode } from '@menagerie/zookeeper-protocol';
import { expect } from 'vitest';
import { ok } from '../client/client.js';
import { about, claim } from '../suite/claim.js';
import { expectError } from './support.js';

export const create2 = about(
  'create2',
  claim('answers with the path and the stat of the new node', async ({ client, root }) => {
    const { path, stat } = ok(await client.create2(`${root}/a`, { data: 'four' }));
    expect(path).toBe(`${root}/a`);
    expect(stat).toEqual(ok(await client.exists(`${root}/a`)));
    expect(stat).toMatchObject({ version: 0, cversion: 0, aversion: 0, dataLength: 4, numChildren: 0 });
    expect(stat).toMatchObject({ mzxid: stat.czxid, pzxid: stat.czxid, mtime: stat.ctime, ephemeralOwner: 0n });
  }),
  claim('the reply of a sequential create carries the number', async ({ client, root }) => {
    const { path } = ok(await client.create2(`${root}/s-`, { flags: CreateMode.persistentSequential }));
    expect(path).toBe(`${root}/s-0000000000`);
  }),
  claim('an ephemeral node names its session', async ({ client, root }) => {
    const { stat } = ok(await client.create2(`${root}/e`, { flags: CreateMode.ephemeral }));
    expect(stat.ephemeralOwner).toBe(client.sessionId);
  }),
  claim('fails as create does', async ({ client, root }) => {
    ok(await client.create2(`${root}/a`));
    expectError(await client.create2(`${root}/a`), 'NodeExists');
    expectError(await client.create2(`${root}/no/a`), 'NoNode');
    expectError(await client.create2(`${root}/b`, { acl: [] }), 'InvalidACL');
    expectError(await client.create2(`${root}/b`, { flags: 9 }), 'BadArguments');
    expectError(await client.create2(`${root}/b\u0001`), 'BadArguments');
    expectError(await client.request(OpCode.create2, Buffer.alloc(2)), 'MarshallingError');
  }),
);
