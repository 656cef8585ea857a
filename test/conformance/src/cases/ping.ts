/** ping (11). */
import { OpCode, Xid } from '@menagerie/zookeeper-protocol';
import { expect } from 'vitest';
import { ok } from '../client/client.js';
import { encodeRequest } from '../client/raw-client.js';
import { until } from '../net/waiting.js';
import { about, claim } from '../suite/claim.js';

export const ping = about(
  'ping',
  claim('answers with a header of xid -2 and the last zxid', async ({ client, root }) => {
    const { mzxid } = ok(await client.setData(root, 'x'));
    const reply = await client.ping();
    expect(reply).toMatchObject({ xid: Xid.ping, error: 'Ok' });
    expect(reply.zxid).toBeGreaterThanOrEqual(mzxid);
    expect(reply.body).toHaveLength(0);
  }),
  claim('whatever xid it came with, the answer has -2', async ({ client }) => {
    client.write(encodeRequest(77, OpCode.ping, Buffer.alloc(0)));
    const pong = await until('the answer', () => client.transcript.find((message) => message !== client.transcript[0]));
    expect(pong).toMatchObject({ kind: 'reply', xid: Xid.ping, error: 'Ok' });
  }),
  claim('a body is ignored', async ({ client }) => {
    expect(await client.request(OpCode.ping, Buffer.from('hello'), Xid.ping)).toMatchObject({ error: 'Ok' });
  }),
  claim('waits in the queue behind a write of its session', async ({ client, root }) => {
    const write = client.setData(root, 'x');
    const pong = client.ping();
    ok(await write);
    await pong;
    const order = client.transcript.slice(-2).map((message) => message.kind === 'reply' && message.xid === Xid.ping);
    expect(order).toEqual([false, true]);
  }),
);
