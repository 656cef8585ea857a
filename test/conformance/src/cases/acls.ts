/** Which permission each operation asks for, and on which node. */
import { type Acl, OpCode, Perms } from '@menagerie/zookeeper-protocol';
import { expect } from 'vitest';
import { type Client, createRequest, ok } from '../client/client.js';
import { about, type Claim, claim, type ClaimBody } from '../suite/claim.js';
import { world } from './support.js';

type Attempt = (client: Client, node: string) => Promise<{ error: string }>;

interface Rule {
  readonly operation: string;
  /** Bits of which any one is enough; 0 where none is asked for. */
  readonly any: number;
  readonly attempt: Attempt;
  /** What our server asks for, where it asks for more. */
  readonly ours?: { readonly any: number; readonly reason: string };
}

/** Each acts on a node that has a child `child`; the permission asked for is that on the node itself. */
const rules: readonly Rule[] = [
  { operation: 'create', any: Perms.CREATE, attempt: (client, node) => client.create(`${node}/new`) },
  { operation: 'create2', any: Perms.CREATE, attempt: (client, node) => client.create2(`${node}/new`) },
  { operation: 'createContainer', any: Perms.CREATE, attempt: (client, node) => client.createContainer(`${node}/new`) },
  { operation: 'createTtl', any: Perms.CREATE, attempt: (client, node) => client.createTtl(`${node}/new`, 1_000_000n) },
  { operation: 'delete', any: Perms.DELETE, attempt: (client, node) => client.delete(`${node}/child`) },
  {
    operation: 'exists',
    any: 0,
    attempt: (client, node) => client.exists(node),
    ours: { any: Perms.READ, reason: 'as in Apache 3.8.4 (ZOOKEEPER-2590)' },
  },
  { operation: 'getData', any: Perms.READ, attempt: (client, node) => client.getData(node) },
  { operation: 'setData', any: Perms.WRITE, attempt: (client, node) => client.setData(node, 'x') },
  { operation: 'getAcl', any: Perms.READ | Perms.ADMIN, attempt: (client, node) => client.getAcl(node) },
  { operation: 'setAcl', any: Perms.ADMIN, attempt: (client, node) => client.setAcl(node, [world(Perms.ALL)]) },
  { operation: 'getChildren', any: Perms.READ, attempt: (client, node) => client.getChildren(node) },
  { operation: 'getChildren2', any: Perms.READ, attempt: (client, node) => client.getChildren2(node) },
  { operation: 'getAllChildrenNumber', any: Perms.READ, attempt: (client, node) => client.getAllChildrenNumber(node) },
  { operation: 'sync', any: 0, attempt: (client, node) => client.sync(node) },
  { operation: 'addWatch', any: 0, attempt: (client, node) => client.addWatch(node, 0) },
  {
    operation: 'setWatches',
    any: 0,
    attempt: (client, node) => client.setWatches({ relativeZxid: 0n, dataWatches: [node] }),
  },
  {
    operation: 'multi of check',
    any: Perms.READ,
    attempt: (client, node) => multiError(client, { type: OpCode.check, request: { path: node, version: -1 } }),
  },
  {
    operation: 'multi of create',
    any: Perms.CREATE,
    attempt: (client, node) => multiError(client, { type: OpCode.create, request: createRequest(`${node}/new`) }),
  },
  {
    operation: 'multi of delete',
    any: Perms.DELETE,
    attempt: (client, node) =>
      multiError(client, { type: OpCode.delete, request: { path: `${node}/child`, version: -1 } }),
  },
  {
    operation: 'multi of setData',
    any: Perms.WRITE,
    attempt: (client, node) =>
      multiError(client, { type: OpCode.setData, request: { path: node, data: null, version: -1 } }),
  },
];

async function multiError(client: Client, op: Parameters<Client['multi']>[0][number]): Promise<{ error: string }> {
  const [result] = ok(await client.multi([op]));
  return { error: result?.type === OpCode.error && result.err === -102 ? 'NoAuth' : 'Ok' };
}

const SINGLE_BITS = [Perms.READ, Perms.WRITE, Perms.CREATE, Perms.DELETE, Perms.ADMIN];

const bitsThatGrant = async (attempt: Attempt, client: Client, root: string): Promise<number[]> => {
  const granting: number[] = [];
  for (const bit of SINGLE_BITS) {
    const node = `${root}/bit${bit}`;
    ok(await client.create(node));
    ok(await client.create(`${node}/child`));
    const acl: Acl[] = [world(bit)];
    ok(await client.setAcl(node, acl));
    const { error } = await attempt(client, node);
    expect(['Ok', 'NoAuth']).toContain(error);
    if (error === 'Ok') granting.push(bit);
  }
  return granting;
};

const names = (bits: number): string =>
  (Object.keys(Perms) as (keyof typeof Perms)[])
    .filter((name) => name !== 'ALL' && (bits & Perms[name]) !== 0)
    .join(' or ');

const asksFor =
  (any: number, attempt: Attempt): ClaimBody =>
  async ({ client, root }) => {
    const granting = await bitsThatGrant(attempt, client, root);
    expect(granting).toEqual(any === 0 ? SINGLE_BITS : SINGLE_BITS.filter((bit) => (bit & any) !== 0));
  };

const ruleClaim = ({ operation, any, attempt, ours }: Rule): Claim =>
  claim(
    `${operation} asks for ${any === 0 ? 'nothing' : names(any)}`,
    asksFor(any, attempt),
    ours && { deviations: { menagerie: { reason: ours.reason, body: asksFor(ours.any, attempt) } } },
  );

export const acls = about('ACLs', ...rules.map(ruleClaim));
