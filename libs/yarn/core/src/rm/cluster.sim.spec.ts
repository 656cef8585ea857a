/**
 * A whole cluster under random faults: whatever fails over, dies or gets lost, every application gets all its work done,
 * no container is given twice, and the books of the scheduler add up.
 *
 * One seed is one run. To replay a failing one: `SEED=<seed> npx vitest run libs/yarn/core/src/rm/cluster.sim.spec.ts`.
 */
import { addResources, fitsIn, isYarnError, NO_RESOURCE } from '@menagerie/yarn-protocol';
import { describe, expect, it } from 'vitest';
import { ask, Rig, RigMaster, type RigNode, small } from './__fixtures__/rig.js';

/** mulberry32 */
function chanceOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const TASKS = 60;

/** A master that has TASKS things to do, each in a container of its own. It remembers what is done, as a job's files do. */
class Worker {
  readonly done: Set<number>;
  private readonly doing = new Map<string, { task: number; nodeId: string }>();
  private readonly known = new Set<string>();
  private asked = 0;

  constructor(
    readonly master: RigMaster,
    done: Set<number>,
    private readonly rig: Rig,
    private readonly givenEver: Set<string>,
  ) {
    this.done = done;
    master.register();
  }

  step(): void {
    if (this.done.size === TASKS) {
      this.again(() => this.master.finish());
      return;
    }
    const wanted = TASKS - this.done.size - this.doing.size;
    const answer = this.again(() => this.master.allocate(wanted === this.asked ? [] : [ask(wanted)]));
    if (!answer) return;
    this.asked = wanted - answer.granted.length;
    for (const grant of answer.granted) {
      expect(this.givenEver.has(grant.containerId), `${grant.containerId} given twice`).toBe(false);
      this.givenEver.add(grant.containerId);
      const task = this.nextTask();
      const node = this.rig.nodes.find((one) => one.nodeId === grant.nodeId);
      if (task !== null && node?.start(grant)) this.doing.set(grant.containerId, { task, nodeId: grant.nodeId });
      else this.master.allocate([], [grant.containerId]);
    }
    for (const end of answer.completed) {
      if (this.known.has(end.containerId)) continue;
      this.known.add(end.containerId);
      const task = this.doing.get(end.containerId)?.task;
      this.doing.delete(end.containerId);
      if (task !== undefined && end.exitStatus === 0) this.done.add(task);
    }
  }

  private nextTask(): number | null {
    const taken = new Set([...this.doing.values()].map((one) => one.task));
    for (let task = 0; task < TASKS; task++) if (!this.done.has(task) && !taken.has(task)) return task;
    return null;
  }

  private again<T>(what: () => T): T | null {
    try {
      return what();
    } catch (error) {
      if (!isYarnError(error, 'YARN_MASTER_NOT_REGISTERED')) return null;
      this.master.register([...this.doing].map(([containerId, { nodeId }]) => ({ containerId, nodeId })));
      this.asked = 0;
      return null;
    }
  }
}

function checkBooks(rig: Rig): void {
  for (const node of rig.rm.nodeReports()) {
    const total = { memoryMb: 1_024, vcores: 4 };
    const used = { memoryMb: node.usedMemoryMB, vcores: node.usedVirtualCores };
    expect(fitsIn(used, total), `${node.id} is overbooked`).toBe(true);
  }
  const { allocatedMB, containersAllocated } = rig.rm.metrics();
  expect(allocatedMB, 'every container has 256 MB').toBe(containersAllocated * small.memoryMb);
  const inApps = rig.rm
    .applications(rig.nowMs)
    .reduce((sum, one) => addResources(sum, { memoryMb: one.allocatedMB, vcores: one.allocatedVCores }), NO_RESOURCE);
  expect(inApps.memoryMb, 'applications and nodes agree').toBe(allocatedMB);
}

function run(seed: number): void {
  const chance = chanceOf(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(chance() * list.length)] as T;
  const rig = new Rig({ nodeExpiryMs: 3_000, masterExpiryMs: 3_000, grantExpiryMs: 3_000 });
  for (const name of ['nm1', 'nm2', 'nm3']) rig.node(name);
  const applications = [rig.submit(), rig.submit()];
  const done = new Map(applications.map((id) => [id, new Set<number>()]));
  const workers = new Map<string, Worker>();
  const givenEver = new Set<string>();
  const silent = new Map<RigNode, number>();
  /** The container of each attempt's master. */
  const masters = new Map<string, string>();

  const lookForMasters = () => {
    for (const [attemptId, grant] of rig.launched) {
      masters.set(attemptId, grant.containerId);
      const node = rig.nodes.find((one) => one.nodeId === grant.nodeId);
      if (workers.has(attemptId) || !node?.runningIds.includes(grant.containerId)) continue;
      const applicationId = attemptId.replace('appattempt', 'application').replace(/_\d+$/, '');
      try {
        workers.set(
          attemptId,
          new Worker(new RigMaster(rig, attemptId), done.get(applicationId) as Set<number>, rig, givenEver),
        );
      } catch (error) {
        if (!isYarnError(error)) throw error;
      }
    }
  };
  const masterLives = (worker: Worker) =>
    rig.nodes.some((node) => node.runningIds.includes(masters.get(worker.master.attemptId) ?? ''));

  for (let step = 0; step < 3_000; step++) {
    const faults = step < 300;
    rig.later(100 + Math.floor(chance() * 200));
    for (const node of rig.nodes) {
      const silentFor = silent.get(node) ?? 0;
      if (silentFor > 0) silent.set(node, silentFor - 1);
      else node.heartbeat();
    }
    lookForMasters();
    for (const worker of workers.values()) if (masterLives(worker)) worker.step();
    const masterIds = new Set(masters.values());
    for (const node of rig.nodes) {
      for (const id of node.runningIds) if (!masterIds.has(id) && chance() < 0.1) node.end(id, 0);
    }
    checkBooks(rig);
    if (faults) {
      const dice = chance();
      if (dice < 0.04) rig.failOver();
      else if (dice < 0.07) pick(rig.nodes).restart();
      else if (dice < 0.12) silent.set(pick(rig.nodes), 5 + Math.floor(chance() * 30));
      else if (dice < 0.15) rig.holdStore = true;
      else if (dice < 0.3 && rig.holdStore) {
        rig.holdStore = false;
        rig.drain();
      }
    } else if (rig.holdStore) {
      rig.holdStore = false;
      rig.drain();
    }
    const reports = applications.map((id) => rig.report(id));
    if (reports.every((one) => one.rmState === 'FINISHED') && !faults) break;
  }
  for (const id of applications) {
    const report = rig.report(id);
    // Attempts that the master's own silence ended count, so an application may fail; then it says so.
    if (report.state === 'FAILED') expect(report.diagnostics).toMatch(/attempts failed/);
    else {
      expect(report.rmState, `${id}: ${report.diagnostics}`).toBe('FINISHED');
      expect(done.get(id)?.size).toBe(TASKS);
    }
    expect(rig.store.get(id)?.application.finalState, 'the store agrees').toBe(report.state);
  }
  for (const node of rig.nodes) node.heartbeat();
  for (const node of rig.nodes) node.heartbeat();
  expect(rig.rm.metrics().containersAllocated).toBe(0);
  expect(rig.nodes.flatMap((node) => node.runningIds)).toEqual([]);
}

describe('a cluster under random faults', () => {
  const given = process.env['SEED'];
  const seeds = given ? [Number(given)] : Array.from({ length: Number(process.env['SEEDS'] ?? 60) }, (_, at) => at + 1);
  it.each(seeds)('gets its work done, seed %d', (seed) => run(seed));
});
