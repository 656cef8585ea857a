/** create (1), and the order in which its faults are found. */
import { CreateMode, encodeCreateRequest, OpCode, Perms } from '@menagerie/zookeeper-protocol';
import { expect } from 'vitest';
import { createRequest, encode, ok } from '../client/client.js';
import { about, claim } from '../suite/claim.js';
import { digestAcl, expectError, jute, world, worldBut } from './support.js';

export const create = about(
  'create',
  claim('answers with the path', async ({ client, root }) => {
    expect(ok(await client.create(`${root}/a`))).toBe(`${root}/a`);
  }),
  claim('the reply zxid is at least that of the transaction', async ({ client, root }) => {
    const answer = await client.create(`${root}/a`);
    const { czxid } = ok(await client.exists(`${root}/a`));
    expect(answer.zxid).toBe(czxid);
  }),
  claim('null data and empty data are kept apart', async ({ client, root }) => {
    ok(await client.create(`${root}/null`, { data: null }));
    ok(await client.create(`${root}/empty`, { data: '' }));
    expect(ok(await client.getData(`${root}/null`)).data).toBeNull();
    expect(ok(await client.getData(`${root}/empty`)).data).toEqual(Buffer.alloc(0));
  }),
  claim('a missing parent is NoNode', async ({ client, root }) => {
    expectError(await client.create(`${root}/no/child`), 'NoNode');
  }),
  claim('an existing node is NodeExists', async ({ client, root }) => {
    ok(await client.create(`${root}/a`));
    expectError(await client.create(`${root}/a`), 'NodeExists');
  }),
  claim('the root exists', async ({ client }) => {
    expectError(await client.create('/'), 'NodeExists');
  }),
  claim('a child of an ephemeral node is NoChildrenForEphemerals', async ({ client, root }) => {
    ok(await client.create(`${root}/e`, { flags: CreateMode.ephemeral }));
    expectError(await client.create(`${root}/e/child`), 'NoChildrenForEphemerals');
  }),
  claim('an empty ACL list and none at all are InvalidACL', async ({ client, root }) => {
    expectError(await client.create(`${root}/a`, { acl: [] }), 'InvalidACL');
    expectError(await client.create(`${root}/a`, { acl: null }), 'InvalidACL');
  }),
  claim('an ACL of an unknown scheme is InvalidACL', async ({ client, root }) => {
    const acl = [{ perms: Perms.ALL, id: { scheme: 'nobody-knows', id: 'x' } }];
    expectError(await client.create(`${root}/a`, { acl }), 'InvalidACL');
  }),
  claim('world with an id other than anyone is InvalidACL', async ({ client, root }) => {
    const acl = [{ perms: Perms.ALL, id: { scheme: 'world', id: 'everyone' } }];
    expectError(await client.create(`${root}/a`, { acl }), 'InvalidACL');
  }),
  claim('the parent must grant CREATE', async ({ client, root }) => {
    ok(await client.create(`${root}/closed`, { acl: [worldBut(Perms.CREATE)] }));
    expectError(await client.create(`${root}/closed/a`), 'NoAuth');
  }),
  claim('no other permission is needed on the parent, and none on the ancestors', async ({ client, root }) => {
    ok(await client.create(`${root}/parent`));
    ok(await client.create(`${root}/parent/inner`, { acl: [world(Perms.CREATE)] }));
    ok(await client.setAcl(`${root}/parent`, [digestAcl(Perms.ALL, 'nobody', 'x')]));
    ok(await client.create(`${root}/parent/inner/a`));
  }),
  claim('flags without a meaning are BadArguments', async ({ client, root }) => {
    for (const flags of [-1, 7, 8, 255, 0x7fffffff]) {
      expectError(await client.create(`${root}/a`, { flags }), 'BadArguments');
    }
  }),
  claim('flags 4 make an ordinary node that stays', async ({ client, root }) => {
    ok(await client.create(`${root}/plain`, { flags: CreateMode.container }));
    ok(await client.create(`${root}/plain/child`));
    ok(await client.delete(`${root}/plain/child`));
    expect(ok(await client.exists(`${root}/plain`)).ephemeralOwner).toBe(0n);
  }),
  claim('flags of a TTL node without a TTL are BadArguments', async ({ client, root }) => {
    expectError(await client.create(`${root}/a`, { flags: CreateMode.persistentWithTtl }), 'BadArguments');
    expectError(await client.create(`${root}/a`, { flags: CreateMode.persistentSequentialWithTtl }), 'BadArguments');
  }),
  claim(
    'flags of a TTL node are Unimplemented where extended types are off',
    async ({ client, root }) => {
      expectError(await client.create(`${root}/a`, { flags: CreateMode.persistentWithTtl }), 'Unimplemented');
    },
    { on: ['plain'] },
  ),
  claim('flags are judged before the path', async ({ client, root }) => {
    expectError(await client.create(`${root}/no/where`, { flags: 99 }), 'BadArguments');
    expectError(await client.create('no-slash', { flags: 99 }), 'BadArguments');
  }),
  claim('the ACL is judged before the parent', async ({ client, root }) => {
    expectError(await client.create(`${root}/no/where`, { acl: [] }), 'InvalidACL');
  }),
  claim('a path without a slash is judged before the ACL', async ({ client }) => {
    expectError(await client.create('no-slash', { acl: [] }), 'BadArguments');
  }),
  claim('a path with a null character is judged before the ACL', async ({ client, root }) => {
    expectError(await client.create(`${root}/a\0b`, { acl: [] }), 'BadArguments');
  }),
  claim('other faults of a path are judged after parent and permission', async ({ client, root }) => {
    ok(await client.create(`${root}/closed`, { acl: [worldBut(Perms.CREATE)] }));
    expectError(await client.create(`${root}/closed/..`), 'NoAuth');
    expectError(await client.create(`${root}/no/..`), 'NoNode');
    expectError(await client.create(`${root}/..`), 'BadArguments');
  }),
  claim('the permission is judged before existence', async ({ client, root }) => {
    ok(await client.create(`${root}/closed`));
    ok(await client.create(`${root}/closed/a`));
    ok(await client.setAcl(`${root}/closed`, [worldBut(Perms.CREATE)]));
    expectError(await client.create(`${root}/closed/a`), 'NoAuth');
  }),
  claim('a bad path is judged before existence and before an ephemeral parent', async ({ client, root }) => {
    ok(await client.create(`${root}/e`, { flags: CreateMode.ephemeral }));
    expectError(await client.create(`${root}/e/.`), 'BadArguments');
    expectError(await client.create(`${root}/e/a`), 'NoChildrenForEphemerals');
  }),
  claim('a refused create changes nothing', async ({ client, root }) => {
    const before = ok(await client.exists(root));
    expectError(await client.create(`${root}/a`, { acl: [] }), 'InvalidACL');
    expect(ok(await client.exists(root))).toEqual(before);
  }),
  claim('a refused create still takes a zxid', async ({ client, root }) => {
    const first = await client.create(`${root}/a`);
    const refused = await client.create(`${root}/a`);
    const second = await client.create(`${root}/b`);
    expect(refused.zxid).toBe(first.zxid + 1n);
    expect(second.zxid).toBe(first.zxid + 2n);
  }),
  claim('a null path is a marshalling error and the connection goes on', async ({ client, root }) => {
    const body = jute((writer) => {
      writer.writeString(null);
      writer.writeRaw(encode(encodeCreateRequest, createRequest('')).subarray(4));
    });
    expectError(await client.request(OpCode.create, body), 'MarshallingError');
    ok(await client.exists(root));
  }),
  claim('a truncated body is a marshalling error and the connection goes on', async ({ client, root }) => {
    const whole = encode(encodeCreateRequest, createRequest(`${root}/a`, { data: 'data' }));
    for (const length of [0, 3, 4, 10, whole.length - 1]) {
      expectError(await client.request(OpCode.create, whole.subarray(0, length)), 'MarshallingError');
    }
    expectError(await client.exists(`${root}/a`), 'NoNode');
  }),
  claim('bytes behind the request are ignored', async ({ client, root }) => {
    const whole = encode(encodeCreateRequest, createRequest(`${root}/a`));
    expectError(await client.request(OpCode.create, Buffer.concat([whole, Buffer.from('more')])), 'Ok');
    ok(await client.exists(`${root}/a`));
  }),
  claim('lengths that can not be are a marshalling error', async ({ client, root }) => {
    for (const length of [-2, -2147483648, 0x7fffffff]) {
      const body = jute((writer) => {
        writer.writeString(`${root}/a`);
        writer.writeInt(length);
      });
      expectError(await client.request(OpCode.create, body), 'MarshallingError');
    }
  }),
);
