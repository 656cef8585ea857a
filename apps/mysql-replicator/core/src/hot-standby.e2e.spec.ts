/** Cores, server and monitor as processes, on two real databases: what is refused, who runs, and what a fall costs. */
import { databaseMissing } from '@menagerie/platform-database';
import { ShopLoad, TestReplicator } from '@menagerie/replicator-testing';
import { isNoAuth } from '@menagerie/zookeeper-client';
import { waitFor } from '@menagerie/zookeeper-testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const missing = databaseMissing();
const TASK = 'copy_hot_item';
const WAIT = { timeoutMs: 60_000, intervalMs: 20 };

describe.skipIf(missing !== null)(`hot standby${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  let replicator: TestReplicator;

  beforeAll(async () => {
    replicator = await TestReplicator.start();
  });
  afterAll(() => replicator?.close());

  it('a task that cannot work is refused with what to change, and nothing is made', async () => {
    const { sourcePlace: source, targetPlace: target } = replicator.databases;
    const spec = { source, target, tables: ['items'] };
    const refused = async (path: string, body: object) => {
      const answer = await replicator.server.ask('POST', path, body);
      return [answer.status, answer.body.code];
    };
    expect(await refused('/tasks/a%20b', spec)).toEqual([400, 'REPLICATOR_BAD_REQUEST']);
    expect(await refused('/tasks/x', { ...spec, tables: [] })).toEqual([400, 'REPLICATOR_BAD_REQUEST']);
    expect(await refused('/tasks/x', { ...spec, tables: ['nothing'] })).toEqual([422, 'REPLICATOR_SOURCE_UNSUITABLE']);
    expect(await refused('/tasks/x', { ...spec, source: { ...source, password: 'wrong' } })).toEqual([
      422,
      'REPLICATOR_SOURCE_UNSUITABLE',
    ]);
    expect(await refused('/tasks/x', { ...spec, source: target, target: source })).toEqual([
      422,
      'REPLICATOR_SOURCE_UNSUITABLE',
    ]);
    expect(await refused('/tasks/x', { ...spec, target: { ...target, port: 1 } })).toEqual([
      503,
      'REPLICATOR_TARGET_UNAVAILABLE',
    ]);
    expect(await refused('/tasks/x/start', {})).toEqual([404, 'REPLICATOR_UNKNOWN_TASK']);
    expect(await replicator.server.get('/tasks')).toEqual([]);
  });

  it('the standby goes on where a killed core ended, and a stranger sees how far it is but no password', async () => {
    await replicator.makeTask(TASK);
    const twin = await replicator.server.ask('POST', '/tasks/twin', {
      source: replicator.databases.sourcePlace,
      target: replicator.databases.targetPlace,
      tables: ['items'],
      serverId: (await replicator.server.get(`/tasks/${TASK}`)).spec.serverId,
    });
    expect([twin.status, twin.body.message]).toEqual([400, expect.stringContaining('serverId')]);
    for (const id of ['host1', 'host2']) await replicator.core(id, { task: TASK });
    const first = await waitFor(() => replicator.running(TASK), { ...WAIT, what: 'a core that runs' });
    await using load = new ShopLoad({ source: replicator.databases.source });
    await waitFor(() => Promise.resolve(load.committed > 50), { ...WAIT, what: 'orders' });
    await first.process.end('SIGKILL');
    const next = await waitFor(
      async () => {
        const core = await replicator.running(TASK);
        return core === first ? null : core;
      },
      { ...WAIT, what: 'the other one' },
    );
    expect(next.id).not.toBe(first.id);
    await load.stop();
    const { isCaughtUp, differences } = await replicator.caughtUp(TASK);
    expect({ isCaughtUp, differences }).toEqual({ isCaughtUp: true, differences: [] });
    const path = `/mysql_replicator/tasks/${TASK}`;
    expect(await replicator.zk.getData(path).then(() => null, isNoAuth)).toBe(true);
    expect((await replicator.zk.getChildren(`${path}/instances`)).children).toEqual([
      expect.stringMatching(/^host\d-\d{10}$/),
    ]);
    expect(JSON.parse((await replicator.zk.getData(`${path}/lastCommit`)).data.toString())).toMatchObject({
      phase: 'streaming',
    });
  });

  it('a stopped task rests with its position kept, whoever starts it', async () => {
    await replicator.server.post(`/tasks/${TASK}/stop`);
    const running = await waitFor(() => replicator.running(TASK), { ...WAIT, what: 'a core that runs' });
    await waitFor(async () => (await replicator.status(TASK))!.silentMs! > 2_500, { ...WAIT, what: 'silence' });
    const load = new ShopLoad({ source: replicator.databases.source, first: 1_000_000_000 });
    await waitFor(() => Promise.resolve(load.committed > 20), { ...WAIT, what: 'orders' });
    await load.stop();
    expect((await replicator.compare(TASK)).isCaughtUp).toBe(false);
    await replicator.server.post(`/tasks/${TASK}/start`);
    expect((await replicator.caughtUp(TASK)).differences).toEqual([]);
    expect((await replicator.view(running)).duties[0]?.phase).toBe('running');
  });
});
