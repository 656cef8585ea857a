/** A config center as a process: what it refuses, what two publish at once, what a crash leaves. */
import { configPaths, PatternErrorCode } from '@menagerie/platform-core';
import { TestPatterns, type TestService } from '@menagerie/platform-testing';
import { digestId, isNoAuth, ZooKeeper } from '@menagerie/zookeeper-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let patterns: TestPatterns;
let centers: TestService[];

beforeAll(async () => {
  patterns = await TestPatterns.start({ servers: 1 });
  const environment = { CONFIG_SECRET_FILE: `${patterns.folder}/center.secret` };
  centers = await Promise.all(['one', 'two'].map((id) => patterns.service('config-center', id, environment)));
});
afterAll(() => patterns?.close());

const publish = (center: TestService, app: string, key: string, text: string | null, more: object = {}) =>
  center.ask('POST', `/apps/${app}/revisions`, { by: 'ada', changes: [{ key, text }], ...more });

describe('config center', () => {
  it('what is published is a node that any client reads, and part of a history that can be compared and taken back', async () => {
    const [center] = centers as [TestService];
    await publish(center, 'mall', 'limits.yaml', 'max: 1');
    await publish(center, 'mall', 'limits.yaml', 'max: 2\nmin: 1');
    expect((await patterns.zk.getData(configPaths.value('mall', 'limits.yaml'))).data.toString()).toBe(
      'max: 2\nmin: 1',
    );
    expect(await center.get('/apps/mall/diff?from=1&to=2')).toEqual([
      { path: 'limits.yaml/max', before: 1, after: 2 },
      { path: 'limits.yaml/min', after: 1 },
    ]);
    expect(await center.post('/apps/mall/rollback', { to: 1, by: 'ada' })).toMatchObject({ number: 3 });
    expect(await center.get('/apps/mall/values/limits.yaml')).toMatchObject({ text: 'max: 1' });
  });

  it('a document that its schema refuses, a schema that is none, a key that is not there: one line, and no change', async () => {
    const [center] = centers as [TestService];
    await publish(center, 'kiosk', 'db.json', '{"port":1}');
    await center.put('/apps/kiosk/schemas/db.json', { schema: { properties: { port: { type: 'integer' } } } });
    const before = await center.get('/apps/kiosk/revisions');
    const refusals = [
      await publish(center, 'kiosk', 'db.json', '{"port":"one"}'),
      await publish(center, 'kiosk', 'db.json', '{'),
      await publish(center, 'kiosk', 'nothing', null),
      await center.ask('PUT', '/apps/kiosk/schemas/db.json', { schema: { type: 'nonsense' } }),
      await center.ask('POST', '/apps/kiosk/rollback', { to: 9, by: 'ada' }),
      await publish(center, 'kiosk', '../db', '{}'),
      await publish(center, 'kiosk', 'db.json', '{"port":2}', { expected: 7 }),
      await center.ask('GET', '/apps/nobody'),
    ];
    expect(refusals.map(({ status, body }) => `${status} ${body.code}`)).toEqual([
      `422 ${PatternErrorCode.configInvalid}`,
      `422 ${PatternErrorCode.configInvalid}`,
      `422 ${PatternErrorCode.configInvalid}`,
      `422 ${PatternErrorCode.configInvalid}`,
      `404 ${PatternErrorCode.configNotFound}`,
      `400 ${PatternErrorCode.badRequest}`,
      `409 ${PatternErrorCode.configConflict}`,
      `404 ${PatternErrorCode.configNotFound}`,
    ]);
    for (const { body } of refusals) expect(body.message).toMatch(/^[^\n]{10,300}$/);
    expect(await center.get('/apps/kiosk/revisions')).toEqual(before);
  });

  it('publications at two centers at once are revisions one after the other, none lost', async () => {
    const many = Array.from({ length: 20 }, (_, index) => index);
    const answers = await Promise.all(
      many.map((index) => publish(centers[index % 2] as TestService, 'race', `key${index}`, String(index))),
    );
    expect(answers.map(({ status }) => status)).toEqual(many.map(() => 201));
    expect(answers.map(({ body }) => body.number).sort((a, b) => a - b)).toEqual(many.map((index) => index + 1));
  });

  it('a secret is read by its reader alone, masked everywhere else, and stays a secret', async () => {
    const [center] = centers as [TestService];
    const credentials = 'till:swordfish';
    await center.put('/apps/bank/readers', { readers: [digestId(credentials).id] });
    const changes = [{ key: 'pin', text: 'hunter2', isSecret: true }];
    await center.post('/apps/bank/revisions', { by: 'ada', changes });
    const path = configPaths.value('bank', 'pin');
    await expect(patterns.zk.getData(path)).rejects.toSatisfy(isNoAuth);
    await expect(patterns.zk.getData(configPaths.revision('bank', 1))).rejects.toSatisfy(isNoAuth);
    await using reader = await ZooKeeper.connect({
      connect: patterns.ensemble.connectString,
      sessionTimeoutMs: 5_000,
      auth: [{ scheme: 'digest', credentials }],
    });
    expect((await reader.getData(path)).data.toString()).toBe('hunter2');
    expect((await publish(center, 'bank', 'pin', 'world-readable')).body.code).toBe(PatternErrorCode.configInvalid);
    const shown = await Promise.all(['', '/values/pin', '/revisions'].map((what) => center.get(`/apps/bank${what}`)));
    expect(JSON.stringify(shown)).not.toContain('hunter2');
  });

  it('says what it can do, and how it is run', async () => {
    const [center] = centers as [TestService];
    const document = (await center.get('/openapi.json')) as { paths: Record<string, unknown> };
    expect(Object.keys(document.paths)).toContain('/apps/{app}/revisions');
    expect((await center.get('/health')).status).toBe('ok');
  });
});
