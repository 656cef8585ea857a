/** whoAmI (107). */
import { OpCode } from '@menagerie/zookeeper-protocol';
import { expect } from 'vitest';
import { ok } from '../client/client.js';
import { about, claim } from '../suite/claim.js';
import { SUPER_PASSWORD } from '../suite/topologies.js';
import { expectError } from './support.js';

const LOCAL = { authScheme: 'ip', user: '127.0.0.1' };

export const whoAmI = about(
  'whoAmI',
  claim('knows the address from the start', async ({ client }) => {
    expect(ok(await client.whoAmI())).toEqual([LOCAL]);
  }),
  claim('shows digest identities without their hash, in no order', async ({ client }) => {
    ok(await client.auth('digest', 'zoe:z'));
    ok(await client.auth('digest', 'ann:a'));
    const infos = ok(await client.whoAmI());
    expect(infos).toHaveLength(3);
    expect(infos).toEqual(
      expect.arrayContaining([LOCAL, { authScheme: 'digest', user: 'zoe' }, { authScheme: 'digest', user: 'ann' }]),
    );
  }),
  claim('the same identity twice is one', async ({ client }) => {
    ok(await client.auth('digest', 'ann:a'));
    ok(await client.auth('digest', 'ann:a'));
    expect(ok(await client.whoAmI())).toHaveLength(2);
  }),
  claim('the superuser has its name and its power', async ({ client }) => {
    ok(await client.auth('digest', `super:${SUPER_PASSWORD}`));
    const infos = ok(await client.whoAmI());
    expect(infos).toEqual(expect.arrayContaining([LOCAL, { authScheme: 'digest', user: 'super' }]));
    expect(infos.map(({ authScheme }) => authScheme)).toContain('super');
  }),
  claim('a body is ignored', async ({ client }) => {
    expectError(await client.request(OpCode.whoAmI, Buffer.from('anything')), 'Ok');
  }),
);
