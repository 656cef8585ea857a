import { openContainerToken } from '@menagerie/yarn-protocol';
import { describe, expect, it } from 'vitest';
import { ask, ids, Rig, small } from './__fixtures__/rig.js';

const thrown = (code: string) => expect.objectContaining({ code });

describe('a node`s heartbeat', () => {
  it('that repeats itself gets the last answer again', () => {
    const rig = new Rig();
    const node = rig.node('nm1');
    rig.submit();
    const request = node.request();
    const first = rig.rm.nodeHeartbeat(request, rig.nowMs);
    expect(rig.rm.nodeHeartbeat(request, rig.nowMs)).toBe(first);
    expect(rig.rm.nodeReports()[0]?.numContainers).toBe(1);
  });

  it('that is further behind, or from a node nobody knows, is answered with RESYNC', () => {
    const rig = new Rig();
    const node = rig.node('nm1');
    node.heartbeat();
    node.heartbeat();
    expect(rig.rm.nodeHeartbeat({ ...node.request(), responseId: 0 }, rig.nowMs).action).toBe('RESYNC');
    expect(rig.rm.nodeHeartbeat({ nodeId: 'nm9:1', responseId: 0, containers: [] }, rig.nowMs).action).toBe('RESYNC');
  });

  it('about a container that is not alive here is answered with its end', () => {
    const rig = new Rig();
    const node = rig.node('nm1');
    const master = rig.running();
    node.start({
      ...rig.rm.allocate(master.request(), rig.nowMs).granted[0],
      containerId: 'container_9_0001_01_000002',
    } as never);
    expect(node.heartbeat().containersToCleanUp).toEqual(['container_9_0001_01_000002']);
  });

  it('registered again by the same process keeps what it reports and loses what it does not', () => {
    const rig = new Rig();
    const node = rig.node('nm1');
    const master = rig.running();
    master.allocate([ask(2)]);
    node.heartbeat();
    const granted = master.allocate().granted;
    for (const grant of granted) node.start(grant);
    node.heartbeat();
    node.containers.delete(granted[0]?.containerId as string);
    node.register();
    expect(master.allocate().completed).toEqual([
      {
        containerId: granted[0]?.containerId,
        state: 'COMPLETE',
        exitStatus: -100,
        diagnostics: 'node nm1:1 does not have it',
      },
    ]);
    expect(rig.report(master.applicationId)).toMatchObject({ state: 'RUNNING', runningContainers: 2 });
  });
});

describe('a node that', () => {
  it('is silent for too long is lost, with all that ran on it', () => {
    const rig = new Rig({ nodeExpiryMs: 4_000 });
    const first = rig.node('nm1');
    const master = rig.running();
    const second = rig.node('nm2');
    master.allocate([ask(2)]);
    second.heartbeat();
    expect(ids(master.allocate().granted)).toHaveLength(2);
    first.heartbeat();
    rig.later(3_000);
    first.heartbeat();
    rig.later(2_000);
    const answer = master.allocate();
    expect(answer.completed.map((one) => one.exitStatus)).toEqual([-100, -100]);
    expect(answer.nodeUpdates.at(-1)).toMatchObject({ nodeId: 'nm2:1', state: 'LOST' });
    expect(rig.rm.nodeReports().map((one) => `${one.id} ${one.state}`)).toEqual(['nm1:1 RUNNING', 'nm2:1 LOST']);
    expect(second.heartbeat().action).toBe('RESYNC');
    expect(rig.rm.nodeReports().find((one) => one.id === 'nm2:1')?.state).toBe('RUNNING');
  });

  it('is restarted has lost its containers at once, and a master among them costs no attempt', () => {
    const rig = new Rig();
    const node = rig.node('nm1');
    const master = rig.running({ maxAttempts: 1 });
    rig.later(10);
    node.restart();
    expect(rig.report(master.applicationId)).toMatchObject({ state: 'ACCEPTED' });
    expect(rig.report(master.applicationId).attempts[0]).toMatchObject({ attemptState: 'FAILED', exitStatus: -100 });
  });

  it('says goodbye is gone at once', () => {
    const rig = new Rig();
    rig.node('nm1');
    const master = rig.running();
    rig.rm.unregisterNode('nm1:1', rig.nowMs);
    rig.drain();
    expect(rig.report(master.applicationId).attempts[0]?.attemptState).toBe('FAILED');
    expect(rig.rm.metrics()).toMatchObject({ activeNodes: 0, totalMB: 0, allocatedMB: 0 });
  });

  it('seems silent because the ResourceManager itself slept is not lost', () => {
    const rig = new Rig({ nodeExpiryMs: 4_000, masterExpiryMs: 4_000 });
    rig.node('nm1');
    const master = rig.running();
    rig.later(100);
    rig.later(60_000);
    expect(rig.report(master.applicationId).state).toBe('RUNNING');
    expect(rig.rm.nodeReports()[0]?.state).toBe('RUNNING');
  });
});

describe('a master', () => {
  it('is given containers with tokens that its nodes believe', () => {
    const rig = new Rig();
    const node = rig.node('nm1');
    const master = rig.running();
    expect(master.allocate([ask(1)]).granted).toEqual([]);
    node.heartbeat();
    const [grant] = master.allocate().granted;
    expect(grant).toMatchObject({ nodeId: 'nm1:1', resource: small, priority: 20 });
    expect(openContainerToken(grant?.token as string, rig.rm.rmLife.containerTokenKey)).toEqual({
      containerId: grant?.containerId,
      nodeId: 'nm1:1',
      resource: small,
      rmIdentifier: rig.rm.rmLife.clusterTimestampMs,
      expiresAtMs: rig.nowMs + 600_000,
    });
  });

  it('whose ask crosses a grant does not get one container too many', () => {
    const rig = new Rig();
    const node = rig.node('nm1');
    const master = rig.running();
    master.allocate([ask(2)]);
    node.heartbeat();
    const crossing = master.allocate([ask(3)]);
    expect(crossing.granted).toHaveLength(2);
    node.heartbeat();
    node.heartbeat();
    expect(master.allocate().granted).toHaveLength(1);
    node.heartbeat();
    expect(master.allocate().granted).toEqual([]);
  });

  it('that repeats a call gets the same answer, and nothing is given twice', () => {
    const rig = new Rig();
    const node = rig.node('nm1');
    const master = rig.running();
    master.allocate([ask(1)]);
    node.heartbeat();
    const request = master.request([ask(1)]);
    const first = rig.rm.allocate(request, rig.nowMs);
    expect(rig.rm.allocate(request, rig.nowMs)).toBe(first);
    expect(rig.rm.metrics().containersAllocated).toBe(2);
  });

  it('learns of an end once, and its node forgets it once it has', () => {
    const rig = new Rig();
    const node = rig.node('nm1');
    const master = rig.running();
    master.allocate([ask(1)]);
    node.heartbeat();
    const [grant] = master.allocate().granted;
    const containerId = grant?.containerId as string;
    node.start(grant as never);
    node.heartbeat();
    node.end(containerId, 3);
    expect(node.heartbeat().containersToForget).toEqual([]);
    expect(master.allocate().completed).toMatchObject([{ containerId, exitStatus: 3 }]);
    expect(node.heartbeat().containersToForget, 'the master has not confirmed it yet').toEqual([]);
    expect(master.allocate().completed).toEqual([]);
    expect(node.heartbeat().containersToForget).toEqual([containerId]);
    expect(node.containers.has(containerId)).toBe(false);
  });

  it('that asks for more than any node has is told so, and nothing of its call is done', () => {
    const rig = new Rig();
    const node = rig.node('nm1');
    const master = rig.running();
    expect(() => master.allocate([ask(1), ask(1, { memoryMb: 4_096, vcores: 1 })])).toThrow(
      thrown('YARN_INVALID_RESOURCE_REQUEST'),
    );
    node.heartbeat();
    expect(master.allocate().granted).toEqual([]);
  });

  it('gives a container back, and hears of its end', () => {
    const rig = new Rig();
    const node = rig.node('nm1');
    const master = rig.running();
    master.allocate([ask(1)]);
    node.heartbeat();
    const [grant] = master.allocate().granted;
    const containerId = grant?.containerId as string;
    node.start(grant as never);
    expect(master.allocate([], [containerId]).completed).toMatchObject([{ containerId, exitStatus: -100 }]);
    expect(node.heartbeat().containersToCleanUp).toEqual([containerId]);
    expect(master.allocate([], [containerId]).completed, 'asked again').toMatchObject([{ containerId }]);
  });

  it('gets nothing on a node it wants nothing of', () => {
    const rig = new Rig();
    const node = rig.node('nm1');
    const master = rig.running();
    rig.rm.allocate({ ...master.request([ask(1)]), blacklistAdditions: ['nm1:1'] }, rig.nowMs);
    node.heartbeat();
    expect(rig.rm.metrics().containersAllocated).toBe(1);
    rig.rm.allocate({ ...master.request(), responseId: 1, blacklistRemovals: ['nm1:1'] }, rig.nowMs);
    node.heartbeat();
    expect(rig.rm.metrics().containersAllocated).toBe(2);
  });

  it('that does not start what it was given loses it after a while', () => {
    const rig = new Rig({ grantExpiryMs: 3_000 });
    const node = rig.node('nm1');
    const master = rig.running();
    node.heartbeat();
    master.allocate([ask(1)]);
    node.heartbeat();
    master.allocate();
    rig.later(4_000);
    expect(master.allocate().completed).toMatchObject([
      { exitStatus: -100, diagnostics: 'it was not started in time' },
    ]);
  });

  it('that is silent for too long has failed; the next attempt takes over and it is told to stop', () => {
    const rig = new Rig({ masterExpiryMs: 4_000 });
    const node = rig.node('nm1');
    const master = rig.running();
    rig.later(4_500);
    node.heartbeat();
    expect(rig.report(master.applicationId).attempts.map((one) => one.attemptState)).toEqual(['FAILED', 'LAUNCHED']);
    expect(() => master.allocate()).toThrow(thrown('YARN_ATTEMPT_NOT_CURRENT'));
    expect(() => master.register()).toThrow(thrown('YARN_ATTEMPT_NOT_CURRENT'));
    expect(() => master.finish()).toThrow(thrown('YARN_ATTEMPT_NOT_CURRENT'));
    expect(node.runningIds).toHaveLength(1);
  });

  it('that registers again is given back nothing it has not started, and is told again what it may not have heard', () => {
    const rig = new Rig();
    const node = rig.node('nm1');
    const master = rig.running();
    master.allocate([ask(2)]);
    node.heartbeat();
    const [started] = master.allocate().granted;
    node.start(started as never);
    node.heartbeat();
    node.end(started?.containerId as string, 7);
    node.heartbeat();
    master.allocate();
    expect(rig.rm.metrics().containersAllocated).toBe(2);
    expect(master.register().containersFromPreviousLife).toEqual([]);
    expect(rig.rm.metrics().containersAllocated, 'only the master').toBe(1);
    expect(master.allocate([ask(2)]).completed).toMatchObject([{ containerId: started?.containerId, exitStatus: 7 }]);
  });
});
