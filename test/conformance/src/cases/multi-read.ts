/** multiRead (22): reads of one moment, each with its own outcome. */
import { encodeMultiRequest, type MultiReadOp, OpCode, Perms } from '@menagerie/zookeeper-protocol';
import { expect } from 'vitest';
import { encode, ok } from '../client/client.js';
import { about, claim } from '../suite/claim.js';
import { expectError, worldBut } from './support.js';

const data = (path: string, watch = false): MultiReadOp => ({ type: OpCode.getData, request: { path, watch } });
const children = (path: string, watch = false): MultiReadOp => ({ type: OpCode.getChildren, request: { path, watch } });

export const multiRead = about(
  'multiRead',
  claim('an empty one succeeds with nothing', async ({ client }) => {
    expect(ok(await client.multiRead([]))).toEqual([]);
  }),
  claim('answers with data and stat, and with names', async ({ client, root }) => {
    ok(await client.create(`${root}/a`, { data: 'x' }));
    const { stat } = ok(await client.getData(`${root}/a`));
    expect(ok(await client.multiRead([data(`${root}/a`), children(root)]))).toEqual([
      { type: OpCode.getData, data: Buffer.from('x'), stat },
      { type: OpCode.getChildren, children: ['a'] },
    ]);
  }),
  claim('one that fails does not hurt the others', async ({ client, root }) => {
    ok(await client.create(`${root}/closed`, { acl: [worldBut(Perms.READ)] }));
    const results = ok(await client.multiRead([data(`${root}/none`), data(`${root}/closed`), children(root)]));
    expect(results).toEqual([
      { type: OpCode.error, err: -101 },
      { type: OpCode.error, err: -102 },
      { type: OpCode.getChildren, children: ['closed'] },
    ]);
  }),
  claim('the watch flag is ignored', async ({ client, root }) => {
    ok(await client.multiRead([data(root, true), children(root, true)]));
    ok(await client.setData(root, 'x'));
    ok(await client.create(`${root}/a`));
    expect(await client.takeEvents()).toEqual([]);
  }),
  claim('takes no zxid', async ({ client, root }) => {
    const before = ok(await client.setData(root, 'x')).mzxid;
    expect((await client.multiRead([data(root)])).zxid).toBe(before);
  }),
  claim('writes in it are a marshalling error, and are not done', async ({ client, root }) => {
    const request = { path: root, data: Buffer.from('x'), version: -1 };
    const body = encode(encodeMultiRequest, { ops: [{ type: OpCode.setData, request }] });
    expectError(await client.request(OpCode.multiRead, body), 'MarshallingError');
    expect(ok(await client.exists(root)).version).toBe(0);
  }),
  claim('a body cut short is a marshalling error', async ({ client, root }) => {
    expectError(await client.request(OpCode.multiRead), 'MarshallingError');
    expectError(await client.request(OpCode.multiRead, Buffer.alloc(8)), 'MarshallingError');
    ok(await client.exists(root));
  }),
);
