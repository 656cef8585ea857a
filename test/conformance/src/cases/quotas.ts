/** Quotas, where they are enforced. */
import { expect } from 'vitest';
import { type Client, ok } from '../client/client.js';
import { about, claim } from '../suite/claim.js';
import { expectError } from './support.js';

const quotaPath = (path: string): string => `/zookeeper/quota${path}`;

/** What an operator's tool does: the limits, then the statistics, which the server fills in. */
async function setQuota(client: Client, path: string, limits: string): Promise<void> {
  ok(await client.create(quotaPath(path)));
  ok(await client.create(`${quotaPath(path)}/zookeeper_limits`, { data: limits }));
  ok(await client.create(`${quotaPath(path)}/zookeeper_stats`, { data: 'count=0,bytes=0' }));
}

const usage = async (client: Client, path: string): Promise<string | undefined> =>
  ok(await client.getData(`${quotaPath(path)}/zookeeper_stats`)).data?.toString('utf8');

/** A leader counts what it has applied, which may be later than a follower has answered for it. */
const untilTaken = (create: () => Promise<{ error: string }>): Promise<void> =>
  expect.poll(async () => (await create()).error).toBe('Ok');

export const quotas = about(
  'quotas',
  claim('making the statistics counts what is there', async ({ client, root }) => {
    ok(await client.setData(root, 'four'));
    ok(await client.create(`${root}/a`, { data: 'xy' }));
    await setQuota(client, root, 'count=100,bytes=100');
    expect(await usage(client, root)).toBe('count=2,bytes=6');
  }),
  claim('every change is counted', async ({ client, root }) => {
    await setQuota(client, root, 'count=100,bytes=100');
    ok(await client.create(`${root}/a`, { data: 'xy' }));
    ok(await client.create(`${root}/a/b`, { data: 'xyz' }));
    expect(await usage(client, root)).toBe('count=3,bytes=5');
    ok(await client.setData(`${root}/a`, 'xyxyxy'));
    expect(await usage(client, root)).toBe('count=3,bytes=9');
    ok(await client.delete(`${root}/a/b`));
    expect(await usage(client, root)).toBe('count=2,bytes=6');
    ok(await client.setData(`${root}/a`, null));
    expect(await usage(client, root)).toBe('count=2,bytes=0');
  }),
  claim('counting is no write: version and mzxid of the statistics stand still', async ({ client, root }) => {
    await setQuota(client, root, 'count=100,bytes=100');
    const before = ok(await client.exists(`${quotaPath(root)}/zookeeper_stats`));
    ok(await client.create(`${root}/a`, { data: 'xy' }));
    const after = ok(await client.exists(`${quotaPath(root)}/zookeeper_stats`));
    expect(after).toMatchObject({ version: before.version, mzxid: before.mzxid });
  }),
  claim('soft limits refuse nothing', async ({ client, root }) => {
    await setQuota(client, root, 'count=1,bytes=1');
    ok(await client.create(`${root}/a`, { data: 'more than one' }));
    expect(await usage(client, root)).toBe('count=2,bytes=13');
  }),
  claim('a hard limit on nodes is QuotaExceeded', async ({ client, root }) => {
    await setQuota(client, root, 'count=-1,bytes=-1;byteHardLimit=-1;countHardLimit=2');
    ok(await client.create(`${root}/a`));
    expectError(await client.create(`${root}/b`), 'QuotaExceeded');
    expectError(await client.create(`${root}/a/b`), 'QuotaExceeded');
    ok(await client.delete(`${root}/a`));
    await untilTaken(() => client.create(`${root}/b`));
  }),
  claim('a hard limit on bytes is QuotaExceeded, for create and setData', async ({ client, root }) => {
    await setQuota(client, root, 'count=-1,bytes=-1;byteHardLimit=5;countHardLimit=-1');
    ok(await client.create(`${root}/a`, { data: '12345' }));
    expectError(await client.create(`${root}/b`, { data: '1' }), 'QuotaExceeded');
    expectError(await client.setData(`${root}/a`, '123456'), 'QuotaExceeded');
    ok(await client.setData(`${root}/a`, '1234'));
    await untilTaken(() => client.create(`${root}/b`, { data: '1' }));
  }),
  claim('the odd separator of the tools is understood', async ({ client, root }) => {
    await setQuota(client, root, 'count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=1');
    expectError(await client.create(`${root}/a`), 'QuotaExceeded');
  }),
  claim('without its limits a quota is no quota', async ({ client, root }) => {
    await setQuota(client, root, 'count=-1,bytes=-1;byteHardLimit=-1;countHardLimit=1');
    expectError(await client.create(`${root}/a`), 'QuotaExceeded');
    ok(await client.delete(`${quotaPath(root)}/zookeeper_limits`));
    ok(await client.create(`${root}/a`));
  }),
  claim(
    'hard limits refuse nothing where they are not enforced',
    async ({ client, root }) => {
      await setQuota(client, root, 'count=-1,bytes=-1;byteHardLimit=1;countHardLimit=1');
      ok(await client.create(`${root}/a`, { data: 'more than one' }));
    },
    { on: ['plain'] },
  ),
);
