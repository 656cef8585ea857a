import { describe, expect, it } from 'vitest';
import { Rig, submission } from './__fixtures__/rig.js';

const thrown = (code: string, message?: RegExp) =>
  expect.objectContaining({ code, ...(message ? { message: expect.stringMatching(message) } : {}) });

describe('an application', () => {
  it('is stored before it is accepted, and its attempt before its master is launched', () => {
    const rig = new Rig();
    const node = rig.node('nm1');
    const { applicationId } = rig.rm.newApplication();
    expect(rig.rm.submit(submission(applicationId), 'alice', rig.nowMs).state).toBe('NEW_SAVING');
    rig.drain();
    expect(rig.report(applicationId).state).toBe('ACCEPTED');
    node.heartbeat();
    const attemptId = rig.report(applicationId).currentAttemptId as string;
    expect(rig.written).toEqual([
      `store-application ${applicationId}`,
      `store-attempt ${attemptId}`,
      `launch-master ${attemptId}`,
    ]);
    expect(rig.store.get(applicationId)?.attempts.get(attemptId)?.masterContainer?.nodeId).toBe('nm1:1');
  });

  it('goes its whole way with five writes', () => {
    const rig = new Rig();
    const node = rig.node('nm1');
    const master = rig.running();
    const { applicationId, attemptId } = master;
    expect(rig.report(applicationId)).toMatchObject({ state: 'RUNNING', finalStatus: 'UNDEFINED' });
    expect(master.finish()).toBe(false);
    expect(master.finish()).toBe(true);
    expect(rig.report(applicationId)).toMatchObject({
      state: 'FINISHED',
      rmState: 'FINISHING',
      finalStatus: 'SUCCEEDED',
    });
    node.end(master.containerId);
    node.heartbeat();
    expect(rig.report(applicationId)).toMatchObject({ rmState: 'FINISHED', progress: 100, runningContainers: 0 });
    expect(rig.written).toEqual([
      `store-application ${applicationId}`,
      `store-attempt ${attemptId}`,
      `launch-master ${attemptId}`,
      `update-attempt ${attemptId}`,
      `update-application ${applicationId}`,
    ]);
  });

  it('whose master is gone before its end is stored is finished all the same', () => {
    const rig = new Rig();
    const node = rig.node('nm1');
    const master = rig.running();
    rig.holdStore = true;
    master.finish();
    node.end(master.containerId);
    node.heartbeat();
    rig.holdStore = false;
    rig.drain();
    expect(rig.report(master.applicationId)).toMatchObject({ rmState: 'FINISHED', finalStatus: 'SUCCEEDED' });
  });

  it('that its master calls a failure is finished, with that verdict', () => {
    const rig = new Rig();
    rig.node('nm1');
    const master = rig.running();
    master.finish('FAILED');
    expect(rig.report(master.applicationId)).toMatchObject({
      state: 'FINISHED',
      finalStatus: 'FAILED',
      diagnostics: 'done',
    });
  });

  it('submitted twice under one id exists once', () => {
    const rig = new Rig();
    const applicationId = rig.submit();
    rig.rm.submit(submission(applicationId, { name: 'another' }), 'bob', rig.nowMs);
    rig.drain();
    expect(rig.written).toEqual([`store-application ${applicationId}`]);
    expect(rig.report(applicationId)).toMatchObject({ name: 'job', user: 'alice' });
  });

  it('for an unknown queue is refused with the names of those there are', () => {
    const rig = new Rig();
    expect(() => rig.submit({ queue: 'nobody' })).toThrow(
      thrown('YARN_INVALID_REQUEST', /queue nobody: there is only default/),
    );
  });

  it('that asks for more than any node has is refused, and nothing is stored', () => {
    const rig = new Rig();
    rig.node('nm1');
    expect(() => rig.submit({ resource: { memoryMb: 1_025, vcores: 1 } })).toThrow(
      thrown('YARN_INVALID_RESOURCE_REQUEST', /at most 1024 MB, 4 vcores/),
    );
    expect(() => rig.submit({ resource: { memoryMb: 0, vcores: 1 } })).toThrow(thrown('YARN_INVALID_RESOURCE_REQUEST'));
    expect(rig.written).toEqual([]);
  });

  it('too large for the store has failed, and nobody steps down for it', () => {
    const rig = new Rig();
    const { applicationId } = rig.rm.newApplication();
    rig.tooLarge.add(applicationId);
    rig.rm.submit(submission(applicationId), 'alice', rig.nowMs);
    rig.drain();
    expect(rig.report(applicationId)).toMatchObject({
      state: 'FAILED',
      finalStatus: 'FAILED',
      diagnostics: 'too large',
    });
  });

  it('nobody submitted is not found', () => {
    const rig = new Rig();
    expect(() => rig.report('application_1_0001')).toThrow(thrown('YARN_APPLICATION_NOT_FOUND'));
  });
});

describe('killing', () => {
  it('ends a running application, its attempt first', () => {
    const rig = new Rig();
    const node = rig.node('nm1');
    const master = rig.running();
    rig.rm.kill(master.applicationId, 'by alice', rig.nowMs);
    rig.drain();
    expect(rig.report(master.applicationId)).toMatchObject({
      state: 'KILLED',
      finalStatus: 'KILLED',
      diagnostics: 'by alice',
    });
    expect(rig.written.slice(-2)).toEqual([
      `update-attempt ${master.attemptId}`,
      `update-application ${master.applicationId}`,
    ]);
    expect(node.heartbeat().containersToCleanUp).toEqual([master.containerId]);
    node.heartbeat();
    node.heartbeat();
    expect([...node.containers.keys()]).toEqual([]);
    expect([...node.applications]).toEqual([]);
  });

  it('waits for an application that is being saved: its end must not overtake its beginning', () => {
    const rig = new Rig();
    rig.holdStore = true;
    const applicationId = rig.submit();
    rig.rm.kill(applicationId, 'by alice', rig.nowMs);
    expect(rig.report(applicationId).state).toBe('NEW_SAVING');
    rig.holdStore = false;
    rig.drain();
    expect(rig.report(applicationId).state).toBe('KILLED');
    expect(rig.written).toEqual([`store-application ${applicationId}`, `update-application ${applicationId}`]);
  });

  it('an attempt that waits for a place, and one that is being saved', () => {
    const rig = new Rig();
    const waiting = rig.submit();
    rig.rm.kill(waiting, 'x', rig.nowMs);
    rig.drain();
    expect(rig.report(waiting).state).toBe('KILLED');
    const node = rig.node('nm1');
    const saving = rig.submit();
    rig.holdStore = true;
    node.heartbeat();
    rig.rm.kill(saving, 'x', rig.nowMs);
    rig.holdStore = false;
    rig.drain();
    expect(rig.report(saving).state).toBe('KILLED');
    expect(rig.launched.size).toBe(0);
  });

  it('twice, or after the end, changes nothing', () => {
    const rig = new Rig();
    rig.node('nm1');
    const master = rig.running();
    master.finish();
    const before = rig.written.length;
    rig.rm.kill(master.applicationId, 'late', rig.nowMs);
    rig.drain();
    expect(rig.written).toHaveLength(before);
    expect(rig.report(master.applicationId).finalStatus).toBe('SUCCEEDED');
  });
});

describe('attempts', () => {
  const crash = (rig: Rig, exitStatus: number) => {
    const [application] = rig.rm.applications(rig.nowMs);
    const containerId = application?.attempts.at(-1)?.containerId as string;
    for (const node of rig.nodes) node.end(containerId, exitStatus);
    for (const node of rig.nodes) node.heartbeat();
    for (const node of rig.nodes) node.heartbeat();
  };

  it('fail twice, then the application has failed', () => {
    const rig = new Rig();
    rig.node('nm1');
    const { applicationId } = rig.running();
    crash(rig, 1);
    expect(rig.report(applicationId)).toMatchObject({ state: 'ACCEPTED' });
    expect(rig.report(applicationId).attempts.map((one) => one.attemptState)).toEqual(['FAILED', 'LAUNCHED']);
    crash(rig, 1);
    expect(rig.report(applicationId)).toMatchObject({ state: 'FAILED', finalStatus: 'FAILED' });
    expect(rig.report(applicationId).diagnostics).toMatch(
      /2 of 2 attempts failed; the last: the master of .* ended with 1/,
    );
  });

  it('that the cluster itself ended do not count', () => {
    const rig = new Rig();
    rig.node('nm1');
    const { applicationId } = rig.running({ maxAttempts: 1 });
    crash(rig, -100);
    crash(rig, -106);
    expect(rig.report(applicationId).state).toBe('ACCEPTED');
    expect(rig.report(applicationId).attempts).toHaveLength(3);
    crash(rig, -104);
    expect(rig.report(applicationId).state).toBe('FAILED');
  });

  it('may be fewer than the cluster allows, not more', () => {
    const rig = new Rig();
    rig.node('nm1');
    const { applicationId } = rig.running({ maxAttempts: 100 });
    crash(rig, 1);
    crash(rig, 1);
    expect(rig.report(applicationId).state).toBe('FAILED');
  });

  it('whose master cannot be launched go elsewhere', () => {
    const rig = new Rig();
    const node = rig.node('nm1');
    node.up = false;
    const applicationId = rig.submit({ maxAttempts: 1 });
    node.heartbeat();
    expect(rig.report(applicationId).attempts[0]).toMatchObject({
      attemptState: 'FAILED',
      diagnostics: 'the master could not be launched: node down',
    });
    node.up = true;
    node.heartbeat();
    expect(rig.report(applicationId).attempts[1]).toMatchObject({ attemptState: 'LAUNCHED' });
  });
});

describe('finished applications', () => {
  it('are forgotten oldest first, in the store too', () => {
    const rig = new Rig({ maxCompletedApplications: 2 });
    const all = [1, 2, 3].map(() => {
      const applicationId = rig.submit();
      rig.later(10);
      rig.rm.kill(applicationId, 'x', rig.nowMs);
      rig.drain();
      return applicationId;
    });
    expect([...rig.store.keys()]).toEqual(all.slice(1));
    expect(rig.written.at(-1)).toBe(`remove-application ${all[0]}`);
  });
});
