/** Naming and the other services that answer people: what they refuse is one line with a code, and changes nothing. */
import { TestPatterns, type TestService } from '@menagerie/platform-testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let patterns: TestPatterns;
let services: [TestService, TestService];

beforeAll(async () => {
  patterns = await TestPatterns.start({ servers: 1 });
  services = (await Promise.all(['one', 'two'].map((id) => patterns.service('naming', id)))) as typeof services;
});
afterAll(() => patterns?.close());

const codeOf = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<string> => {
  const { status, body: answer } = await services[0].ask(method, path, body);
  expect(answer?.message).toMatch(/^[^\n]{10,300}$/);
  return `${status} ${answer.code}`;
};

describe('naming', () => {
  it('ids of two replicas, by nodes and out of blocks, are each given once', async () => {
    await services[0].put('/types/job');
    const asked = Array.from({ length: 40 }, async (_, n) => {
      const body = { count: 5, way: n % 4 < 2 ? 'sequential' : 'block' };
      return ((await services[n % 2]?.post('/types/job/ids', body)) as { ids: string[] }).ids;
    });
    const ids = (await Promise.all(asked)).flat();
    expect(ids).toHaveLength(200);
    expect(new Set(ids).size).toBe(200);
    expect(ids[0]).toMatch(/^job-\d{10}$/);
    const leases = await Promise.all([0, 1].map((n) => services[n]?.post('/types/job/blocks', { size: 10 })));
    expect(new Set(leases.map(({ first }: { first: string }) => first)).size).toBe(2);
  });

  it('an unknown type, a bad count, a type that is no word', async () => {
    expect(await codeOf('POST', '/types/jbo/ids', {})).toBe('404 NAMING_UNKNOWN_TYPE');
    expect(await codeOf('POST', '/types/jbo/blocks', {})).toBe('404 NAMING_UNKNOWN_TYPE');
    expect(await codeOf('POST', '/types/job/ids', { count: 0 })).toBe('400 PATTERN_BAD_REQUEST');
    expect(await codeOf('PUT', '/types/a%2Fb', {})).toBe('400 PATTERN_BAD_REQUEST');
    expect(await services[0].get('/types')).toEqual(['job']);
  });

  it('names are bound once, found through links, and links that lead in a circle are told', async () => {
    await services[0].post('/names/db%2Fmain', { resource: { port: 3306 } });
    await services[0].post('/names/orders', { link: 'db/main' });
    expect(await services[0].get('/names/orders')).toEqual({ name: 'db/main', resource: { port: 3306 } });
    await services[0].post('/names/a', { link: 'b' });
    await services[0].post('/names/b', { link: 'a' });
    expect(await codeOf('GET', '/names/a')).toBe('422 NAMING_LINKS');
    expect(await codeOf('POST', '/names/orders', { link: 'a' })).toBe('409 NAMING_BOUND');
    expect(await codeOf('DELETE', '/names/db')).toBe('409 NAMING_BOUND');
    expect(await codeOf('GET', '/names/db')).toBe('404 NAMING_NOT_FOUND');
    expect(await codeOf('GET', '/names/..%2Fids')).toBe('400 PATTERN_BAD_REQUEST');
  });
});
