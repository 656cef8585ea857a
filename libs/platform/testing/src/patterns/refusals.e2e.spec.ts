/** The services that take work: what makes no sense is refused in one line with a code, and changes nothing. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '@menagerie/zookeeper-testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestPatterns } from './test-patterns.js';
import type { TestService } from './test-service.js';

let patterns: TestPatterns;
let sale: TestService;
let queue: TestService;
let checksum: TestService;
let ads: TestService;

beforeAll(async () => {
  patterns = await TestPatterns.start({ servers: 1 });
  const visits = join(patterns.folder, 'visits.csv');
  writeFileSync(visits, 'not a visit\nann,chess\nann,chess\nann,chess\nbob,chess\n');
  const { host, port, database, user, password } = (await patterns.database('sale')).address;
  const url = `mysql://${user}:${password}@${host}:${port}/${database}`;
  [sale, queue, checksum, ads] = await Promise.all([
    patterns.service('flash-sale', 'shop', { SALE_DATABASE: url }),
    patterns.service('work-queue', 'clerk', { QUEUE_CONSUMES: 'false', QUEUE_LIMIT: '2' }),
    patterns.service('checksum', 'worker'),
    patterns.service('ad-server', 'ads', { AD_VISITS: visits, AD_SHARED_DIR: join(patterns.folder, 'shared') }),
  ]);
});
afterAll(() => patterns?.close());

type Method = Parameters<TestService['ask']>[0];
const refusalOf = async (service: TestService, method: Method, path: string, body?: object): Promise<string> => {
  const { status, body: answer } = await service.ask(method, path, body);
  expect(answer?.message).toMatch(/^[^\n]{5,300}$/);
  return `${status} ${answer.code}`;
};

describe('refusals', () => {
  it('of a sale: nothing on sale, no piece left, a second piece, nonsense', async () => {
    expect(await refusalOf(sale, 'POST', '/items/lamp/orders', { buyer: 'ann' })).toBe('404 SALE_UNKNOWN_ITEM');
    await sale.put('/items/lamp', { pieces: 2 });
    await sale.post('/items/lamp/orders', { buyer: 'ann' });
    expect(await refusalOf(sale, 'POST', '/items/lamp/orders', { buyer: 'ann' })).toBe('409 SALE_BOUGHT_ALREADY');
    expect(await sale.get('/items/lamp')).toEqual({ item: 'lamp', remaining: 1, orders: 1 });
    await sale.post('/items/lamp/orders', { buyer: 'bob' });
    expect(await refusalOf(sale, 'POST', '/items/lamp/orders', { buyer: 'eve' })).toBe('409 SALE_SOLD_OUT');
    expect(await refusalOf(sale, 'PUT', '/items/lamp', { pieces: -1 })).toBe('400 PATTERN_BAD_REQUEST');
    expect(await refusalOf(sale, 'POST', '/items/lamp/orders', {})).toBe('400 PATTERN_BAD_REQUEST');
    expect(await refusalOf(sale, 'POST', '/items/a%2Fb/orders', { buyer: 'eve' })).toBe('400 PATTERN_BAD_REQUEST');
    expect(await sale.get('/items/lamp')).toEqual({ item: 'lamp', remaining: 0, orders: 2 });
  });

  it('of a queue: an item too many, one that is too long, one that is none', async () => {
    for (const text of ['one', 'two']) await queue.post('/queue/items', { text });
    expect(await refusalOf(queue, 'POST', '/queue/items', { text: 'three' })).toBe('429 QUEUE_FULL');
    expect(await refusalOf(queue, 'POST', '/queue/items', { text: 'x'.repeat(10_001) })).toBe(
      '400 PATTERN_BAD_REQUEST',
    );
    expect(await refusalOf(queue, 'POST', '/queue/items', {})).toBe('400 PATTERN_BAD_REQUEST');
    expect(await queue.get('/queue')).toEqual({ size: 2, limit: 2, aside: 0 });
  });

  it('of an order to work: no folder, no shares, an unknown task; and nobody begins', async () => {
    const order = { id: 'tree', folder: join(patterns.folder, 'nowhere'), shares: 2 };
    expect(await refusalOf(checksum, 'PUT', '/order', order)).toBe('422 TASK_NO_FOLDER');
    const none = { ...order, folder: patterns.folder, shares: 0 };
    expect(await refusalOf(checksum, 'PUT', '/order', none)).toBe('400 PATTERN_BAD_REQUEST');
    expect(await refusalOf(checksum, 'PUT', '/order', { ...order, id: '../x' })).toBe('400 PATTERN_BAD_REQUEST');
    expect(await refusalOf(checksum, 'GET', '/tasks/tree?shares=2')).toBe('404 TASK_UNKNOWN');
    expect(await checksum.get('/worker')).toEqual({ order: null, busy: false, summed: 0 });
  });

  it('of an audience: a topic that nobody visits; lines that are no visits are passed over', async () => {
    const isServing = async () => ((await ads.get('/state')) as { role: string }).role === 'serving';
    await waitFor(isServing, { timeoutMs: 30_000, what: 'the audience' });
    expect(await ads.get('/audience/chess')).toEqual({ topic: 'chess', users: ['ann'] });
    expect(await refusalOf(ads, 'GET', '/audience/opera')).toBe('404 TASK_UNKNOWN');
    expect(await refusalOf(ads, 'GET', '/audience/__proto__')).toBe('404 TASK_UNKNOWN');
  });
});
