import { describe, expect, it } from 'vitest';
import { SplitState } from '../layout/payload.js';
import { SplitLogManager } from './split-log-manager.js';
import { SplitLogWorker } from './split-log-worker.js';
import { VirtualSplit } from './__fixtures__/virtual-split.js';

const MASTER = 'm,16000,1';
const [A, B] = ['a,16020,1', 'b,16020,1'];
const T = '/hbase/splitWAL/log1';
const seen = (version: number, state: SplitState, server: string) =>
  ({ kind: 'seen', task: T, version, content: { state, server } }) as const;

function manager(): SplitLogManager {
  const one = new SplitLogManager();
  expect(one.step({ kind: 'submit', id: 'dead1', tasks: [T] }, 0)).toEqual([{ kind: 'create', task: T }]);
  expect(one.step(seen(0, SplitState.unassigned, MASTER), 0)).toEqual([]);
  return one;
}

describe('the manager of split logs', () => {
  it('follows a task to its end: owned, done, finished, deleted, told', () => {
    const one = manager();
    expect(one.step(seen(1, SplitState.owned, A), 10)).toEqual([]);
    expect(one.step(seen(2, SplitState.done, A), 20)).toEqual([{ kind: 'finish', task: T }]);
    expect(one.step({ kind: 'finished', task: T }, 30)).toEqual([{ kind: 'delete', task: T }]);
    // A deletion that failed is repeated.
    expect(one.step({ kind: 'tick' }, 1_000)).toEqual([{ kind: 'delete', task: T }]);
    expect(one.step({ kind: 'gone', task: T }, 1_010)).toEqual([{ kind: 'batch-done', id: 'dead1' }]);
    expect(one.open).toEqual([]);
  });

  it('takes a task from a dead owner at once, and counts it for nothing', () => {
    const one = manager();
    one.step(seen(1, SplitState.owned, A), 10);
    expect(one.step({ kind: 'server-dead', server: A }, 11)).toEqual([{ kind: 'unassign', task: T, version: 1 }]);
    expect(one.resubmits(T)).toBe(0);
    // The dead one had written once more: known from the next read, and taken again.
    expect(one.step(seen(2, SplitState.owned, A), 12)).toEqual([{ kind: 'unassign', task: T, version: 2 }]);
  });

  it('takes a task from a silent owner after 120 s, three times and no more', () => {
    const one = manager();
    let [version, nowMs] = [0, 0];
    for (let time = 1; time <= 3; time++) {
      one.step(seen(++version, SplitState.owned, A), nowMs);
      expect(one.step({ kind: 'tick' }, nowMs + 120_000)).toEqual([]);
      nowMs += 120_001;
      expect(one.step({ kind: 'tick' }, nowMs)).toEqual([{ kind: 'unassign', task: T, version }]);
      one.step(seen(++version, SplitState.unassigned, MASTER), nowMs);
      expect(one.resubmits(T)).toBe(time);
    }
    one.step(seen(++version, SplitState.owned, B), nowMs);
    expect(one.step({ kind: 'tick' }, nowMs + 1_000_000)).toEqual([]);
    // But a death still takes it.
    expect(one.step({ kind: 'server-dead', server: B }, nowMs + 1_000_001)).toEqual([
      { kind: 'unassign', task: T, version },
    ]);
  });

  it('a version that moves is a sign of life', () => {
    const one = manager();
    for (let beat = 1; beat <= 10; beat++) {
      one.step(seen(beat, SplitState.owned, A), beat * 40_000);
      expect(one.step({ kind: 'tick' }, beat * 40_000 + 39_000)).toEqual([]);
    }
  });

  it('a task resigned is free again; one that fails four times has failed its batch', () => {
    const one = manager();
    expect(one.step(seen(1, SplitState.resigned, A), 0)).toEqual([{ kind: 'unassign', task: T, version: 1 }]);
    for (let time = 1; time <= 3; time++) {
      expect(one.step(seen(time * 3, SplitState.err, A), 0)).toEqual([
        { kind: 'unassign', task: T, version: time * 3 },
      ]);
    }
    expect(one.step(seen(12, SplitState.err, A), 0)).toEqual([
      { kind: 'batch-failed', id: 'dead1', task: T },
      { kind: 'delete', task: T },
    ]);
  });

  it('tells everybody to look again when nobody takes anything for three minutes', () => {
    const one = manager();
    expect(one.step({ kind: 'tick' }, 180_000)).toEqual([{ kind: 'read', task: T }]);
    expect(one.step({ kind: 'tick' }, 180_001)).toEqual([{ kind: 'read', task: T }, { kind: 'rescan' }]);
    expect(one.step({ kind: 'tick' }, 200_000)).toEqual([{ kind: 'read', task: T }]);
  });

  it('a new master adopts what the old one began', () => {
    const one = new SplitLogManager();
    expect(one.step({ kind: 'found', tasks: [T] }, 0)).toEqual([{ kind: 'read', task: T }]);
    expect(one.step({ kind: 'submit', id: 'dead1', tasks: [T] }, 0)).toEqual([{ kind: 'read', task: T }]);
    expect(one.step(seen(7, SplitState.done, A), 0)).toEqual([{ kind: 'finish', task: T }]);
    one.step({ kind: 'finished', task: T }, 0);
    expect(one.step({ kind: 'gone', task: T }, 0)).toEqual([{ kind: 'batch-done', id: 'dead1' }]);
  });

  it('an operator who deletes a task has not split its log', () => {
    const one = manager();
    expect(one.step({ kind: 'gone', task: T }, 0)).toEqual([{ kind: 'batch-failed', id: 'dead1', task: T }]);
  });
});

describe('a worker', () => {
  const free = { state: SplitState.unassigned, server: MASTER };
  const listed = { kind: 'listed', tasks: ['/t/1', '/t/2', '/t/3', '/t/4.meta'], servers: 3 } as const;

  it('begins somewhere, but with the catalogue’s log, and takes its share and no more', () => {
    const worker = new SplitLogWorker(() => 0.5);
    const order = worker.step(listed, 0).map(({ task }) => task);
    expect(order).toEqual(['/t/4.meta', '/t/3', '/t/1', '/t/2']);
    const write = (task: string) => worker.step({ kind: 'read', task, version: 0, content: free }, 0);
    expect(write('/t/4.meta')).toEqual([{ kind: 'write', task: '/t/4.meta', version: 0, state: SplitState.owned }]);
    expect(write('/t/3')).toHaveLength(1);
    expect(write('/t/1')).toEqual([]);
    expect(worker.step({ kind: 'written', task: '/t/3', version: null }, 0)).toEqual([]);
    expect(write('/t/1')).toHaveLength(1);
  });

  it('that was preempted stops, and reports nothing', () => {
    const worker = new SplitLogWorker(() => 0);
    worker.step(listed, 0);
    worker.step({ kind: 'read', task: '/t/1', version: 0, content: free }, 0);
    expect(worker.step({ kind: 'written', task: '/t/1', version: 1 }, 0)).toEqual([{ kind: 'begin', task: '/t/1' }]);
    expect(worker.step({ kind: 'tick' }, 39_999)).toEqual([]);
    expect(worker.step({ kind: 'tick' }, 40_000)).toEqual([
      { kind: 'write', task: '/t/1', version: 1, state: SplitState.owned },
    ]);
    expect(worker.step({ kind: 'written', task: '/t/1', version: null }, 40_001)).toEqual([
      { kind: 'stop', task: '/t/1' },
    ]);
    expect(worker.step({ kind: 'split', task: '/t/1', outcome: 'done' }, 50_000)).toEqual([]);
  });

  it('whose sign of life is on its way reports with the version that comes back', () => {
    const worker = new SplitLogWorker(() => 0);
    worker.step(listed, 0);
    worker.step({ kind: 'read', task: '/t/1', version: 0, content: free }, 0);
    worker.step({ kind: 'written', task: '/t/1', version: 1 }, 0);
    worker.step({ kind: 'tick' }, 40_000);
    expect(worker.step({ kind: 'split', task: '/t/1', outcome: 'done' }, 40_001)).toEqual([]);
    expect(worker.step({ kind: 'written', task: '/t/1', version: 2 }, 40_002)).toEqual([
      { kind: 'write', task: '/t/1', version: 2, state: SplitState.done },
    ]);
  });
});

describe('manager and workers on one tree', () => {
  // Each seed is a cluster in which workers die, stand still, fail and come back while a master may be replaced.
  it.each(Array.from({ length: 200 }, (_, seed) => seed))(
    'seed %i: every log is split before its server’s regions open',
    (seed) => {
      const world = new VirtualSplit(seed);
      world.run();
      expect(world.problems).toEqual([]);
      expect(world.batchesDone).toBe(world.batchesSubmitted);
    },
  );
});
