/** Quotas: what is counted, and what a limit does. */
import { ErrorCode } from '@menagerie/zookeeper-protocol';
import { describe, expect, it } from 'vitest';
import { drain, load } from '../__fixtures__/snapshots.js';
import { Standalone, type TestClient } from '../__fixtures__/standalone.js';
import { createDatabase } from '../database/index.js';
import { parseQuota } from './quota-record.js';

function setQuota(client: TestClient, path: string, limits: string): void {
  client.create(`/zookeeper/quota${path}`);
  client.created(`/zookeeper/quota${path}/zookeeper_limits`, { data: limits });
  client.created(`/zookeeper/quota${path}/zookeeper_stats`, { data: 'count=0,bytes=0' });
}

const usage = (client: TestClient, path: string): string | number =>
  client.getData(`/zookeeper/quota${path}/zookeeper_stats`);

describe('a quota', () => {
  it('counts the nodes and bytes there are when it is set, and what happens from then on', () => {
    const client = new Standalone().connect();
    client.created('/a', { data: 'xx' });
    client.created('/a/b', { data: 'yyy' });
    client.created('/ab', { data: 'not below' });
    setQuota(client, '/a', 'count=5,bytes=100');
    expect(usage(client, '/a')).toBe('count=2,bytes=5');
    client.created('/a/b/c', { data: 'z' });
    client.setData('/a', 'xxxx');
    client.delete('/a/b/c');
    expect(usage(client, '/a')).toBe('count=2,bytes=7');
  });

  it('is counted anew after a restart, from the tree and not from what was noted', () => {
    const cluster = new Standalone();
    const client = cluster.connect();
    client.created('/a', { data: 'xx' });
    setQuota(client, '/a', 'count=5,bytes=100');
    const copy = createDatabase();
    const source = cluster.database.beginSnapshot()!;
    load(copy, drain(source), source.zxid);
    expect(copy.tree.quotas.usage('/a')).toMatchObject({ count: 1, bytes: 2 });
    expect(copy.tree.quotas.limitedAbove('/a/b')).toBe('/a');
    expect(copy.treeDigest).toBe(cluster.database.treeDigest);
  });

  it('is of the longest path that has one, and gone with its limits', () => {
    const client = new Standalone().connect();
    for (const path of ['/a', '/a/b']) client.created(path);
    setQuota(client, '/a', 'count=5,bytes=100');
    setQuota(client, '/a/b', 'count=5,bytes=100');
    client.created('/a/b/c');
    expect([usage(client, '/a'), usage(client, '/a/b')]).toEqual(['count=2,bytes=0', 'count=2,bytes=0']);
    client.delete('/zookeeper/quota/a/b/zookeeper_limits');
    client.created('/a/b/d');
    expect([usage(client, '/a'), usage(client, '/a/b')]).toEqual(['count=3,bytes=0', 'count=2,bytes=0']);
  });

  it('that is hard refuses a write which would pass it, where quotas are enforced', () => {
    const cluster = new Standalone({ enforceQuota: true });
    const client = cluster.connect();
    client.created('/a', { data: '12' });
    setQuota(client, '/a', 'count=-1,bytes=-1=;byteHardLimit=4;countHardLimit=2');
    expect(client.create('/a/b', { data: '123' }).err).toBe(ErrorCode.QuotaExceeded);
    expect(client.create('/a/b').err).toBe(0);
    expect(client.create('/a/c').err).toBe(ErrorCode.QuotaExceeded);
    expect(client.setData('/a', '12345')).toBe(ErrorCode.QuotaExceeded);
    expect(client.setData('/a', '1234')).toBe(0);
    expect(cluster.env.lines.filter(({ event }) => event === 'quota exceeded')).toHaveLength(1);
  });

  it.each([{ enforceQuota: false }, {}])('refuses nothing where quotas are not enforced', (config) => {
    const client = new Standalone(config).connect();
    client.created('/a');
    setQuota(client, '/a', 'count=-1,bytes=-1=;byteHardLimit=1;countHardLimit=1');
    expect(client.create('/a/b', { data: 'too much' }).err).toBe(0);
  });

  it('that is soft only has the operator told', () => {
    const cluster = new Standalone({ enforceQuota: true });
    const client = cluster.connect();
    client.created('/a');
    setQuota(client, '/a', 'count=1,bytes=-1');
    expect(client.create('/a/b').err).toBe(0);
    expect(cluster.env.lines.at(-1)).toMatchObject({ event: 'quota exceeded', fields: { path: '/a', refused: false } });
  });

  it.each(['', 'nonsense', 'count=,bytes', 'count=1=2,bytes=x', 'constructor=5'])('of %j harms nobody', (text) => {
    const client = new Standalone({ enforceQuota: true }).connect();
    client.created('/a');
    setQuota(client, '/a', text);
    client.setData('/zookeeper/quota/a/zookeeper_stats', text);
    expect(client.create('/a/b').err).toBe(0);
    expect(client.create('/zookeeper/quota/zookeeper_limits').err).toBe(0);
  });

  it('is read in all the forms it was ever written in', () => {
    expect(parseQuota('count=3,bytes=4')).toEqual({ count: 3, bytes: 4, countHardLimit: -1, byteHardLimit: -1 });
    expect(parseQuota('count=-1,bytes=-1=;byteHardLimit=5;countHardLimit=6')).toEqual({
      count: -1,
      bytes: -1,
      countHardLimit: 6,
      byteHardLimit: 5,
    });
  });
});
