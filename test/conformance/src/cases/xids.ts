/** The number a client gives a request, and the number of the transaction an answer carries. */
import { encodeExistsRequest, OpCode, Xid } from '@menagerie/zookeeper-protocol';
import { expect } from 'vitest';
import { encode, ok } from '../client/client.js';
import { about, claim } from '../suite/claim.js';

export const xids = about(
  'xids',
  claim('any number comes back as it was', async ({ client, root }) => {
    const body = encode(encodeExistsRequest, { path: root, watch: false });
    for (const xid of [1, 0, 0x7fffffff, -0x80000000, -3, -5, Xid.setWatches, 7, 7]) {
      expect(await client.request(OpCode.exists, body, xid)).toMatchObject({ xid, error: 'Ok' });
    }
  }),
  claim('numbers need not count up', async ({ client, root }) => {
    const body = encode(encodeExistsRequest, { path: root, watch: false });
    for (const xid of [100, 5, 100, 1]) {
      expect(await client.request(OpCode.exists, body, xid)).toMatchObject({ xid, error: 'Ok' });
    }
  }),
  claim('a request may have the number of a ping', async ({ client, root }) => {
    const body = encode(encodeExistsRequest, { path: root, watch: false });
    const reply = await client.request(OpCode.exists, body, Xid.ping);
    expect(reply).toMatchObject({ xid: Xid.ping, error: 'Ok' });
    expect(reply.body).toHaveLength(68);
  }),
  claim('the zxid of a read is that of the last transaction the server has applied', async ({ client, root }) => {
    const { mzxid } = ok(await client.setData(root, 'x'));
    expect((await client.getData(root)).zxid).toBe(mzxid);
    expect((await client.exists(`${root}/none`)).zxid).toBe(mzxid);
    expect((await client.ping()).zxid).toBe(mzxid);
    expect((await client.getEphemerals(null)).zxid).toBe(mzxid);
  }),
  claim('the zxid of a marshalling error of a read is the last, of a write its own', async ({ client, root }) => {
    const { mzxid } = ok(await client.setData(root, 'x'));
    expect((await client.request(OpCode.getData)).zxid).toBe(mzxid);
    expect((await client.request(OpCode.setData)).zxid).toBe(mzxid + 1n);
  }),
  claim('the zxid of the answer to an unknown operation is -1', async ({ connect }) => {
    const client = await connect();
    expect((await client.request(999)).zxid).toBe(-1n);
  }),
  claim('an event carries no zxid', async ({ client, root }) => {
    ok(await client.getData(root, true));
    ok(await client.setData(root, 'x'));
    const event = client.transcript.find(({ kind }) => kind === 'event');
    expect(event).toMatchObject({ zxid: -1n, state: 'SyncConnected' });
  }),
  claim('transactions of one client count up by one', async ({ client, root }) => {
    const zxids: bigint[] = [];
    for (let write = 0; write < 5; write++) zxids.push(ok(await client.setData(root, 'x')).mzxid);
    expect(zxids).toEqual(zxids.map((_zxid, index) => zxids[0]! + BigInt(index)));
  }),
);
