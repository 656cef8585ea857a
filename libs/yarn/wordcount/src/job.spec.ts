import { ContainerExitStatus, ContainerState, type ContainerStatus } from '@menagerie/yarn-protocol';
import { describe, expect, it } from 'vitest';
import { Job, LOST_OUTPUT_EXIT_CODE, lostOutputLine } from './job.js';

const place = (n: number, nodeId = 'nm1:1') => ({
  containerId: `container_1_0001_01_${String(n).padStart(6, '0')}`,
  nodeId,
  nodeHttpAddress: '127.0.0.1:1',
});
const end = (n: number, exitStatus = 0, diagnostics = ''): ContainerStatus => ({
  containerId: place(n).containerId,
  state: ContainerState.Complete,
  exitStatus,
  diagnostics,
});

/** Two maps done on two nodes, one reducer to come. */
function mapsDone(): Job {
  const job = new Job(2, 1);
  job.assign('map', place(1, 'nm1:1'));
  job.assign('map', place(2, 'nm2:1'));
  job.ended(end(1));
  job.ended(end(2));
  return job;
}

describe('a job', () => {
  it('asks for reducers when all maps are done, and for nothing when all is', () => {
    const job = new Job(1, 1);
    expect(job.wanted).toEqual({ maps: 1, reduces: 0 });
    expect(job.assign('reduce', place(9))).toBeNull();
    job.assign('map', place(1));
    job.ended(end(1));
    expect(job.wanted).toEqual({ maps: 0, reduces: 1 });
    job.assign('reduce', place(2));
    job.ended(end(2));
    expect(job.isDone).toBe(true);
    expect(job.wanted).toEqual({ maps: 0, reduces: 0 });
  });

  it('an end told twice, and an end of a container that was never its own, change nothing', () => {
    const job = mapsDone();
    expect(job.ended(end(1))).toBeNull();
    expect(job.ended(end(77, 1))).toBeNull();
    expect(job.counters()).toMatchObject({ mapsDone: 2, taskFailures: 0 });
  });

  it('a lost node takes the maps back that finished on it, until no reducer needs them', () => {
    const job = mapsDone();
    job.nodeLost('nm1:1');
    expect(job.wanted).toEqual({ maps: 1, reduces: 0 });
    expect(job.counters()).toMatchObject({ mapsDone: 1, mapsRepeated: 1 });
    expect(job.assign('map', place(3, 'nm2:1'))).toEqual({ kind: 'map', index: 0 });
    job.ended(end(3));
    job.assign('reduce', place(4));
    job.ended(end(4));
    job.nodeLost('nm2:1');
    expect(job.isDone).toBe(true);
  });

  it('a reducer that finds an output gone has just that map repeated, at nobody’s cost', () => {
    const job = mapsDone();
    job.assign('reduce', place(3));
    job.ended(end(3, LOST_OUTPUT_EXIT_CODE, `end of standard error:\n${lostOutputLine(1)}\n`));
    expect(job.wanted).toEqual({ maps: 1, reduces: 0 });
    expect(job.outputsOfMaps()).toEqual([place(1, 'nm1:1'), null]);
    expect(job.counters().taskFailures).toBe(0);
  });

  it('fails when one task has failed four times by its own fault; ends by the framework do not count', () => {
    const job = new Job(1, 1);
    for (let n = 1; n <= 6; n += 1) {
      job.assign('map', place(n));
      job.ended(end(n, ContainerExitStatus.Aborted));
    }
    for (let n = 11; n <= 14; n += 1) {
      expect(job.failure).toBeNull();
      job.assign('map', place(n));
      job.ended(end(n, 1, 'out of patience'));
    }
    expect(job.failure).toBe('map 0 failed 4 times; last: out of patience');
    expect(job.wanted).toEqual({ maps: 0, reduces: 0 });
  });

  it('a second master goes on where the first one was', () => {
    const job = new Job(3, 2);
    job.recover(new Map([[1, place(5)]]), new Set([0]));
    expect(job.wanted).toEqual({ maps: 2, reduces: 0 });
    expect(job.counters()).toMatchObject({ mapsDone: 1, reducesDone: 1 });
  });
});
