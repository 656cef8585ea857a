/** delete (2). */
import { encodeDeleteRequest, OpCode, Perms } from '@menagerie/zookeeper-protocol';
import { expect } from 'vitest';
import { encode, ok } from '../client/client.js';
import { about, claim } from '../suite/claim.js';
import { expectError, jute, worldBut } from './support.js';

const ALWAYS_THERE = ['/', '/zookeeper', '/zookeeper/quota', '/zookeeper/config'];

export const deleteNode = about(
  'delete',
  claim('answers with a header only', async ({ client, root }) => {
    ok(await client.create(`${root}/a`));
    const reply = await client.request(OpCode.delete, encode(encodeDeleteRequest, { path: `${root}/a`, version: -1 }));
    expectError(reply, 'Ok');
    expect(reply.body).toHaveLength(0);
    expectError(await client.exists(`${root}/a`), 'NoNode');
  }),
  claim('takes the right version and refuses a wrong one', async ({ client, root }) => {
    ok(await client.create(`${root}/a`));
    ok(await client.setData(`${root}/a`, 'x'));
    expectError(await client.delete(`${root}/a`, 0), 'BadVersion');
    expectError(await client.delete(`${root}/a`, 2), 'BadVersion');
    expectError(await client.delete(`${root}/a`, -2), 'BadVersion');
    expectError(await client.delete(`${root}/a`, 1), 'Ok');
  }),
  claim('a missing node is NoNode, below a missing parent too', async ({ client, root }) => {
    expectError(await client.delete(`${root}/a`), 'NoNode');
    expectError(await client.delete(`${root}/no/a`), 'NoNode');
  }),
  claim('a node with children is NotEmpty', async ({ client, root }) => {
    ok(await client.create(`${root}/a`));
    ok(await client.create(`${root}/a/b`));
    expectError(await client.delete(`${root}/a`), 'NotEmpty');
  }),
  claim('a wrong version is found before children', async ({ client, root }) => {
    ok(await client.create(`${root}/a`));
    ok(await client.create(`${root}/a/b`));
    expectError(await client.delete(`${root}/a`, 7), 'BadVersion');
  }),
  claim('the parent must grant DELETE, whatever the node itself says', async ({ client, root }) => {
    ok(await client.create(`${root}/closed`));
    ok(await client.create(`${root}/closed/a`));
    ok(await client.setAcl(`${root}/closed`, [worldBut(Perms.DELETE)]));
    expectError(await client.delete(`${root}/closed/a`), 'NoAuth');
    expectError(await client.delete(`${root}/closed/missing`), 'NoAuth');
    expectError(await client.delete(`${root}/closed/a`, 7), 'NoAuth');
  }),
  claim('the nodes a server needs are BadArguments', async ({ client }) => {
    for (const path of ALWAYS_THERE) expectError(await client.delete(path), 'BadArguments');
  }),
  claim('a path without a slash or with a null character is BadArguments', async ({ client, root }) => {
    expectError(await client.delete('x'), 'BadArguments');
    expectError(await client.delete(''), 'BadArguments');
    expectError(await client.delete(`${root}\0`), 'BadArguments');
  }),
  claim('other bad paths only name no node', async ({ client, root }) => {
    for (const path of [`${root}/`, `${root}//a`, `${root}/.`, `${root}/..`, `a${root}`]) {
      expectError(await client.delete(path), 'NoNode');
    }
  }),
  claim('bodies that end too soon are a marshalling error', async ({ client, root }) => {
    const whole = encode(encodeDeleteRequest, { path: root, version: -1 });
    expectError(await client.request(OpCode.delete, whole.subarray(0, -1)), 'MarshallingError');
    expectError(await client.request(OpCode.delete), 'MarshallingError');
    expectError(
      await client.request(
        OpCode.delete,
        jute((writer) => writer.writeString(null)),
      ),
      'MarshallingError',
    );
    ok(await client.exists(root));
  }),
);
