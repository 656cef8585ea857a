/**
 * The faults of one life, decided before it begins: which, when, and with what chance of its own each strikes. So some of
 * them can be left out of a replay and the others strike as before.
 */
import { Random } from '../engine/random.js';
import type { VirtualTime } from '../engine/virtual-time.js';
import type { Observer } from '../checkers/observer.js';
import { faults, type FaultTargets } from './atlas.js';

export interface PlannedFault {
  readonly number: number;
  readonly atMs: number;
  readonly name: string;
  readonly seed: number;
}

/** Not before there is something to break. */
const QUIET_MS = 400;
const ALWAYS: ReadonlySet<string> = new Set(['heal', 'snapshot', 'trap', 'bareQuorum']);

export function planFaults(random: Random, untilMs: number): PlannedFault[] {
  // A seed has its own mix: some know only crashes, some only cuts, most a little of everything.
  const mix = Object.keys(faults).filter((name) => ALWAYS.has(name) || random.chance(0.5));
  const meanGapMs = random.pick([100, 250, 700]);
  const plan: PlannedFault[] = [];
  for (let atMs = QUIET_MS + random.delay(meanGapMs); atMs < untilMs; atMs += random.delay(meanGapMs)) {
    plan.push({ number: plan.length + 1, atMs, name: random.pick(mix), seed: random.integer(0, 0x7fff_ffff) });
  }
  return plan;
}

export function strike(
  plan: readonly PlannedFault[],
  targets: FaultTargets,
  time: VirtualTime,
  observer: Observer,
): void {
  for (const { number, atMs, name, seed } of plan) {
    time.after(atMs - time.nowMs, () => {
      const what = faults[name]!(targets, new Random(seed));
      observer.tell(() => `fault ${number} ${name}: ${what}`);
    });
  }
}

/** The end of all trouble. */
export function mend({ network, servers, traps }: FaultTargets): void {
  traps.truce();
  network.heal();
  for (const server of servers) {
    if (server.isPaused) server.resume();
    server.disk.recovers();
    if (!server.isUp && server.stoppedBy === null) server.start();
  }
}
