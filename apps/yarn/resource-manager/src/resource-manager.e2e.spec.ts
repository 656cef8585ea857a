/** Two ResourceManagers as processes, and everything that can take the active one away. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { electionPaths } from '@menagerie/yarn-core';
import { call, clusterInfo } from '@menagerie/yarn-client';
import {
  type ClusterInfo,
  decodeActiveRmInfo,
  encodeActiveRmInfo,
  mintMasterToken,
  RmPath,
  type SubmitRequest,
} from '@menagerie/yarn-protocol';
import { repositoryRoot, type TestProcess, TestYarn } from '@menagerie/yarn-testing';
import { isNoNode, ZooKeeper, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { startTestEnsemble, type TestEnsemble, waitFor } from '@menagerie/zookeeper-testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { availability, engine } from './__fixtures__/engine.js';

const paths = electionPaths('test');
const soon = { timeoutMs: 30_000, intervalMs: 50 };

describe.skipIf(!availability.available)(`two ResourceManagers on ${engine} ${availability.reason}`, () => {
  let ensemble: TestEnsemble;
  let zk: ZooKeeperClient;
  let yarn: TestYarn;
  let active: TestProcess;
  let standby: TestProcess;
  let store = 0;

  beforeAll(async () => {
    ensemble = await startTestEnsemble({ engine, tickTimeMs: 300 });
    zk = await ZooKeeper.connect({ connect: ensemble.connectString, sessionTimeoutMs: 6_000 });
  });
  afterAll(async () => {
    await zk?.close();
    await ensemble?.close();
  });
  beforeEach(async () => {
    yarn = await TestYarn.start({
      zkConnect: ensemble.connectString,
      nodeManagers: 0,
      environment: { YARN_STORE_PARENT: `/rmstore${++store}` },
    });
    active = (await yarn.active()) as TestProcess;
    standby = yarn.resourceManagers.find((one) => one !== active) as TestProcess;
  });
  afterEach(async () => {
    await yarn.close();
    await waitFor(async () => (await zk.exists(paths.lock)) === null, { ...soon, what: 'the end of the sessions' });
  });

  const info = (one: TestProcess): Promise<ClusterInfo> =>
    clusterInfo({ rmId: one.id, address: one.address }, { timeoutMs: 1_000 });
  const isNow = (one: TestProcess, haState: ClusterInfo['haState']) =>
    waitFor(
      async () => {
        const now = await info(one);
        return now.haState === haState ? now : null;
      },
      { ...soon, what: `${one.id} ${haState}` },
    );
  const holder = async (path: string) => {
    try {
      return decodeActiveRmInfo((await zk.getData(path)).data, path).rmId;
    } catch (error) {
      if (isNoNode(error)) return null;
      throw error;
    }
  };
  const request = async (): Promise<SubmitRequest> => ({
    user: 'alice',
    context: {
      applicationId: (await yarn.client.newApplication()).applicationId,
      name: 'waits for a node',
      queue: 'default',
      priority: 0,
      master: { command: ['true'], environment: {} },
      resource: { memoryMb: 64, vcores: 1 },
      applicationType: 'TEST',
      maxAttempts: 1,
      tags: [],
    },
  });

  it('elect one; the other says so, and both say who they are', async () => {
    expect(await holder(paths.lock)).toBe(active.id);
    expect(await holder(paths.breadcrumb)).toBe(active.id);
    const one = await info(active);
    expect(one).toMatchObject({ haState: 'ACTIVE', epoch: 0, elector: { state: 'ACTIVE' } });
    expect(await info(standby)).toMatchObject({ haState: 'STANDBY', epoch: null, elector: { state: 'STANDBY' } });

    // Election and store have sessions of their own.
    expect(one.store.sessionId).toMatch(/^0x[0-9a-f]+$/);
    expect(one.store.sessionId).not.toBe(one.elector.sessionId);
    expect((await zk.exists(paths.lock))?.ephemeralOwner).toBe(BigInt.asIntN(64, BigInt(one.elector.sessionId ?? 0)));

    // Whoever asks the standby is sent on.
    const what = { method: 'GET', path: RmPath.apps, reply: z.unknown() } as const;
    await expect(call(standby.address, what)).rejects.toMatchObject({ code: 'YARN_STANDBY' });
    expect((await fetch(`http://${standby.address}${RmPath.apps}`)).status).toBe(503);
    expect((await fetch(`http://${standby.address}/health`)).status).toBe(200);
    expect(await yarn.client.applications()).toEqual([]);
  });

  it('change over when the active is killed: applications stay, the epoch goes on, the breadcrumb told of the dead', async () => {
    const submitted = await request();
    await yarn.client.submit(submitted);
    await active.end('SIGKILL');
    expect(await holder(paths.breadcrumb)).toBe(active.id);
    expect(await isNow(standby, 'ACTIVE')).toMatchObject({ epoch: 1 });
    const [application] = await yarn.client.applications();
    expect(application).toMatchObject({ id: submitted.context.applicationId, state: 'ACCEPTED', user: 'alice' });
    expect(await holder(paths.breadcrumb)).toBe(standby.id);
  });

  it('change over at once when the active is stopped in order, who takes its breadcrumb along', async () => {
    const pid = active.pid;
    await active.end('SIGTERM');
    expect(pid).not.toBeNull();
    // Nobody had to wait for a session to expire: the lock went with the goodbye.
    await waitFor(async () => (await holder(paths.lock)) !== active.id, { ...soon, what: 'another lock' });
    await isNow(standby, 'ACTIVE');
    expect(active.logTail()).toMatch(/is standby[^]*stopped/);
    await active.start();
    await isNow(active, 'STANDBY');
    expect(await info(standby)).toMatchObject({ haState: 'ACTIVE' });
  });

  it('settle it again when somebody deletes the lock: one of the two has it, the other does not believe so', async () => {
    const before = (await zk.exists(paths.lock))?.czxid;
    await zk.delete(paths.lock);
    await waitFor(
      async () => {
        const lock = await zk.exists(paths.lock);
        const states = (await Promise.all([info(active), info(standby)])).map(
          (one) => [one.rmId, one.haState] as const,
        );
        const actives = states.filter(([, haState]) => haState === 'ACTIVE').map(([rmId]) => rmId);
        const settled = lock !== null && lock.czxid !== before && actives.length === 1;
        return settled && actives[0] === (await holder(paths.lock));
      },
      { ...soon, what: 'one active, who holds the lock' },
    );
    await yarn.client.submit(await request());
  });

  it('keep a deposed active, which does not know yet, from writing anything', async () => {
    const submitted = await request();
    active.pause();
    await isNow(standby, 'ACTIVE');
    // A client that still holds to the old one: its submission waits in the socket of the stopped process.
    const what = { method: 'POST', path: RmPath.apps, body: submitted, reply: z.unknown() } as const;
    const stuck = call(active.address, what, { timeoutMs: 20_000 }).catch((error: unknown) => error);
    await new Promise((sent) => setTimeout(sent, 300));
    active.resume();
    await stuck;
    const after = await waitFor(
      async () => {
        const now = await info(active);
        return now.haState === 'STANDBY' && now.store.counters.queued === 0 ? now : null;
      },
      { ...soon, what: 'its step down' },
    );
    expect(after.store.counters.committed, 'version, epoch, key, and nothing else').toBe(3);
    const path = `/rmstore${store}/ZKRMStateRoot/RMAppRoot/${submitted.context.applicationId}`;
    expect(await zk.exists(path)).toBeNull();
    // What the client does then: it asks again, under the same id, and the new active runs it once.
    const report = await yarn.client.submit(submitted);
    expect(report.state).toBe('ACCEPTED');
    expect(await yarn.client.applications()).toHaveLength(1);
  });

  it('stay as they are when ZooKeeper is away for less than a session', async () => {
    const before = await info(active);
    ensemble.pause(1);
    await new Promise((over) => setTimeout(over, 600));
    ensemble.resume(1);
    await yarn.client.submit(await request());
    expect(await info(active)).toMatchObject({ haState: 'ACTIVE', clusterTimestamp: before.clusterTimestamp });
  });

  it('are both standby when ZooKeeper is away for longer; later one is active again', async () => {
    const submitted = await request();
    await yarn.client.submit(submitted);
    ensemble.pause(1);
    const away = await isNow(active, 'STANDBY');
    expect(away.transitions.at(-1)?.why).toMatch(/out of sight|held by another/);
    expect((await info(standby)).haState).toBe('STANDBY');
    await expect(yarn.client.applications({ deadlineMs: 500 })).rejects.toMatchObject({ code: 'YARN_NO_ACTIVE' });
    ensemble.resume(1);
    await waitFor(() => yarn.active(), { ...soon, what: 'an active' });
    expect((await yarn.client.applications()).map((one) => one.id)).toEqual([submitted.context.applicationId]);
  });

  it('try in turn when none can become active, and go on once the reason is gone', async () => {
    const submitted = await request();
    await yarn.client.submit(submitted);
    const path = `/rmstore${store}/ZKRMStateRoot/RMAppRoot/${submitted.context.applicationId}`;
    const good = (await zk.getData(path)).data;
    await zk.setData(path, 'garbage');
    await active.end('SIGTERM');
    await active.start();
    for (const one of yarn.resourceManagers) {
      const failed = async () => (await info(one)).store.lastFailure?.includes(path);
      await waitFor(failed, { ...soon, what: `a failed try of ${one.id}` });
    }
    await zk.setData(path, good);
    await waitFor(() => yarn.active(), { ...soon, what: 'an active' });
    expect(await yarn.client.applications()).toHaveLength(1);
  });

  it('believe a master only with the token of its attempt', async () => {
    const attemptId = 'appattempt_1_0001_000001';
    const body = { attemptId, trackingUrl: '', containers: [] };
    const what = { method: 'POST', path: RmPath.registerMaster, body, reply: z.unknown() } as const;
    await expect(call(active.address, what)).rejects.toMatchObject({ code: 'YARN_UNAUTHORIZED' });
    const token = mintMasterToken(attemptId, Buffer.from('a key of our own'));
    await expect(call(active.address, what, { token })).rejects.toMatchObject({ code: 'YARN_UNAUTHORIZED' });
  });

  it('answer a request that makes no sense with one line', async () => {
    const submit = (body: unknown) =>
      call(active.address, { method: 'POST', path: RmPath.apps, body, reply: z.unknown() });
    await expect(submit({ user: 'x' })).rejects.toMatchObject({ code: 'YARN_INVALID_REQUEST', message: /^context: / });
    const sane = await request();
    const huge = { ...sane, context: { ...sane.context, resource: { memoryMb: 1_000_000, vcores: 1 } } };
    await expect(submit(huge)).rejects.toMatchObject({ code: 'YARN_INVALID_RESOURCE_REQUEST' });
    const fat = { A: 'x'.repeat(32_000) };
    const environment = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`A${at}`, fat.A]));
    const oversized = { ...sane, context: { ...sane.context, master: { command: ['true'], environment } } };
    await submit(oversized);
    await waitFor(async () => (await yarn.client.application(sane.context.applicationId)).state === 'FAILED', {
      ...soon,
      what: 'the refusal of what no znode can hold',
    });
    expect((await info(active)).haState).toBe('ACTIVE');
  });
});

describe.skipIf(!availability.available)('a ResourceManager that is set up wrong', () => {
  let ensemble: TestEnsemble;
  let zk: ZooKeeperClient;

  beforeAll(async () => {
    ensemble = await startTestEnsemble({ engine, tickTimeMs: 300 });
    zk = await ZooKeeper.connect({ connect: ensemble.connectString, sessionTimeoutMs: 6_000 });
  });
  afterAll(async () => {
    await zk?.close();
    await ensemble?.close();
  });

  const main = join(repositoryRoot(), 'apps/yarn/resource-manager/dist/main.js');
  const run = (environment: Record<string, string>) => {
    const whole = {
      PATH: process.env['PATH'] ?? '',
      RM_ID: 'rm9',
      RM_HTTP_PORT: '0',
      RM_ADDRESSES: 'rm9=127.0.0.1:1',
      YARN_CLUSTER_ID: 'test',
      ZK_CONNECT: ensemble.connectString,
      LOG_LEVEL: 'silent',
      ...environment,
    };
    const { status, stderr } = spawnSync(process.execPath, [main], { env: whole, encoding: 'utf8', timeout: 30_000 });
    return { status, stderr };
  };

  it.each([
    [{ RM_ID: '' }, /^RM_ID: is not set\n$/],
    [{ RM_ID: 'rm8' }, /^RM_ADDRESSES: expected to find RM_ID among its ids.*\n$/],
    [{ YARN_QUEUES: 'a:50' }, /^YARN_QUEUES: .*add up to 50 percent.*\n$/],
    [{ YARN_APPID_SPLIT_INDEX: '5' }, /^YARN_APPID_SPLIT_INDEX: expected a whole number from 0 to 4.*\n$/],
  ])('ends with one line and exit code 2: %j', (environment, line) => {
    const { status, stderr } = run(environment);
    expect(stderr).toMatch(line);
    expect(status).toBe(2);
  });

  it('ends when another cluster holds the lock, and leaves it alone', async () => {
    const other = electionPaths('other');
    await zk.mkdirp(other.parent);
    const data = encodeActiveRmInfo({ clusterId: 'theirs', rmId: 'rm1' });
    await zk.create(other.lock, data);
    const { status, stderr } = run({ YARN_CLUSTER_ID: 'other' });
    expect(stderr).toMatch(
      /^YARN_CLUSTER_ID: .*expected a ResourceManager of cluster other, got rm1 of cluster theirs\n$/,
    );
    expect(status).toBe(2);
    expect((await zk.getData(other.lock)).data).toEqual(data);
  });
});
