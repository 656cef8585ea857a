/** setACL (7). */
import { CREATOR_ALL_ACL, encodeSetAclRequest, OPEN_ACL, OpCode, Perms } from '@menagerie/zookeeper-protocol';
import { expect } from 'vitest';
import { encode, ok } from '../client/client.js';
import { about, claim } from '../suite/claim.js';
import { digestAcl, digestId, expectError, ipAcl, world, worldBut } from './support.js';

export const setAcl = about(
  'setAcl',
  claim('answers with the stat, of which only aversion has moved', async ({ client, root }) => {
    const before = ok(await client.exists(root));
    expect(ok(await client.setAcl(root, [world(Perms.ALL), ipAcl(Perms.READ, '10.1.2.3')]))).toEqual({
      ...before,
      aversion: 1,
    });
    expect(ok(await client.exists(root))).toEqual({ ...before, aversion: 1 });
  }),
  claim('the version is that of the ACL', async ({ client, root }) => {
    ok(await client.setData(root, 'x'));
    expectError(await client.setAcl(root, OPEN_ACL, 1), 'BadVersion');
    expect(ok(await client.setAcl(root, OPEN_ACL, 0)).aversion).toBe(1);
    expect(ok(await client.setAcl(root, OPEN_ACL, 1)).aversion).toBe(2);
  }),
  claim('needs ADMIN', async ({ client, root }) => {
    ok(await client.create(`${root}/a`, { acl: [worldBut(Perms.ADMIN)] }));
    expectError(await client.setAcl(`${root}/a`, OPEN_ACL), 'NoAuth');
    expectError(await client.setAcl(`${root}/a`, OPEN_ACL, 9), 'NoAuth');
  }),
  claim('the list is judged before the node and the path before the list', async ({ client, root }) => {
    expectError(await client.setAcl(`${root}/a`, []), 'InvalidACL');
    expectError(await client.setAcl(`${root}/a`, null), 'InvalidACL');
    expectError(await client.setAcl(`${root}/`, []), 'BadArguments');
    expectError(await client.setAcl(`${root}/a`, OPEN_ACL), 'NoNode');
  }),
  claim('the same entry twice is kept once, in the place of the first', async ({ client, root }) => {
    const [a, b] = [world(Perms.ALL), ipAcl(Perms.READ, '10.0.0.1')];
    ok(await client.setAcl(root, [a, b, a, b]));
    expect(ok(await client.getAcl(root)).acl).toEqual([a, b]);
  }),
  claim('entries that differ in their bits alone are both kept', async ({ client, root }) => {
    const acl = [world(Perms.ALL), world(Perms.READ)];
    ok(await client.setAcl(root, acl));
    expect(ok(await client.getAcl(root)).acl).toEqual(acl);
  }),
  claim('auth stands for every digest identity of the connection', async ({ client, root }) => {
    expectError(await client.setAcl(root, CREATOR_ALL_ACL), 'InvalidACL');
    ok(await client.auth('digest', 'ann:a'));
    ok(await client.auth('digest', 'bob:b'));
    ok(await client.setAcl(root, CREATOR_ALL_ACL));
    const { acl } = ok(await client.getAcl(root));
    expect(acl).toHaveLength(2);
    expect(acl).toEqual(expect.arrayContaining([digestAcl(Perms.ALL, 'ann', 'a'), digestAcl(Perms.ALL, 'bob', 'b')]));
  }),
  claim('auth may stand beside others', async ({ client, root }) => {
    ok(await client.auth('digest', 'ann:a'));
    ok(await client.setAcl(root, [world(Perms.READ), { perms: Perms.ALL, id: { scheme: 'auth', id: 'ignored' } }]));
    expect(ok(await client.getAcl(root)).acl).toEqual([world(Perms.READ), digestAcl(Perms.ALL, 'ann', 'a')]);
  }),
  claim('a digest id is a name, one colon and anything', async ({ client, root }) => {
    const acl = (id: string) => [{ perms: Perms.READ, id: { scheme: 'digest', id } }, world(Perms.ALL)];
    for (const id of ['nocolon', 'two:colons:here', '']) {
      expectError(await client.setAcl(root, acl(id)), 'InvalidACL');
    }
    for (const id of ['bob:notahash', digestId('a', 'b')]) ok(await client.setAcl(root, acl(id)));
  }),
  claim('an ip id is an IPv4 address with or without a length', async ({ client, root }) => {
    const acl = (id: string) => [ipAcl(Perms.READ, id), world(Perms.ALL)];
    for (const id of ['10.0.0.1', '10.0.0.0/8', '0.0.0.0/0', '10.0.0.1/32']) ok(await client.setAcl(root, acl(id)));
    for (const id of [
      '',
      '10.0.0',
      '10.0.0.256',
      '10.0.0.0/33',
      '10.0.0.0/-1',
      'localhost',
      '10.0.0.0/8/8',
      '1.2.3.x',
    ]) {
      expectError(await client.setAcl(root, acl(id)), 'InvalidACL');
    }
  }),
  claim('super is no scheme for an ACL', async ({ client, root }) => {
    expectError(await client.setAcl(root, [{ perms: 31, id: { scheme: 'super', id: '' } }]), 'InvalidACL');
  }),
  claim('bits without a meaning are kept', async ({ client, root }) => {
    for (const perms of [0, 32 | Perms.ALL, -1]) {
      ok(await client.create(`${root}/p${perms}`, { acl: [world(perms), world(Perms.ADMIN)] }));
      expect(ok(await client.getAcl(`${root}/p${perms}`)).acl?.[0]).toEqual(world(perms));
    }
  }),
  claim('the new list counts from the next request on', async ({ client, root }) => {
    ok(await client.setAcl(root, [worldBut(Perms.READ)]));
    expectError(await client.getData(root), 'NoAuth');
    ok(await client.setAcl(root, OPEN_ACL));
    ok(await client.getData(root));
  }),
  claim('no watch notices', async ({ client, root }) => {
    ok(await client.getData(root, true));
    ok(await client.getChildren(root, true));
    ok(await client.setAcl(root, [world(Perms.ALL)]));
    expect(await client.takeEvents()).toEqual([]);
  }),
  claim('bodies that end too soon are a marshalling error', async ({ client, root }) => {
    const whole = encode(encodeSetAclRequest, { path: root, acl: OPEN_ACL, version: -1 });
    for (const length of [0, 4, whole.length - 5, whole.length - 1]) {
      expectError(await client.request(OpCode.setAcl, whole.subarray(0, length)), 'MarshallingError');
    }
    expect(ok(await client.exists(root)).aversion).toBe(0);
  }),
);
