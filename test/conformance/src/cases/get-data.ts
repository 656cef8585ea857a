/** getData (4). */
import { encodeGetDataRequest, OpCode, Perms } from '@menagerie/zookeeper-protocol';
import { expect } from 'vitest';
import { encode, ok } from '../client/client.js';
import { about, claim } from '../suite/claim.js';
import { digestAcl, expectError, worldBut } from './support.js';

export const getData = about(
  'getData',
  claim('answers with data and stat', async ({ client, root }) => {
    const bytes = Buffer.from([0, 1, 0xff, 0x80]);
    ok(await client.create(`${root}/a`, { data: bytes }));
    const { data, stat } = ok(await client.getData(`${root}/a`));
    expect(data).toEqual(bytes);
    expect(stat).toEqual(ok(await client.exists(`${root}/a`)));
  }),
  claim('a missing node is NoNode and leaves no watch', async ({ client, root }) => {
    expectError(await client.getData(`${root}/a`, true), 'NoNode');
    ok(await client.create(`${root}/a`));
    expect(await client.takeEvents()).toEqual([]);
  }),
  claim('the watch sees data change', async ({ client, root }) => {
    ok(await client.getData(root, true));
    ok(await client.setData(root, 'x'));
    expect(await client.takeEvents()).toEqual([`NodeDataChanged ${root}`]);
  }),
  claim('the watch sees the node go', async ({ client, root }) => {
    ok(await client.create(`${root}/a`));
    ok(await client.getData(`${root}/a`, true));
    ok(await client.delete(`${root}/a`));
    expect(await client.takeEvents()).toEqual([`NodeDeleted ${root}/a`]);
  }),
  claim('the watch does not see children', async ({ client, root }) => {
    ok(await client.getData(root, true));
    ok(await client.create(`${root}/a`));
    expect(await client.takeEvents()).toEqual([]);
  }),
  claim('the watch fires once', async ({ client, root }) => {
    ok(await client.getData(root, true));
    ok(await client.getData(root, true));
    ok(await client.setData(root, 'x'));
    ok(await client.setData(root, 'y'));
    expect(await client.takeEvents()).toEqual([`NodeDataChanged ${root}`]);
  }),
  claim('needs READ, and a refused read leaves no watch', async ({ client, root }) => {
    ok(await client.create(`${root}/closed`, { acl: [worldBut(Perms.READ)] }));
    expectError(await client.getData(`${root}/closed`, true), 'NoAuth');
    ok(await client.setData(`${root}/closed`, 'x'));
    expect(await client.takeEvents()).toEqual([]);
  }),
  claim('a missing node is found before permissions of its ancestors', async ({ client, root }) => {
    ok(await client.create(`${root}/closed`, { acl: [digestAcl(Perms.ALL, 'nobody', 'x')] }));
    expectError(await client.getData(`${root}/closed/a`), 'NoNode');
  }),
  claim('paths no node can have are not judged', async ({ client, root }) => {
    for (const path of ['x', `${root}/`, `${root}\0`, `${root}/..`]) expectError(await client.getData(path), 'NoNode');
  }),
  claim('the root is there under both names and has no data', async ({ client }) => {
    expect(ok(await client.getData('/')).data).toEqual(Buffer.alloc(0));
    expect(ok(await client.getData('')).data).toEqual(Buffer.alloc(0));
  }),
  claim('bodies that end too soon are a marshalling error', async ({ client, root }) => {
    const whole = encode(encodeGetDataRequest, { path: root, watch: true });
    expectError(await client.request(OpCode.getData, whole.subarray(0, -1)), 'MarshallingError');
    expectError(await client.request(OpCode.getData), 'MarshallingError');
    ok(await client.exists(root));
  }),
);
