/** auth (100): who a connection is. */
import { CREATOR_ALL_ACL, encodeAuthRequest, OpCode, Perms, Xid } from '@menagerie/zookeeper-protocol';
import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { encode, ok } from '../client/client.js';
import { about, claim } from '../suite/claim.js';
import { SUPER_PASSWORD } from '../suite/topologies.js';
import { digestAcl, expectError, ipAcl, world } from './support.js';

export const auth = about(
  'auth',
  claim('answers under the xid it came with, with zxid 0 and a header only', async ({ client }) => {
    const body = encode(encodeAuthRequest, { type: 0, scheme: 'digest', auth: Buffer.from('a:b') });
    const reply = await client.request(OpCode.auth, body, Xid.auth);
    expect(reply).toMatchObject({ xid: Xid.auth, zxid: 0n, error: 'Ok' });
    expect(reply.body).toHaveLength(0);
    const ordinary = await client.request(OpCode.auth, body);
    expect(ordinary).toMatchObject({ zxid: 0n, error: 'Ok' });
  }),
  claim('a digest identity opens what is its own', async ({ client, connect, root }) => {
    ok(await client.create(`${root}/bobs`, { acl: [digestAcl(Perms.ALL, 'bob', 'secret')] }));
    expectError(await client.getData(`${root}/bobs`), 'NoAuth');
    const wrong = await connect();
    ok(await wrong.auth('digest', 'bob:wrong'));
    expectError(await wrong.getData(`${root}/bobs`), 'NoAuth');
    ok(await client.auth('digest', 'bob:secret'));
    ok(await client.getData(`${root}/bobs`));
  }),
  claim('each permission of an identity stands alone', async ({ client, root }) => {
    ok(await client.auth('digest', 'bob:secret'));
    ok(await client.create(`${root}/a`, { acl: [digestAcl(Perms.READ, 'bob', 'secret')] }));
    ok(await client.getData(`${root}/a`));
    expectError(await client.setData(`${root}/a`, 'x'), 'NoAuth');
    expectError(await client.create(`${root}/a/b`), 'NoAuth');
    expectError(await client.setAcl(`${root}/a`, [world(Perms.ALL)]), 'NoAuth');
  }),
  claim('what one entry does not grant another may', async ({ client, root }) => {
    ok(await client.auth('digest', 'bob:secret'));
    const acl = [digestAcl(Perms.READ, 'bob', 'secret'), world(Perms.WRITE)];
    ok(await client.create(`${root}/a`, { acl }));
    ok(await client.getData(`${root}/a`));
    ok(await client.setData(`${root}/a`, 'x'));
  }),
  claim(
    'an identity belongs to the connection, not to the session',
    async ({ client, connect, root }) => {
      const first = await connect();
      ok(await first.auth('digest', 'bob:secret'));
      ok(await first.create(`${root}/a`, { acl: CREATOR_ALL_ACL }));
      first.crash();
      const second = await connect(first.credentials);
      expect(second.sessionId).toBe(first.sessionId);
      expectError(await second.getData(`${root}/a`), 'NoAuth');
      ok(await second.auth('digest', 'bob:secret'));
      ok(await second.getData(`${root}/a`));
      ok(await client.exists(`${root}/a`));
    },
    {
      deviations: {
        menagerie: {
          reason: 'what somebody may not read is not shown, as in Apache 3.8.4 (ZOOKEEPER-2590)',
          body: async ({ client, connect, root }) => {
            const first = await connect();
            ok(await first.auth('digest', 'bob:secret'));
            ok(await first.create(`${root}/a`, { acl: CREATOR_ALL_ACL }));
            first.crash();
            const second = await connect(first.credentials);
            expectError(await second.getData(`${root}/a`), 'NoAuth');
            ok(await second.auth('digest', 'bob:secret'));
            ok(await second.getData(`${root}/a`));
            expectError(await client.exists(`${root}/a`), 'NoAuth');
          },
        },
      },
    },
  ),
  claim('the address of the client is an identity from the start', async ({ client, root }) => {
    ok(await client.create(`${root}/here`, { acl: [ipAcl(Perms.ALL, '127.0.0.1')] }));
    ok(await client.create(`${root}/net`, { acl: [ipAcl(Perms.ALL, '127.255.0.0/8')] }));
    ok(await client.create(`${root}/elsewhere`, { acl: [ipAcl(Perms.ALL, '127.0.0.2')] }));
    ok(await client.create(`${root}/halfnet`, { acl: [ipAcl(Perms.ALL, '127.128.0.0/9')] }));
    ok(await client.getData(`${root}/here`));
    ok(await client.getData(`${root}/net`));
    expectError(await client.getData(`${root}/elsewhere`), 'NoAuth');
    expectError(await client.getData(`${root}/halfnet`), 'NoAuth');
  }),
  claim('the superuser passes every check', async ({ client, root }) => {
    ok(await client.create(`${root}/a`, { acl: [digestAcl(0, 'nobody', 'x')] }));
    expectError(await client.getData(`${root}/a`), 'NoAuth');
    ok(await client.auth('digest', `super:${SUPER_PASSWORD}`));
    ok(await client.getData(`${root}/a`));
    ok(await client.setData(`${root}/a`, 'x'));
    ok(await client.create(`${root}/a/b`));
    ok(await client.setAcl(`${root}/a`, [world(Perms.READ)]));
    ok(await client.delete(`${root}/a/b`));
  }),
  claim('a wrong password for super is just another identity', async ({ client, root }) => {
    ok(await client.create(`${root}/a`, { acl: [digestAcl(0, 'nobody', 'x')] }));
    ok(await client.auth('digest', 'super:wrong'));
    expectError(await client.getData(`${root}/a`), 'NoAuth');
  }),
  claim(
    'there is no superuser unless its digest is configured',
    async ({ client, root }) => {
      ok(await client.create(`${root}/a`, { acl: [digestAcl(0, 'nobody', 'x')] }));
      ok(await client.auth('digest', `super:${SUPER_PASSWORD}`));
      expectError(await client.getData(`${root}/a`), 'NoAuth');
    },
    { on: ['plain'] },
  ),
  claim('an unknown scheme is AuthFailed and ends the connection, not the session', async ({ connect }) => {
    const client = await connect();
    expectError(await client.auth('nobody-knows', 'x'), 'AuthFailed');
    await client.untilEnded();
    const again = await connect(client.credentials);
    expect(again.sessionId).toBe(client.sessionId);
  }),
  claim('world can not be claimed by hand', async ({ connect }) => {
    const client = await connect();
    expectError(await client.auth('world', 'anyone'), 'AuthFailed');
    await client.untilEnded();
  }),
  claim('ip adds the address once more, whatever was said', async ({ client, root }) => {
    ok(await client.auth('ip', '10.9.8.7'));
    ok(await client.create(`${root}/a`, { acl: [ipAcl(Perms.ALL, '10.9.8.7')] }));
    expectError(await client.getData(`${root}/a`), 'NoAuth');
  }),
  claim('super can not be claimed by hand', async ({ connect }) => {
    const client = await connect();
    expectError(await client.auth('super', ''), 'AuthFailed');
    await client.untilEnded();
  }),
  claim('a digest without a colon is a name with the hash of all of it', async ({ client, root }) => {
    ok(await client.auth('digest', 'justaname'));
    ok(await client.create(`${root}/a`, { acl: CREATOR_ALL_ACL }));
    const hash = createHash('sha1').update('justaname').digest('base64');
    expect(ok(await client.getAcl(`${root}/a`)).acl).toEqual([
      { perms: Perms.ALL, id: { scheme: 'digest', id: `justaname:${hash}` } },
    ]);
  }),
  claim('a digest may be empty', async ({ client }) => {
    ok(await client.auth('digest', ''));
  }),
  claim('an auth packet cut short ends the connection', async ({ connect }) => {
    const client = await connect();
    client.request(OpCode.auth, Buffer.alloc(3), Xid.auth).catch(() => undefined);
    await client.untilEnded();
  }),
);
