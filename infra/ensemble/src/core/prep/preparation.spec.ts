/** What becomes of writes, seen through a server alone whose commits the spec lets happen. */
import {
  type Acl,
  CreateMode,
  decodeMultiResponse,
  encodeCheckRequest,
  encodeCreateRequest,
  encodeCreateTtlRequest,
  encodeDeleteRequest,
  encodeMultiRequest,
  encodeSetAclRequest,
  ErrorCode,
  type JuteReader,
  type MultiWriteOp,
  OPEN_ACL,
  OpCode,
  READ_ACL,
} from '@menagerie/zookeeper-protocol';
import { describe, expect, it } from 'vitest';
import { Standalone, type TestClient } from '../__fixtures__/standalone.js';
import { sequenceSuffix } from './sequence-name.js';

const { persistent, ephemeral, persistentSequential } = CreateMode;

const createOp = (path: string, flags: number = persistent): MultiWriteOp => ({
  type: OpCode.create,
  request: { path, data: null, acl: OPEN_ACL, flags },
});

/** Results as type, or as error. */
function results(body: JuteReader): string[] {
  return decodeMultiResponse(body).results.map((result) =>
    result.type === OpCode.error ? `error ${result.err}` : `${result.type}`,
  );
}

function multi(client: TestClient, ops: MultiWriteOp[]): string[] {
  const reply = client.call(OpCode.multi, (writer) => encodeMultiRequest(writer, { ops }));
  return reply.err === 0 ? results(reply.body) : [`reply ${reply.err}`];
}

describe('writes on their way', () => {
  it('are seen by those behind them before they are committed', () => {
    const cluster = new Standalone();
    const client = cluster.connect();
    cluster.manual = true;
    const send = (type: number, path: string, version = -1): void =>
      client.send(type, (writer) => {
        if (type === OpCode.delete) encodeDeleteRequest(writer, { path, version });
        else encodeCreateRequest(writer, { path, data: null, acl: OPEN_ACL, flags: persistent });
      });
    send(OpCode.create, '/a');
    send(OpCode.create, '/a/b');
    send(OpCode.delete, '/a');
    send(OpCode.delete, '/a/b');
    send(OpCode.delete, '/a');
    send(OpCode.create, '/a/b');
    cluster.commit();
    expect(client.takeAll()).toEqual(['0 to 1', '0 to 2', '-111 to 3', '0 to 4', '0 to 5', '-101 to 6']);
    expect(cluster.database.tree.nodeCount).toBe(5);
  });

  it('number sequential nodes without gaps or repeats', () => {
    const cluster = new Standalone();
    const client = cluster.connect();
    client.created('/q');
    cluster.manual = true;
    for (let i = 0; i < 5; i++) {
      client.send(OpCode.create, (writer) =>
        encodeCreateRequest(writer, { path: '/q/n-', data: null, acl: OPEN_ACL, flags: persistentSequential }),
      );
      if (i === 2) cluster.commit(2);
    }
    cluster.commit();
    const names = [...cluster.database.tree.subtree(cluster.database.tree.get('/q')!)].slice(1).map(({ name }) => name);
    expect(names.sort()).toEqual([0, 1, 2, 3, 4].map((i) => `n-000000000${i}`));
  });

  it('that fail have a zxid too, and say why', () => {
    const cluster = new Standalone();
    const client = cluster.connect();
    const reply = client.create('/no/parent');
    expect(reply).toMatchObject({ err: ErrorCode.NoNode, zxid: 2n });
    expect(cluster.proposals.at(-1)).toMatchObject({
      txn: { type: OpCode.error, err: ErrorCode.NoNode },
      digest: null,
    });
  });

  it('leave no stat record behind once they are applied', () => {
    const cluster = new Standalone();
    const client = cluster.connect();
    for (let i = 0; i < 20; i++) {
      client.create(`/n${i % 3}`);
      client.setData(`/n${i % 3}`, 'x');
      client.delete(`/n${(i + 1) % 3}`);
      multi(client, [createOp('/m'), createOp('/m')]);
    }
    const { tree } = cluster.database;
    expect(tree.stats.size).toBe(tree.nodeCount - 1);
  });
});

describe('the order of the checks at create', () => {
  const cluster = new Standalone();
  const client = cluster.connect();
  client.created('/closed', { acl: READ_ACL });
  client.created('/e', { flags: ephemeral });
  client.created('/open');
  const badAcl: Acl[] = [];

  it.each<[string, Parameters<TestClient['create']>, number]>([
    ['flags before anything', ['nonsense', { flags: 7, acl: badAcl }], ErrorCode.BadArguments],
    ['a path without slash before the ACL', ['nonsense', { acl: badAcl }], ErrorCode.BadArguments],
    ['the ACL before the parent', ['/no/parent', { acl: badAcl }], ErrorCode.InvalidACL],
    ['the parent before the rest of the path', ['/no/../parent'], ErrorCode.NoNode],
    ['the permission before the rest of the path', ['/closed/..'], ErrorCode.NoAuth],
    ['the rest of the path before what is there', ['/open/'], ErrorCode.BadArguments],
    ['what is there before the kind of the parent', ['/open'], ErrorCode.NodeExists],
    ['the kind of the parent last', ['/e/child'], ErrorCode.NoChildrenForEphemerals],
  ])('%s', (_, args, err) => expect(client.create(...args).err).toBe(err));

  it('a sequential node may be called by its number only', () => {
    expect(client.created('/open/', { flags: persistentSequential })).toBe('/open/0000000000');
  });
});

describe('delete', () => {
  it.each(['/', '/zookeeper', '/zookeeper/quota', '/zookeeper/config', 'x'])('of %s is refused', (path) => {
    expect(new Standalone().connect().delete(path)).toBe(ErrorCode.BadArguments);
  });

  it('checks permission, existence, version, children, in this order', () => {
    const client = new Standalone().connect();
    client.created('/a');
    client.created('/a/b');
    client.created('/ro', { acl: READ_ACL });
    expect(client.delete('/ro/none')).toBe(ErrorCode.NoAuth);
    expect(client.delete('/none/none')).toBe(ErrorCode.NoNode);
    expect(client.delete('/a', 3)).toBe(ErrorCode.BadVersion);
    expect(client.delete('/a')).toBe(ErrorCode.NotEmpty);
    expect(client.delete('/a/b', 0)).toBe(ErrorCode.Ok);
  });
});

describe('versions', () => {
  it('wrap from the largest to the smallest', () => {
    const cluster = new Standalone();
    const client = cluster.connect();
    client.created('/a');
    const { tree } = cluster.database;
    tree.setData('/a', null, 0x7fffffff, 2n, 0);
    expect(client.setData('/a', 'x', 0x7fffffff)).toBe(0);
    expect(tree.stats.version(tree.get('/a')!.stat)).toBe(-0x80000000);
  });

  it('of an ACL are its own', () => {
    const client = new Standalone().connect();
    client.created('/a');
    const setAcl = (version: number): number =>
      client.call(OpCode.setAcl, (writer) => encodeSetAclRequest(writer, { path: '/a', acl: OPEN_ACL, version })).err;
    client.setData('/a', 'x');
    expect([setAcl(1), setAcl(0), setAcl(0), setAcl(1), setAcl(-1)]).toEqual([
      ErrorCode.BadVersion,
      0,
      ErrorCode.BadVersion,
      0,
      0,
    ]);
  });
});

describe('sequence numbers', () => {
  it.each([
    [0, '0000000000'],
    [42, '0000000042'],
    [0x7fffffff, '2147483647'],
    [-0x80000000, '-2147483648'],
    [-5, '-000000005'],
  ])('%i is written %s', (counter, text) => expect(sequenceSuffix(counter)).toBe(text));

  it('go on after the largest with the smallest', () => {
    const cluster = new Standalone();
    const client = cluster.connect();
    const { tree } = cluster.database;
    client.created('/q');
    tree.stats.setCversion(tree.get('/q')!.stat, 0x7fffffff);
    const next = (): string => client.created('/q/n', { flags: persistentSequential });
    cluster.database.tree.setAcl('/q', null, 5);
    expect([next(), next(), next()]).toEqual(['/q/n2147483647', '/q/n-2147483648', '/q/n-2147483647']);
  });
});

describe('multi', () => {
  it('sees its own earlier operations and is done under one zxid', () => {
    const cluster = new Standalone();
    const client = cluster.connect();
    const done = multi(client, [
      createOp('/a'),
      { type: OpCode.setData, request: { path: '/a', data: Buffer.from('x'), version: 0 } },
      { type: OpCode.check, request: { path: '/a', version: 1 } },
      { type: OpCode.create2, request: { path: '/a/b', data: null, acl: OPEN_ACL, flags: CreateMode.container } },
      createOp('/a/c-', persistentSequential),
      { type: OpCode.delete, request: { path: '/a/b', version: -1 } },
    ]);
    expect(done).toEqual(['1', '5', '13', '15', '1', '2']);
    expect(client.exists('/a/c-0000000001')).toMatchObject({ czxid: 2n });
    expect(client.exists('/a')).toMatchObject({ version: 1, czxid: 2n, pzxid: 2n, numChildren: 1, cversion: 3 });
  });

  it('that fails does nothing and says which operation failed', () => {
    const client = new Standalone().connect();
    client.created('/there');
    expect(multi(client, [createOp('/a'), createOp('/b'), createOp('/there'), createOp('/c')])).toEqual([
      'error 0',
      'error 0',
      'error -110',
      'error -2',
    ]);
    expect(client.exists('/a')).toBe(ErrorCode.NoNode);
  });

  it('that fails leaves pending changes as they were, the sequence numbers of its parents too (ZOOKEEPER-1624)', () => {
    const cluster = new Standalone();
    const client = cluster.connect();
    client.created('/q');
    cluster.manual = true;
    const send = (ops: MultiWriteOp[]): void =>
      client.send(OpCode.multi, (writer) => encodeMultiRequest(writer, { ops }));
    send([createOp('/q/n', persistentSequential)]);
    send([createOp('/q/n', persistentSequential), createOp('/q/n', persistentSequential), createOp('/q')]);
    send([createOp('/q/n', persistentSequential)]);
    cluster.commit();
    expect([1, 2, 3].map(() => results(client.takeReply().body))).toEqual([
      ['1'],
      ['error 0', 'error 0', 'error -110'],
      ['1'],
    ]);
    const { tree } = cluster.database;
    expect([...tree.subtree(tree.get('/q')!)].map(({ path }) => path).sort()).toEqual([
      '/q',
      '/q/n0000000000',
      '/q/n0000000001',
    ]);
  });

  it('takes a create2, and answers it by its flags as 3.8 does (ZOOKEEPER-4026)', () => {
    const client = new Standalone().connect();
    const create2: MultiWriteOp = {
      type: OpCode.create2,
      request: { path: '/a', data: null, acl: OPEN_ACL, flags: persistent },
    };
    expect(multi(client, [create2])).toEqual(['1']);
    expect(client.exists('/a')).toMatchObject({ czxid: 2n });
  });

  it('of nothing succeeds', () => expect(multi(new Standalone().connect(), [])).toEqual([]));

  it('that can not be read, or wants a time to live without a field for it, is a marshalling error', () => {
    const client = new Standalone({ extendedTypes: true }).connect();
    expect(multi(client, [createOp('/a', CreateMode.persistentWithTtl)])).toEqual([
      `reply ${ErrorCode.MarshallingError}`,
    ]);
    const garbage = client.call(OpCode.multi, (writer) => writer.writeInt(4));
    expect(garbage.err).toBe(ErrorCode.MarshallingError);
  });
});

describe('the end of a session', () => {
  it('takes ephemerals whose creation is still on its way, and leaves those alone that are on their way out', () => {
    const cluster = new Standalone();
    const client = cluster.connect();
    client.created('/out', { flags: ephemeral });
    cluster.manual = true;
    client.send(OpCode.delete, (writer) => encodeDeleteRequest(writer, { path: '/out', version: -1 }));
    client.send(OpCode.create, (writer) =>
      encodeCreateRequest(writer, { path: '/in', data: null, acl: OPEN_ACL, flags: ephemeral }),
    );
    client.send(OpCode.closeSession);
    expect(cluster.proposals.at(-1)!.txn).toEqual({ type: OpCode.closeSession, paths: ['/in'] });
    cluster.commit();
    expect(cluster.database.tree.nodeCount).toBe(5);
  });
});

describe('what could not be read back', () => {
  it('is not written: a transaction larger than its readers take (ZOOKEEPER-3496)', () => {
    const cluster = new Standalone({ maxBufferBytes: 4096 });
    const client = cluster.connect();
    expect(client.create('/big', { data: 'x'.repeat(9000) }).err).toBe(ErrorCode.MarshallingError);
    expect(client.create('/fits', { data: 'x'.repeat(4000) }).err).toBe(0);
    expect(client.exists('/big')).toBe(ErrorCode.NoNode);
  });

  it('does not come to be: more ephemerals than their closeSession can name (ZOOKEEPER-4306)', () => {
    const cluster = new Standalone({ maxBufferBytes: 1024 });
    const client = cluster.connect();
    const name = 'e'.repeat(100);
    let made = 0;
    while (made < 100 && client.create(`/${name}${made}`, { flags: ephemeral }).err === 0) made++;
    expect(made).toBeGreaterThan(10);
    expect(made).toBeLessThan(20);
    expect(client.create('/more', { flags: ephemeral }).err).toBe(0);
    expect(client.create(`/${name}x`, { flags: ephemeral }).err).toBe(ErrorCode.QuotaExceeded);
    expect(client.create(`/${name}x`).err).toBe(0);
    client.delete(`/${name}0`);
    expect(client.create(`/${name}y`, { flags: ephemeral }).err).toBe(0);
    client.send(OpCode.closeSession);
    cluster.settle();
    expect(cluster.proposals.at(-1)!.bytes.length).toBeLessThanOrEqual(2048);
    expect(cluster.database.tree.owners.ephemeralCount).toBe(0);
  });

  it('is refused on its own: a check outside of a multi (ZOOKEEPER-2623)', () => {
    const cluster = new Standalone();
    const client = cluster.connect();
    const count = cluster.proposals.length;
    const reply = client.call(OpCode.check, (writer) => encodeCheckRequest(writer, { path: '/', version: -1 }));
    expect(reply).toMatchObject({ err: ErrorCode.Unimplemented, zxid: -1n });
    expect(client.link.closeReason).toMatch(/unknown request/);
    expect(cluster.proposals).toHaveLength(count);
  });

  it('becomes an error where it comes from another server, whose queue must not stand still', () => {
    const cluster = new Standalone();
    for (const type of [OpCode.check, OpCode.deleteContainer, 99]) {
      cluster.server.learnerRequest(2, { sessionId: 5n, cxid: 1, type, body: Buffer.alloc(0), authInfo: [] });
      expect(cluster.proposals.at(-1)!.txn).toEqual({ type: OpCode.error, err: ErrorCode.Unimplemented });
    }
  });
});

describe('special kinds of nodes', () => {
  it('are containers only by their own opcode, whatever the flags say', () => {
    const cluster = new Standalone();
    const client = cluster.connect();
    const create = (type: number, path: string, flags: number): number =>
      client.call(type, (writer) => encodeCreateRequest(writer, { path, data: null, acl: OPEN_ACL, flags })).err;
    expect(create(OpCode.create, '/plain', CreateMode.container)).toBe(0);
    expect(create(OpCode.createContainer, '/container', CreateMode.container)).toBe(0);
    expect(create(OpCode.createContainer, '/container2', CreateMode.persistent)).toBe(0);
    const { owners } = cluster.database.tree;
    expect([...owners.containers].map(({ path }) => path)).toEqual(['/container', '/container2']);
  });

  const ttl = (client: TestClient, flags: number, ttlMs: bigint): number =>
    client.call(OpCode.createTtl, (writer) =>
      encodeCreateTtlRequest(writer, { path: '/t', data: null, acl: OPEN_ACL, flags, ttlMs }),
    ).err;

  it('with a time to live need extended types', () => {
    expect(ttl(new Standalone().connect(), CreateMode.persistentWithTtl, 10n)).toBe(ErrorCode.Unimplemented);
    expect(ttl(new Standalone({ extendedTypes: true }).connect(), CreateMode.persistentWithTtl, 10n)).toBe(0);
  });

  it.each([
    [CreateMode.persistentWithTtl, 0n],
    [CreateMode.persistentWithTtl, -1n],
    [CreateMode.persistentWithTtl, 1n << 40n],
    [CreateMode.persistent, 10n],
    [CreateMode.persistent, -1n],
  ])('of flags %i can not have a time to live of %s', (flags, ttlMs) => {
    expect(ttl(new Standalone({ extendedTypes: true }).connect(), flags, ttlMs)).toBe(ErrorCode.BadArguments);
  });
});
