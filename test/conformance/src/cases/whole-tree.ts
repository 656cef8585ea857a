/** getEphemerals (103) and getAllChildrenNumber (104). */
import { CreateMode, OpCode, Perms } from '@menagerie/zookeeper-protocol';
import { expect } from 'vitest';
import { ok } from '../client/client.js';
import { about, claim } from '../suite/claim.js';
import { expectError, worldBut } from './support.js';

const flags = CreateMode.ephemeral;

export const getEphemerals = about(
  'getEphemerals',
  claim('answers with the nodes of the own session alone', async ({ client, connect, root }) => {
    const other = await connect();
    ok(await other.create(`${root}/theirs`, { flags }));
    for (const name of ['b', 'a']) ok(await client.create(`${root}/${name}`, { flags }));
    ok(await client.create(`${root}/persistent`));
    for (const prefix of [null, '', '/', ' ', root]) {
      expect(ok(await client.getEphemerals(prefix))).toEqual([`${root}/a`, `${root}/b`]);
    }
  }),
  claim('a session without any has an empty list', async ({ client }) => {
    expect(ok(await client.getEphemerals('/'))).toEqual([]);
  }),
  claim('the prefix is text, not a path', async ({ client, root }) => {
    for (const name of ['ab', 'abc', 'b']) ok(await client.create(`${root}/${name}`, { flags }));
    expect(ok(await client.getEphemerals(`${root}/a`))).toEqual([`${root}/ab`, `${root}/abc`]);
    expect(ok(await client.getEphemerals(` ${root}`))).toEqual([]);
    expect(ok(await client.getEphemerals('no slash'))).toEqual([]);
  }),
  claim('deleted ones are not in it', async ({ client, root }) => {
    for (const name of ['a', 'b']) ok(await client.create(`${root}/${name}`, { flags }));
    ok(await client.delete(`${root}/a`));
    expect(ok(await client.getEphemerals(root))).toEqual([`${root}/b`]);
  }),
  claim('needs no permission', async ({ client, root }) => {
    ok(await client.create(`${root}/e`, { flags, acl: [worldBut(Perms.READ)] }));
    expect(ok(await client.getEphemerals(root))).toEqual([`${root}/e`]);
  }),
  claim('a body cut short is a marshalling error', async ({ client, root }) => {
    expectError(await client.request(OpCode.getEphemerals), 'MarshallingError');
    ok(await client.exists(root));
  }),
);

export const getAllChildrenNumber = about(
  'getAllChildrenNumber',
  claim('counts everything beneath', async ({ client, root }) => {
    expect(ok(await client.getAllChildrenNumber(root))).toBe(0);
    for (const path of ['a', 'a/b', 'a/b/c', 'ab']) ok(await client.create(`${root}/${path}`));
    expect(ok(await client.getAllChildrenNumber(root))).toBe(4);
    expect(ok(await client.getAllChildrenNumber(`${root}/a`))).toBe(2);
    expect(ok(await client.getAllChildrenNumber(`${root}/ab`))).toBe(0);
  }),
  claim('counts the nodes of the server under the root', async ({ client, root }) => {
    const before = ok(await client.getAllChildrenNumber('/'));
    ok(await client.create(`${root}/a`));
    expect(ok(await client.getAllChildrenNumber('/'))).toBe(before + 1);
    expect(ok(await client.getAllChildrenNumber('/zookeeper'))).toBeGreaterThanOrEqual(2);
  }),
  claim('a missing node is NoNode', async ({ client, root }) => {
    expectError(await client.getAllChildrenNumber(`${root}/a`), 'NoNode');
    expectError(await client.getAllChildrenNumber(`${root}/`), 'NoNode');
  }),
  claim('needs READ on the node and nothing beneath it', async ({ client, root }) => {
    ok(await client.create(`${root}/closed`, { acl: [worldBut(Perms.READ)] }));
    ok(await client.create(`${root}/closed/a`));
    expectError(await client.getAllChildrenNumber(`${root}/closed`), 'NoAuth');
    expect(ok(await client.getAllChildrenNumber(root))).toBe(2);
  }),
  claim('a body cut short is a marshalling error', async ({ client, root }) => {
    expectError(await client.request(OpCode.getAllChildrenNumber), 'MarshallingError');
    ok(await client.exists(root));
  }),
);
