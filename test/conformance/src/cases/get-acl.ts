/** getACL (6). */
import { OPEN_ACL, OpCode, Perms } from '@menagerie/zookeeper-protocol';
import { expect } from 'vitest';
import { ok } from '../client/client.js';
import { about, claim } from '../suite/claim.js';
import { digestAcl, expectError, ipAcl, jute, world } from './support.js';

export const getAcl = about(
  'getAcl',
  claim('answers with ACL and stat', async ({ client, root }) => {
    const acl = [world(Perms.READ | Perms.ADMIN), ipAcl(Perms.ALL, '10.0.0.0/8')];
    ok(await client.create(`${root}/a`, { acl }));
    const answer = ok(await client.getAcl(`${root}/a`));
    expect(answer.acl).toEqual(acl);
    expect(answer.stat).toEqual(ok(await client.exists(`${root}/a`)));
  }),
  claim('the nodes a server makes are open, but for the configuration', async ({ client }) => {
    for (const path of ['/', '/zookeeper', '/zookeeper/quota']) {
      expect(ok(await client.getAcl(path)).acl).toEqual(OPEN_ACL);
    }
    expect(ok(await client.getAcl('/zookeeper/config')).acl).toEqual([world(Perms.READ)]);
  }),
  claim('a missing node is NoNode', async ({ client, root }) => {
    expectError(await client.getAcl(`${root}/a`), 'NoNode');
    expectError(await client.getAcl('x'), 'NoNode');
  }),
  claim('needs READ or ADMIN', async ({ client, root }) => {
    ok(await client.create(`${root}/read`, { acl: [world(Perms.READ)] }));
    ok(await client.create(`${root}/admin`, { acl: [world(Perms.ADMIN)] }));
    ok(await client.create(`${root}/write`, { acl: [world(Perms.WRITE | Perms.CREATE | Perms.DELETE)] }));
    ok(await client.getAcl(`${root}/read`));
    ok(await client.getAcl(`${root}/admin`));
    expectError(await client.getAcl(`${root}/write`), 'NoAuth');
  }),
  claim('without ADMIN the hash of a digest is masked, other ids are not', async ({ client, root }) => {
    const acl = [digestAcl(Perms.ALL, 'bob', 'secret'), ipAcl(Perms.ALL, '10.0.0.1'), world(Perms.READ)];
    ok(await client.create(`${root}/a`, { acl }));
    expect(ok(await client.getAcl(`${root}/a`)).acl).toEqual([
      { perms: Perms.ALL, id: { scheme: 'digest', id: 'bob:x' } },
      ipAcl(Perms.ALL, '10.0.0.1'),
      world(Perms.READ),
    ]);
  }),
  claim('with ADMIN the hash is shown', async ({ client, root }) => {
    const acl = [digestAcl(Perms.ALL, 'bob', 'secret'), world(Perms.ADMIN)];
    ok(await client.create(`${root}/a`, { acl }));
    expect(ok(await client.getAcl(`${root}/a`)).acl).toEqual(acl);
  }),
  claim('bodies that end too soon are a marshalling error', async ({ client, root }) => {
    expectError(await client.request(OpCode.getAcl), 'MarshallingError');
    expectError(
      await client.request(
        OpCode.getAcl,
        jute((writer) => writer.writeInt(9)),
      ),
      'MarshallingError',
    );
    ok(await client.exists(root));
  }),
);
