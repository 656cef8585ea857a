/** setData (5). */
import { encodeSetDataRequest, OpCode, Perms } from '@menagerie/zookeeper-protocol';
import { expect } from 'vitest';
import { encode, ok } from '../client/client.js';
import { about, claim } from '../suite/claim.js';
import { expectError, jute, world, worldBut } from './support.js';

export const setData = about(
  'setData',
  claim('answers with the new stat', async ({ client, root }) => {
    const before = ok(await client.exists(root));
    const answer = await client.setData(root, 'four');
    const after = ok(answer);
    expect(after).toMatchObject({ version: 1, dataLength: 4, mzxid: answer.zxid });
    expect(after).toMatchObject({ czxid: before.czxid, ctime: before.ctime, pzxid: before.pzxid, cversion: 0 });
    expect(after.mtime).toBeGreaterThanOrEqual(before.mtime);
    expect(ok(await client.exists(root))).toEqual(after);
  }),
  claim('null data stays null', async ({ client, root }) => {
    expect(ok(await client.setData(root, null)).dataLength).toBe(0);
    expect(ok(await client.getData(root)).data).toBeNull();
  }),
  claim('takes the right version and -1, refuses others', async ({ client, root }) => {
    expectError(await client.setData(root, 'a', 1), 'BadVersion');
    expectError(await client.setData(root, 'a', -2), 'BadVersion');
    expect(ok(await client.setData(root, 'a', 0)).version).toBe(1);
    expect(ok(await client.setData(root, 'b', -1)).version).toBe(2);
    expectError(await client.setData(root, 'c', 0), 'BadVersion');
  }),
  claim('writing the same data again is a change', async ({ client, root }) => {
    ok(await client.setData(root, 'same'));
    ok(await client.getData(root, true));
    expect(ok(await client.setData(root, 'same')).version).toBe(2);
    expect(await client.takeEvents()).toEqual([`NodeDataChanged ${root}`]);
  }),
  claim('a missing node is NoNode', async ({ client, root }) => {
    expectError(await client.setData(`${root}/a`, 'x'), 'NoNode');
  }),
  claim('needs WRITE and nothing else', async ({ client, root }) => {
    ok(await client.create(`${root}/closed`, { acl: [worldBut(Perms.WRITE)] }));
    ok(await client.create(`${root}/open`, { acl: [world(Perms.WRITE)] }));
    expectError(await client.setData(`${root}/closed`, 'x'), 'NoAuth');
    ok(await client.setData(`${root}/open`, 'x'));
  }),
  claim('the permission is judged before the version', async ({ client, root }) => {
    ok(await client.create(`${root}/closed`, { acl: [worldBut(Perms.WRITE)] }));
    expectError(await client.setData(`${root}/closed`, 'x', 9), 'NoAuth');
  }),
  claim('paths no node can have are BadArguments', async ({ client, root }) => {
    for (const path of ['', 'x', `${root}/`, `${root}//a`, `${root}/.`, `${root}/..`, `${root}\0`, `${root}\u0001`]) {
      expectError(await client.setData(path, 'x'), 'BadArguments');
    }
  }),
  claim('the root can be written', async ({ client }) => {
    const { data } = ok(await client.getData('/'));
    const { version } = ok(await client.exists('/'));
    expect(ok(await client.setData('/', data)).version).toBe(version + 1);
  }),
  claim('the children do not notice', async ({ client, root }) => {
    ok(await client.create(`${root}/a`));
    const before = ok(await client.exists(`${root}/a`));
    ok(await client.setData(root, 'x'));
    expect(ok(await client.exists(`${root}/a`))).toEqual(before);
  }),
  claim('bodies that end too soon are a marshalling error', async ({ client, root }) => {
    const whole = encode(encodeSetDataRequest, { path: root, data: Buffer.from('x'), version: -1 });
    for (const length of [0, 4, whole.length - 4, whole.length - 1]) {
      expectError(await client.request(OpCode.setData, whole.subarray(0, length)), 'MarshallingError');
    }
    const noPath = jute((writer) => (writer.writeString(null), writer.writeBuffer(null), writer.writeInt(-1)));
    expectError(await client.request(OpCode.setData, noPath), 'BadArguments');
    expect(ok(await client.exists(root)).version).toBe(0);
  }),
);
