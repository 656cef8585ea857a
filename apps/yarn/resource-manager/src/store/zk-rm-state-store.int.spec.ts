import { randomBytes } from 'node:crypto';
import { DEFAULT_ZNODE_LIMIT_BYTES, type SplitIndex, StoreLayout } from '@menagerie/yarn-core';
import type { ApplicationRecord, AttemptRecord } from '@menagerie/yarn-protocol';
import { OPEN_ACL, Perms, ZooKeeper, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { startTestEnsemble, type TestEnsemble } from '@menagerie/zookeeper-testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { availability, engine } from '../__fixtures__/engine.js';
import { newCounters } from './fenced-writer.js';
import { StoreSession } from './store-session.js';
import { ZkRmStateStore } from './zk-rm-state-store.js';

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

const application = (number: number): ApplicationRecord => ({
  context: {
    applicationId: `application_1352994693343_000${number}`,
    name: 'job',
    queue: 'default',
    priority: 0,
    master: { command: ['run'], environment: {} },
    resource: { memoryMb: 256, vcores: 1 },
    applicationType: 'TEST',
    maxAttempts: 2,
    tags: [],
  },
  user: 'alice',
  submitTimeMs: 1,
  startTimeMs: 2,
  finalState: null,
  diagnostics: '',
  finishTimeMs: 0,
});

const attempt = (number: number): AttemptRecord => ({
  attemptId: `appattempt_1352994693343_000${number}_000001`,
  masterContainer: null,
  finalState: null,
  finalTrackingUrl: '',
  diagnostics: '',
  startTimeMs: 3,
  finishTimeMs: 0,
  finalStatus: null,
  exitStatus: -1000,
  memorySeconds: 0,
  vcoreSeconds: 0,
});

const idOf = (record: ApplicationRecord) => record.context.applicationId;

describe.skipIf(!availability.available)(`the state store on ${engine} ${availability.reason}`, () => {
  let ensemble: TestEnsemble;
  let zk: ZooKeeperClient;
  let parent = '';
  let stores = 0;
  const sessions: StoreSession[] = [];

  beforeAll(async () => {
    ensemble = await startTestEnsemble({ engine, tickTimeMs: 300 });
    zk = await ZooKeeper.connect({ connect: ensemble.connectString, sessionTimeoutMs: 6_000 });
  });
  afterAll(async () => {
    await zk?.close();
    await ensemble?.close();
  });
  beforeEach(() => {
    parent = `/rmstore${++stores}`;
  });
  afterEach(async () => {
    await Promise.all(sessions.splice(0).map((session) => session.close()));
  });

  /** A process that becomes active; open it again for its next life. */
  function resourceManager(
    name: string,
    splitIndex: SplitIndex = 0,
    limits: { drainMs?: number; retryMs?: number } = {},
  ) {
    const session = new StoreSession({
      zkConnect: ensemble.connectString,
      sessionTimeoutMs: 3_000,
      rmAddress: `${name}:8088`,
      logger: silent,
    });
    sessions.push(session);
    const counters = newCounters();
    const troubles: string[] = [];
    const open = () =>
      ZkRmStateStore.open({
        session,
        layout: new StoreLayout(parent, splitIndex),
        znodeLimitBytes: DEFAULT_ZNODE_LIMIT_BYTES,
        retryMs: limits.retryMs ?? 20_000,
        drainMs: limits.drainMs ?? 2_000,
        counters,
        newMasterKey: () => ({ keyId: 1, bytes: randomBytes(32) }),
        onTrouble: (state, reason) => troubles.push(`${state} ${reason}`),
      });
    return { session, counters, troubles, open };
  }

  const store = (one: ZkRmStateStore, number: number) =>
    one.carryOut({ kind: 'store-application', applicationId: idOf(application(number)), record: application(number) });

  it('keeps applications and attempts for the next active, and counts the epochs', async () => {
    const first = await resourceManager('rm1').open();
    expect(first.epoch).toBe(0);
    await store(first, 1);
    await first.carryOut({ kind: 'store-attempt', attemptId: attempt(1).attemptId, record: attempt(1) });
    const second = await resourceManager('rm2').open();
    expect(second.epoch).toBe(1);
    expect(second.applications).toEqual([{ application: application(1), attempts: [attempt(1)] }]);
    expect(second.masterKey).toEqual(first.masterKey);
  });

  it('lays its nodes out as ZKRMStateStore does, in Hadoop bytes', async () => {
    const one = await resourceManager('rm1').open();
    await store(one, 1);
    const root = `${parent}/ZKRMStateRoot`;
    const { children } = await zk.getChildren(root);
    expect([...children].sort()).toEqual([
      'AMRMTokenSecretManagerRoot',
      'EpochNode',
      'ProxyCARoot',
      'RMAppRoot',
      'RMDTSecretManagerRoot',
      'RMVersionNode',
      'ReservationSystemRoot',
    ]);
    expect((await zk.getData(`${root}/RMVersionNode`)).data.toString('hex')).toBe('08011005');
    expect((await zk.getData(`${root}/EpochNode`)).data.toString('hex')).toBe('0801');
    expect((await zk.getChildren(`${root}/RMAppRoot`)).children).toContain('application_1352994693343_0001');
  });

  it('gives create and delete on the root to one only, and the rest to all', async () => {
    const rm1 = resourceManager('rm1');
    await rm1.open();
    const { acl, stat } = await zk.getAcl(`${parent}/ZKRMStateRoot`);
    expect(acl).toEqual([
      { perms: Perms.READ | Perms.WRITE | Perms.ADMIN, id: { scheme: 'world', id: 'anyone' } },
      { perms: Perms.CREATE | Perms.DELETE, id: rm1.session.holder },
    ]);
    expect(rm1.session.holder.id).toMatch(/^rm1:/);
    await resourceManager('rm2').open();
    const after = await zk.getAcl(`${parent}/ZKRMStateRoot`);
    expect(after.stat.aversion).toBe(stat.aversion + 1);
    expect(after.acl[1]?.id.id).toMatch(/^rm2:/);
  });

  it('refuses every write of a deposed active, deep in the tree too, and nothing of it is there', async () => {
    const rm1 = resourceManager('rm1');
    const old = await rm1.open();
    await store(old, 1);
    const next = await resourceManager('rm2').open();
    const changed = { ...application(1), diagnostics: 'written by a zombie' };
    const write = old.carryOut({ kind: 'update-application', applicationId: idOf(changed), record: changed });
    await expect(write).rejects.toMatchObject({ code: 'YARN_STORE_SHUT', message: expect.stringContaining('FENCED') });
    expect(rm1.troubles).toHaveLength(1);
    expect(rm1.counters).toMatchObject({ fenced: 1, committed: 4 });
    await expect(store(old, 2)).rejects.toMatchObject({ code: 'YARN_STORE_SHUT' });
    expect(rm1.counters).toMatchObject({ fenced: 1, dropped: 1 });
    expect(old.state).toBe('FENCED');
    await store(next, 3);
    const third = await resourceManager('rm3').open();
    expect(third.applications.map((one) => one.application.diagnostics)).toEqual(['', '']);
    expect(third.applications.map((one) => idOf(one.application))).toEqual([1, 3].map((n) => idOf(application(n))));
  });

  it('leaves no fencing node behind, and removes one that was left', async () => {
    const layout = new StoreLayout(parent);
    await zk.mkdirp(layout.root);
    await zk.create(layout.fencingLock, '', { acl: OPEN_ACL });
    const one = await resourceManager('rm1').open();
    await store(one, 1);
    expect(await zk.exists(layout.fencingLock)).toBeNull();
  });

  it('is fenced by a loser who sets the ACL late, and by whoever comes after it', async () => {
    const winner = resourceManager('rm2');
    const open = await winner.open();
    const late = await resourceManager('rm1').open();
    await expect(store(open, 1)).rejects.toMatchObject({ code: 'YARN_STORE_SHUT' });
    const again = await winner.open();
    await store(again, 1);
    await expect(store(late, 2)).rejects.toMatchObject({ code: 'YARN_STORE_SHUT' });
    expect(again.state).toBe('ACTIVE');
  });

  it('survives the loss of its session: the next one has the same rights', async () => {
    const rm1 = resourceManager('rm1');
    const one = await rm1.open();
    const before = (await rm1.session.open()).session;
    await ensemble.expireSession(before?.id as bigint, before?.password as Buffer);
    await store(one, 1);
    expect(await zk.exists(`${parent}/ZKRMStateRoot/RMAppRoot/${idOf(application(1))}`)).not.toBeNull();
    expect(rm1.session.sessionId).not.toBe(before?.id);
    expect(rm1.troubles).toEqual([]);
  });

  it('writes again what was there already: a lost reply must not look like a failure', async () => {
    const one = await resourceManager('rm1').open();
    await store(one, 1);
    await store(one, 1);
    const record = { ...application(2), diagnostics: 'never stored before' };
    await one.carryOut({ kind: 'update-application', applicationId: idOf(record), record });
    const gone = {
      kind: 'remove-application',
      applicationId: idOf(application(3)),
      attemptIds: ['appattempt_1_0001_000001'],
    };
    await one.carryOut(gone as never);
    const next = await resourceManager('rm2').open();
    expect(next.applications.map((each) => idOf(each.application))).toEqual([1, 2].map((n) => idOf(application(n))));
  });

  it('removes an application with its attempts in one go', async () => {
    const one = await resourceManager('rm1').open();
    await store(one, 1);
    await one.carryOut({ kind: 'store-attempt', attemptId: attempt(1).attemptId, record: attempt(1) });
    await one.carryOut({
      kind: 'remove-application',
      applicationId: idOf(application(1)),
      attemptIds: [attempt(1).attemptId],
    });
    expect((await resourceManager('rm2').open()).applications).toEqual([]);
  });

  it('refuses a record that no znode can hold, and goes on', async () => {
    const rm1 = resourceManager('rm1');
    const one = await rm1.open();
    const record = { ...application(1), diagnostics: 'x'.repeat(1_100_000) };
    await expect(
      one.carryOut({ kind: 'store-application', applicationId: idOf(record), record }),
    ).rejects.toMatchObject({ code: 'YARN_TOO_LARGE' });
    await store(one, 2);
    expect(rm1.troubles).toEqual([]);
  });

  it('finds applications that were stored with another split', async () => {
    const split = await resourceManager('rm1', 2).open();
    await store(split, 1);
    await split.carryOut({ kind: 'store-attempt', attemptId: attempt(1).attemptId, record: attempt(1) });
    expect(
      (await zk.getChildren(`${parent}/ZKRMStateRoot/RMAppRoot/HIERARCHIES/2/application_1352994693343_00`)).children,
    ).toEqual(['01']);
    const flat = await resourceManager('rm2').open();
    expect(flat.applications).toEqual([{ application: application(1), attempts: [attempt(1)] }]);
    const record = { ...application(1), finalState: 'FINISHED' } as const;
    await flat.carryOut({ kind: 'update-application', applicationId: idOf(record), record });
    await store(flat, 2);
    const last = await resourceManager('rm3', 1).open();
    const ends = last.applications.map((one) => [idOf(one.application), one.application.finalState]);
    expect(Object.fromEntries(ends)).toEqual({ [idOf(application(1))]: 'FINISHED', [idOf(application(2))]: null });
  });

  it('is not opened when a record in it is broken: one line names the znode', async () => {
    const one = await resourceManager('rm1').open();
    await store(one, 1);
    const path = `${parent}/ZKRMStateRoot/RMAppRoot/${idOf(application(1))}`;
    await zk.setData(path, 'garbage');
    await expect(resourceManager('rm2').open()).rejects.toMatchObject({
      code: 'YARN_BAD_RECORD',
      message: expect.stringContaining(path),
    });
  });

  it('is not opened when another major version wrote it', async () => {
    await resourceManager('rm1').open();
    await zk.setData(`${parent}/ZKRMStateRoot/RMVersionNode`, Buffer.from('08021000', 'hex'));
    await expect(resourceManager('rm2').open()).rejects.toMatchObject({ code: 'YARN_VERSION_MISMATCH' });
  });

  it('does not keep its owner from stepping down while ZooKeeper is away, and writes on when it is back', async () => {
    const leaving = await resourceManager('rm1', 0, { drainMs: 300 }).open();
    parent += 'b';
    const staying = resourceManager('rm2', 0, { retryMs: 60_000 });
    const open = await staying.open();
    ensemble.pause(1);
    const blocked = store(leaving, 1).then(
      () => 'stored',
      (error: { code: string }) => error.code,
    );
    const patient = store(open, 2);
    await new Promise((sent) => setImmediate(sent));
    await leaving.close();
    expect(await blocked).toBe('YARN_STORE_SHUT');
    ensemble.resume(1);
    await patient;
    expect(staying.troubles).toEqual([]);
  });
});
