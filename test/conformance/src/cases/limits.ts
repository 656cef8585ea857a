/** How much of anything a server takes. */
import { OpCode, Perms } from '@menagerie/zookeeper-protocol';
import { expect } from 'vitest';
import { ok } from '../client/client.js';
import { fourLetterWord } from '../net/four-letter-word.js';
import { about, claim } from '../suite/claim.js';
import { MAX_CLIENT_CONNECTIONS } from '../suite/topologies.js';
import { expectError, jute, world } from './support.js';

export const limits = about(
  'limits',
  claim(
    'more connections from one address than allowed are closed at once, and the next after one has gone is taken',
    async ({ connect, open, server }) => {
      // The claim's own session is the first.
      const clients = [];
      for (let taken = 1; taken < MAX_CLIENT_CONNECTIONS; taken++) clients.push(await connect());
      // Closed so early that opening it can fail already.
      await open().then(
        (refused) => refused.untilEnded(),
        () => undefined,
      );
      expect(await fourLetterWord(server, 'srvr').catch(() => '')).toBe('');
      await clients[0]!.closeSession();
      await expect
        .poll(async () =>
          (await open()).handshake().then(
            () => true,
            () => false,
          ),
        )
        .toBe(true);
    },
    { on: ['plain'] },
  ),
  claim('an announced list that is longer than the frame costs nothing', async ({ client, root }) => {
    const body = jute((writer) => {
      writer.writeString(`${root}/a`);
      writer.writeBuffer(null);
      writer.writeInt(0x7fffffff);
    });
    expectError(await client.request(OpCode.create, body), 'MarshallingError');
    ok(await client.exists(root));
  }),
  claim('an announced buffer that is longer than the frame costs nothing', async ({ client, root }) => {
    const body = jute((writer) => {
      writer.writeString(`${root}/a`);
      writer.writeInt(0x7ffffff0);
    });
    expectError(await client.request(OpCode.create, body), 'MarshallingError');
    expectError(await client.request(OpCode.setData, body), 'MarshallingError');
    expectError(
      await client.request(
        OpCode.getData,
        jute((writer) => writer.writeInt(0x7ffffff0)),
      ),
      'MarshallingError',
    );
    ok(await client.exists(root));
  }),
  claim('an ACL may be long', async ({ client, root }) => {
    const addresses = Array.from({ length: 2_000 }, (_none, index) => ({
      perms: 31,
      id: { scheme: 'ip', id: `10.0.${index >> 8}.${index & 255}` },
    }));
    const acl = [...addresses, world(Perms.READ)];
    ok(await client.create(`${root}/a`, { acl }));
    expect(ok(await client.getAcl(`${root}/a`)).acl).toEqual(acl);
  }),
  claim('a node may have many children, listed in one answer', async ({ client, root }) => {
    const creates = Array.from({ length: 3_000 }, (_none, index) => client.create(`${root}/child-${index}`));
    for (const create of creates) ok(await create);
    expect(ok(await client.getChildren(root))).toHaveLength(3_000);
  }),
  claim('many sessions come and go', async ({ client, connect, root }) => {
    const clients = await Promise.all(Array.from({ length: 100 }, () => connect()));
    expect(new Set(clients.map(({ sessionId }) => sessionId)).size).toBe(100);
    await Promise.all(clients.map((each) => each.closeSession()));
    ok(await client.exists(root));
  }),
);
