/** closeSession (-11). */
import { CreateMode, OpCode } from '@menagerie/zookeeper-protocol';
import { expect } from 'vitest';
import { ok } from '../client/client.js';
import { about, claim } from '../suite/claim.js';
import { expectError } from './support.js';

export const closeSession = about(
  'closeSession',
  claim('answers with a header and then ends the connection', async ({ connect }) => {
    const client = await connect();
    const reply = await client.closeSession();
    expect(reply).toMatchObject({ xid: 1, error: 'Ok' });
    expect(reply.body).toHaveLength(0);
    expect(client.isEnded).toBe(true);
  }),
  claim('is a transaction', async ({ client, connect, root }) => {
    const other = await connect();
    const before = ok(await client.setData(root, 'x')).mzxid;
    const reply = await other.closeSession();
    expect(reply.zxid).toBe(before + 1n);
    expect(ok(await client.setData(root, 'x')).mzxid).toBe(before + 2n);
  }),
  claim('takes the ephemeral nodes along in one transaction', async ({ client, connect, root }) => {
    const other = await connect();
    for (const name of ['a', 'b']) ok(await other.create(`${root}/${name}`, { flags: CreateMode.ephemeral }));
    ok(await client.getChildren(root, true));
    const { zxid } = await other.closeSession();
    expect(await client.nextEvent()).toBe(`NodeChildrenChanged ${root}`);
    expect(ok(await client.getChildren2(root))).toMatchObject({ children: [], stat: { pzxid: zxid, cversion: 4 } });
  }),
  claim('a closed session can not be taken up again', async ({ connect }) => {
    const client = await connect();
    await client.closeSession();
    const again = await connect(client.credentials);
    expect(again).toMatchObject({ sessionId: 0n, timeoutMs: 0, password: Buffer.alloc(16) });
    await again.untilEnded();
  }),
  claim('requests in front of it are answered', async ({ connect, root }) => {
    const client = await connect();
    const write = client.setData(root, 'last words');
    await client.closeSession();
    ok(await write);
  }),
  claim('requests behind it are not obeyed', async ({ client, connect, root }) => {
    const other = await connect();
    const [closed] = other.requestAll([
      { type: OpCode.closeSession, body: Buffer.alloc(0) },
      { type: OpCode.getData, body: Buffer.alloc(0) },
    ]);
    expectError(await closed!, 'Ok');
    await other.untilEnded();
    ok(await client.exists(root));
  }),
  claim('the own watches do not fire on the way out', async ({ client, connect, root }) => {
    const other = await connect();
    ok(await other.create(`${root}/e`, { flags: CreateMode.ephemeral }));
    ok(await client.exists(`${root}/e`, true));
    await other.closeSession();
    expect(await client.nextEvent()).toBe(`NodeDeleted ${root}/e`);
  }),
);
