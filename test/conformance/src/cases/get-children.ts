/** getChildren (8) and getChildren2 (12). */
import { encodeGetChildrenRequest, OpCode, Perms } from '@menagerie/zookeeper-protocol';
import { expect } from 'vitest';
import { type Client, encode, ok } from '../client/client.js';
import { about, type Claim, claim, type ClaimGroup } from '../suite/claim.js';
import { expectError, worldBut } from './support.js';

type List = (client: Client, path: string, watch?: boolean) => Promise<{ error: string; names: string[] }>;

const list: List = async (client, path, watch) => {
  const { error, value } = await client.getChildren(path, watch);
  return { error, names: value ?? [] };
};
const list2: List = async (client, path, watch) => {
  const { error, value } = await client.getChildren2(path, watch);
  return { error, names: value?.children ?? [] };
};

export const getChildren: ClaimGroup = about('getChildren', ...claimsFor(OpCode.getChildren, list));

export const getChildren2: ClaimGroup = about(
  'getChildren2',
  ...claimsFor(OpCode.getChildren2, list2),
  claim('the stat is that of the parent', async ({ client, root }) => {
    ok(await client.create(`${root}/a`));
    ok(await client.setData(root, 'x'));
    const { stat } = ok(await client.getChildren2(root));
    expect(stat).toEqual(ok(await client.exists(root)));
    expect(stat).toMatchObject({ numChildren: 1, cversion: 1, version: 1 });
  }),
);

function claimsFor(opcode: number, children: List): Claim[] {
  return [
    claim('answers with names, not paths', async ({ client, root }) => {
      for (const name of ['b', 'a', 'ünïcode', '日本']) ok(await client.create(`${root}/${name}`));
      ok(await client.create(`${root}/a/deeper`));
      expect((await children(client, root)).names).toEqual(['a', 'b', 'ünïcode', '日本']);
    }),
    claim('a node without children has an empty list', async ({ client, root }) => {
      expect((await children(client, root)).names).toEqual([]);
    }),
    claim('the root lists zookeeper', async ({ client }) => {
      expect((await children(client, '/')).names).toContain('zookeeper');
      expect((await children(client, '/zookeeper')).names).toEqual(['config', 'quota']);
    }),
    claim('a missing node is NoNode and leaves no watch', async ({ client, root }) => {
      expectError(await children(client, `${root}/a`, true), 'NoNode');
      ok(await client.create(`${root}/a`));
      ok(await client.create(`${root}/a/b`));
      expect(await client.takeEvents()).toEqual([]);
    }),
    claim('needs READ, and a refused listing leaves no watch', async ({ client, root }) => {
      ok(await client.create(`${root}/closed`, { acl: [worldBut(Perms.READ)] }));
      expectError(await children(client, `${root}/closed`, true), 'NoAuth');
      ok(await client.create(`${root}/closed/a`));
      expect(await client.takeEvents()).toEqual([]);
    }),
    claim('the watch sees a child come', async ({ client, root }) => {
      await children(client, root, true);
      ok(await client.create(`${root}/a`));
      ok(await client.create(`${root}/b`));
      expect(await client.takeEvents()).toEqual([`NodeChildrenChanged ${root}`]);
    }),
    claim('the watch sees a child go', async ({ client, root }) => {
      ok(await client.create(`${root}/a`));
      await children(client, root, true);
      ok(await client.delete(`${root}/a`));
      expect(await client.takeEvents()).toEqual([`NodeChildrenChanged ${root}`]);
    }),
    claim('the watch sees the node itself go', async ({ client, root }) => {
      ok(await client.create(`${root}/a`));
      await children(client, `${root}/a`, true);
      ok(await client.delete(`${root}/a`));
      expect(await client.takeEvents()).toEqual([`NodeDeleted ${root}/a`]);
    }),
    claim('the watch sees neither data nor grandchildren nor ACLs', async ({ client, root }) => {
      ok(await client.create(`${root}/a`));
      await children(client, root, true);
      ok(await client.setData(root, 'x'));
      ok(await client.setData(`${root}/a`, 'x'));
      ok(await client.create(`${root}/a/b`));
      ok(await client.setAcl(root, [worldBut(Perms.ADMIN)]));
      expect(await client.takeEvents()).toEqual([]);
    }),
    claim('bodies that end too soon are a marshalling error', async ({ client, root }) => {
      const whole = encode(encodeGetChildrenRequest, { path: root, watch: true });
      expectError(await client.request(opcode, whole.subarray(0, -1)), 'MarshallingError');
      expectError(await client.request(opcode), 'MarshallingError');
      ok(await client.create(`${root}/a`));
      expect(await client.takeEvents()).toEqual([]);
    }),
  ];
}
