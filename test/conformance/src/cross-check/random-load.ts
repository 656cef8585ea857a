/** A seeded load of several clients that uses most of what there is, right and wrong. */
import { CreateMode, OpCode, Perms } from '@menagerie/zookeeper-protocol';
import { Client, createRequest } from '../client/client.js';
import type { Address } from '../net/address.js';
import { digestAcl, world, worldBut } from '../cases/support.js';

/** Mulberry32: small, and the same everywhere. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface RandomLoadOptions {
  readonly seed: number;
  readonly requests: number;
  readonly clients: number;
}

/** @returns how many answers were errors */
export async function randomLoad(
  address: Address,
  { seed, requests, clients: count }: RandomLoadOptions,
): Promise<number> {
  const random = seeded(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const pick = <T>(values: readonly T[]): T => values[below(values.length)]!;
  const path = (): string => {
    let made = '';
    for (let depth = 1 + below(3); depth > 0; depth--) made += `/${pick(['a', 'b', 'c', 'd', 'é', 'seq-'])}`;
    return random() < 0.02 ? `${made}/` : made;
  };
  const version = (): number => (random() < 0.7 ? -1 : below(4));
  const flags = [
    CreateMode.persistent,
    CreateMode.ephemeral,
    CreateMode.persistentSequential,
    CreateMode.ephemeralSequential,
  ];
  // Everybody may always read: what is hidden from others our server hides from `exists`, too, on purpose.
  const acls = [
    undefined,
    undefined,
    [worldBut(Perms.WRITE)],
    [worldBut(Perms.CREATE), digestAcl(Perms.CREATE, 'bob', 'pw')],
    [world(Perms.READ), digestAcl(Perms.ALL, 'bob', 'pw')],
    [world(Perms.READ | Perms.DELETE)],
    [],
  ];
  const acl = () => pick(acls);
  const create = () => {
    const wanted = acl();
    return { data: 'x'.repeat(below(50)), flags: random() < 0.05 ? 9 : pick(flags), ...(wanted && { acl: wanted }) };
  };
  const clients: Client[] = [];
  const connect = async (): Promise<Client> => {
    const client = await Client.open(address);
    // A machine that stands still for half a minute must not end sessions on one of the two servers only.
    await client.handshake({ timeoutMs: 600_000 });
    return client;
  };
  for (let made = 0; made < count; made++) clients.push(await connect());
  const actions: readonly ((client: Client) => Promise<{ error: string }>)[] = [
    (client) => client.create(path(), create()),
    (client) => client.create(path(), create()),
    (client) => client.create2(path(), create()),
    (client) => client.createContainer(path()),
    (client) => client.createTtl(path(), BigInt(1_000_000 + below(9))),
    (client) => client.delete(path(), version()),
    (client) => client.setData(path(), `v${below(100)}`, version()),
    (client) => client.getData(path(), random() < 0.5),
    (client) => client.exists(path(), random() < 0.5),
    (client) => client.getChildren(path(), random() < 0.5),
    (client) => client.getChildren2(path(), random() < 0.5),
    (client) => client.getAcl(path()),
    (client) => client.setAcl(path(), acl() ?? [world(Perms.ALL)], version()),
    (client) => client.sync(path()),
    (client) => client.getEphemerals(path()),
    (client) => client.getAllChildrenNumber(path()),
    (client) => client.whoAmI(),
    (client) => client.auth('digest', 'bob:pw'),
    (client) => client.removeWatches(path(), 1 + below(3)),
    (client) => client.ping(),
    (client) =>
      client.multi([
        { type: OpCode.create, request: createRequest(path(), create()) },
        ...(random() < 0.5 ? [{ type: OpCode.check, request: { path: path(), version: version() } } as const] : []),
        { type: OpCode.setData, request: { path: path(), data: Buffer.from('m'), version: version() } },
        { type: OpCode.delete, request: { path: path(), version: version() } },
      ]),
    (client) =>
      client.multiRead([
        { type: OpCode.getData, request: { path: path(), watch: false } },
        { type: OpCode.getChildren, request: { path: path(), watch: false } },
      ]),
  ];
  let errors = 0;
  for (let sent = 0; sent < requests; sent++) {
    const at = below(clients.length);
    if (random() < 0.01) {
      // Ends its session, or comes back with it, or comes back as somebody with a wrong password.
      const old = clients[at]!;
      const { credentials } = old;
      if (random() < 0.5) await old.closeSession();
      else old.crash();
      clients[at] = await connect();
      await clients[at].sync('/');
      if (random() < 0.5) {
        const again = await Client.open(address);
        await again.handshake({ ...credentials, ...(random() < 0.3 ? { password: Buffer.alloc(16) } : {}) });
        await again.dispose();
      }
      continue;
    }
    const { error } = await pick(actions)(clients[at]!);
    if (error !== 'Ok') errors++;
  }
  for (const client of clients) await client.closeSession();
  return errors;
}
