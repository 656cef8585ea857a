/** sync (9): catch up with the leader. */
import { encodeSyncRequest, OpCode } from '@menagerie/zookeeper-protocol';
import { expect } from 'vitest';
import { encode, ok } from '../client/client.js';
import { about, claim } from '../suite/claim.js';
import { expectError, jute } from './support.js';

export const sync = about(
  'sync',
  claim('answers with the path it was given, whatever it is', async ({ client, root }) => {
    for (const path of [root, '/', `${root}/missing`, '', 'no slash']) expect(ok(await client.sync(path))).toBe(path);
  }),
  claim('takes no zxid', async ({ client, root }) => {
    const before = ok(await client.setData(root, 'x')).mzxid;
    ok(await client.sync(root));
    expect(ok(await client.setData(root, 'x')).mzxid).toBe(before + 1n);
  }),
  claim('a read behind it sees what another server has acknowledged', async ({ client, connect, servers, root }) => {
    for (const server of servers) {
      const elsewhere = await connect({}, server);
      ok(await elsewhere.sync('/'));
      const { version } = ok(await elsewhere.setData(root, 'x'));
      const [synced, read] = [client.sync('/'), client.exists(root)];
      ok(await synced);
      expect(ok(await read).version).toBe(version);
    }
  }),
  claim('a body cut short is a marshalling error', async ({ client, root }) => {
    const whole = encode(encodeSyncRequest, { path: root });
    expectError(await client.request(OpCode.sync, whole.subarray(0, -1)), 'MarshallingError');
    expectError(await client.request(OpCode.sync), 'MarshallingError');
    ok(await client.exists(root));
  }),
  claim('a null path comes back null', async ({ client }) => {
    const reply = await client.request(
      OpCode.sync,
      jute((writer) => writer.writeString(null)),
    );
    expect(reply).toMatchObject({ error: 'Ok', body: Buffer.from('ffffffff', 'hex') });
  }),
);
