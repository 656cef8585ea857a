import { type AttemptRecord, parseContainerId } from '@menagerie/yarn-protocol';
import { describe, expect, it } from 'vitest';
import { ask, ids, Rig, RigMaster, submission } from './__fixtures__/rig.js';

const thrown = (code: string) => expect.objectContaining({ code });

describe('after a failover', () => {
  it('applications keep their ids, containers keep running, and new ones carry the next epoch', () => {
    const rig = new Rig();
    const node = rig.node('nm1');
    const master = rig.running();
    master.allocate([ask(2)]);
    node.heartbeat();
    for (const grant of master.allocate().granted) node.start(grant);
    node.heartbeat();
    const before = node.runningIds;
    expect(before).toHaveLength(3);

    rig.failOver();
    expect(rig.report(master.applicationId).state).toBe('ACCEPTED');
    expect(node.heartbeat().action).toBe('RESYNC');
    expect(node.runningIds).toEqual(before);
    expect(() => master.allocate()).toThrow(thrown('YARN_MASTER_NOT_REGISTERED'));
    expect(ids(master.register().containersFromPreviousLife)).toEqual(before.slice(1));
    expect(rig.report(master.applicationId)).toMatchObject({ state: 'RUNNING', runningContainers: 3 });

    master.allocate([ask(1)]);
    node.heartbeat();
    const [grant] = master.allocate().granted;
    expect(parseContainerId(grant?.containerId as string).epoch).toBe(1);
    expect(before.map((one) => parseContainerId(one).epoch)).toEqual([0, 0, 0]);
  });

  it('nothing new is given out until the nodes have had time to report', () => {
    const rig = new Rig({ schedulingWaitMs: 10_000 });
    const node = rig.node('nm1');
    const master = rig.running();
    rig.failOver();
    node.heartbeat();
    master.register();
    master.allocate([ask(1)]);
    node.heartbeat();
    expect(master.allocate().granted).toEqual([]);
    rig.later(4_900);
    rig.later(4_900);
    rig.later(300);
    node.heartbeat();
    expect(master.allocate().granted).toHaveLength(1);
  });

  it('on an empty store there is nothing to wait for', () => {
    const rig = new Rig({ schedulingWaitMs: 10_000 });
    rig.failOver();
    const node = rig.node('nm1');
    const applicationId = rig.submit();
    node.heartbeat();
    expect(rig.report(applicationId).attempts[0]?.attemptState).toBe('LAUNCHED');
  });

  it('an application that was not stored is unknown, and submitted again under its id it runs once', () => {
    const rig = new Rig();
    const node = rig.node('nm1');
    rig.holdStore = true;
    const applicationId = rig.submit();
    rig.failOver();
    rig.holdStore = false;
    expect(() => rig.report(applicationId)).toThrow(thrown('YARN_APPLICATION_NOT_FOUND'));
    rig.rm.submit(submission(applicationId), 'alice', rig.nowMs);
    rig.drain();
    node.heartbeat();
    node.heartbeat();
    expect(rig.rm.applications(rig.nowMs)).toHaveLength(1);
    expect([...rig.launched.keys()]).toHaveLength(1);
  });

  it('an application without an attempt gets one', () => {
    const rig = new Rig();
    const applicationId = rig.submit();
    rig.failOver();
    rig.node('nm1').heartbeat();
    expect(rig.report(applicationId).attempts[0]?.attemptState).toBe('LAUNCHED');
  });

  it('a master that was stored but never started is missed by its node, and costs no attempt', () => {
    const rig = new Rig();
    const node = rig.node('nm1');
    const applicationId = rig.submit({ maxAttempts: 1 });
    node.up = false;
    rig.holdStore = true;
    node.heartbeat();
    const [attempt] = rig.report(applicationId).attempts;
    rig.holdStore = false;
    rig.drain();
    rig.store.get(applicationId)?.attempts.clear();
    // The old active stored the attempt and died before it could launch the master.
    rig.store.get(applicationId)?.attempts.set(attempt?.appAttemptId as string, {
      attemptId: attempt?.appAttemptId as string,
      masterContainer: {
        containerId: attempt?.containerId as string,
        nodeId: 'nm1:1',
        nodeHttpAddress: '127.0.0.1:1',
        resource: { memoryMb: 256, vcores: 1 },
        priority: 0,
      },
      finalState: null,
      finalTrackingUrl: '',
      diagnostics: '',
      startTimeMs: rig.nowMs,
      finishTimeMs: 0,
      finalStatus: null,
      exitStatus: -1000,
      memorySeconds: 0,
      vcoreSeconds: 0,
    });
    node.up = true;
    rig.failOver();
    expect(rig.report(applicationId).attempts.map((one) => one.attemptState)).toEqual(['LAUNCHED']);
    node.heartbeat();
    node.heartbeat();
    expect(rig.report(applicationId).attempts.map((one) => one.attemptState)).toEqual(['FAILED', 'LAUNCHED']);
    expect(rig.report(applicationId).attempts[0]).toMatchObject({ exitStatus: -100 });
  });

  it('a master that died meanwhile has failed; the next attempt starts', () => {
    const rig = new Rig();
    const node = rig.node('nm1');
    const master = rig.running();
    node.end(master.containerId, 1);
    rig.failOver();
    node.heartbeat();
    node.heartbeat();
    expect(rig.report(master.applicationId).attempts.map((one) => one.attemptState)).toEqual(['FAILED', 'LAUNCHED']);
    expect(rig.report(master.applicationId).attempts[0]?.exitStatus).toBe(1);
  });

  it('a master of a node that never comes back is given up in time', () => {
    const rig = new Rig({ masterExpiryMs: 4_000 });
    rig.node('nm1');
    const master = rig.running();
    rig.failOver();
    const other = rig.node('nm2');
    rig.later(4_500);
    other.heartbeat();
    expect(rig.report(master.applicationId).attempts.map((one) => one.attemptState)).toEqual(['FAILED', 'LAUNCHED']);
  });

  it('ends that no master has confirmed are told again', () => {
    const rig = new Rig();
    const node = rig.node('nm1');
    const master = rig.running();
    master.allocate([ask(1)]);
    node.heartbeat();
    const [grant] = master.allocate().granted;
    node.start(grant as never);
    node.heartbeat();
    node.end(grant?.containerId as string, 5);
    node.heartbeat();
    expect(ids(master.allocate().completed), 'told by the old active').toEqual([grant?.containerId]);
    rig.failOver();
    node.heartbeat();
    master.register();
    expect(master.allocate().completed).toMatchObject([{ containerId: grant?.containerId, exitStatus: 5 }]);
  });

  it('containers that died with their node, unseen by either active, are told as ended', () => {
    const rig = new Rig({ nodeExpiryMs: 4_000 });
    rig.node('nm1');
    const master = rig.running();
    const [second, third] = [rig.node('nm2'), rig.node('nm3')];
    master.allocate([ask(4)]);
    second.heartbeat();
    third.heartbeat();
    const { granted } = master.allocate();
    for (const grant of granted) rig.nodes.find((one) => one.nodeId === grant.nodeId)?.start(grant);
    rig.failOver();
    rig.nodes[0]?.heartbeat();
    second.restart();
    master.register(granted);
    expect(ids(master.allocate().completed)).toEqual(ids(granted.filter((one) => one.nodeId === 'nm2:1')));
    rig.later(3_000);
    for (const node of [rig.nodes[0], second]) node?.heartbeat();
    rig.later(1_500);
    expect(ids(master.allocate().completed), 'nm3 never came back').toEqual(
      ids(granted.filter((one) => one.nodeId === 'nm3:1')),
    );
  });

  it('containers handed out from the memory of the old active are ended by the new one', () => {
    const rig = new Rig();
    const node = rig.node('nm1');
    const master = rig.running();
    master.allocate([ask(1)]);
    node.heartbeat();
    const zombie = rig.rm;
    const request = master.request();
    rig.failOver();
    node.heartbeat();
    const [grant] = zombie.allocate(request, rig.nowMs).granted;
    node.start(grant as never);
    expect(node.heartbeat().containersToCleanUp).toEqual([grant?.containerId]);
    node.heartbeat();
    master.register();
    expect(master.allocate().completed).toMatchObject([{ containerId: grant?.containerId }]);
  });

  it('containers of an attempt that is not current are ended, and the old master is told to stop', () => {
    const rig = new Rig();
    const node = rig.node('nm1');
    const master = rig.running();
    const old = master.attemptId;
    rig.holdStore = true;
    rig.later(1);
    rig.holdStore = false;
    // The old active gave the attempt up and stored that; the node had not heard of it.
    const record = rig.store.get(master.applicationId)?.attempts.get(old);
    rig.store
      .get(master.applicationId)
      ?.attempts.set(old, { ...(record as AttemptRecord), finalState: 'FAILED', exitStatus: -100 });
    rig.failOver();
    node.heartbeat();
    expect(node.runningIds).toEqual([]);
    expect(() => master.register()).toThrow(thrown('YARN_ATTEMPT_NOT_CURRENT'));
    node.heartbeat();
    const next = new RigMaster(rig, rig.report(master.applicationId).currentAttemptId as string);
    expect(next.attemptId).not.toBe(old);
    expect(() => next.register()).not.toThrow();
  });

  it('an attempt whose end was stored, while its application`s was not, finishes the application', () => {
    const rig = new Rig();
    const node = rig.node('nm1');
    const master = rig.running();
    rig.holdStore = true;
    master.finish();
    rig.holdStore = false;
    const attempts = rig.store.get(master.applicationId)?.attempts;
    const record = attempts?.get(master.attemptId);
    attempts?.set(master.attemptId, { ...(record as AttemptRecord), finalState: 'FINISHED', finalStatus: 'SUCCEEDED' });
    rig.failOver();
    expect(rig.report(master.applicationId)).toMatchObject({ state: 'FINISHED', finalStatus: 'SUCCEEDED' });
    expect(master.finish(), 'the master asks the new active').toBe(true);
    node.heartbeat();
    expect(node.runningIds, 'its master is not needed any longer').toEqual([]);
  });

  it('finished applications are still listed', () => {
    const rig = new Rig();
    rig.node('nm1');
    const master = rig.running();
    master.finish();
    rig.failOver();
    expect(rig.report(master.applicationId)).toMatchObject({
      state: 'FINISHED',
      finalStatus: 'SUCCEEDED',
      diagnostics: 'done',
      progress: 100,
    });
  });

  it('an application of a queue that is gone fails instead of blocking the start', () => {
    const rig = new Rig();
    const applicationId = rig.submit();
    const stored = rig.store.get(applicationId);
    if (stored) stored.application = { ...stored.application, context: submission(applicationId, { queue: 'gone' }) };
    rig.failOver();
    expect(rig.report(applicationId)).toMatchObject({ state: 'FAILED', diagnostics: 'queue gone is gone' });
  });
});
