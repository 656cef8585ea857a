/** One performance of a play on a simulated cluster: one seed, one run. */
import { Random, withSimulatedCluster, type SimulatedCluster } from '@menagerie/simulation';
import type { Play, Stage } from '../plays/play.js';
import { lossy } from './lossy-driver.js';
import { losses, SESSION_TIMEOUT_MS, trouble } from './trouble.js';

const PATH = '/play/here';
const TROUBLE_MS = 4_000;
/** Far more than any orphan of a session that is over can last. */
const SETTLE_MS = 20_000;
const LIMIT_MS = 180_000;

export interface Performance {
  readonly virtualMs: number;
  readonly events: number;
}

/** @throws what broke the rules, or Violation `liveness` */
export async function perform(play: Play, seed: number): Promise<Performance> {
  const random = new Random(seed);
  const servers = random.pick([1, 3, 3]);
  const options = { seed, servers, limitMs: LIMIT_MS, meanDelayMs: random.pick([0.3, 1, 5]) };
  return await withSimulatedCluster(options, async (cluster) => {
    const judge = play.judge({
      strict: true,
      until: (what, isTrue) => cluster.until(what, isTrue, SETTLE_MS),
    });
    let isTroubled = true;
    // Clients are numbered as they connect: actors first, the observer last.
    const stages: Stage[] = [];
    for (let index = 0; index < play.actors; index += 1) {
      const dice = random.fork();
      const next = losses(seed + 7 * index, random.fork(), () => isTroubled);
      const zk = await cluster.connect({ sessionTimeoutMs: SESSION_TIMEOUT_MS, wrapDriver: lossy(next) });
      const name = `actor-${index + 1}`;
      const tell: Stage['tell'] = async (what, details = {}) => judge.hear(name, what, details);
      const sleep = (ms: number) => cluster.sleep(ms);
      stages.push({ name, index, actors: play.actors, zk, dice, path: PATH, tell, sleep });
    }
    const observer = await cluster.connect({ sessionTimeoutMs: SESSION_TIMEOUT_MS });
    const acting = Promise.all(stages.map((stage) => play.act(stage)));
    const troubled = trouble(cluster, random.fork(), play.actors, TROUBLE_MS).then(() => (isTroubled = false));
    await Promise.all([orElse(acting), orElse(troubled)]);
    await acting;
    await insist(cluster, () => judge.conclude(observer, PATH));
    for (const { zk } of stages) await zk.close();
    await observer.close();
    return { virtualMs: cluster.time.nowMs, events: cluster.time.eventsDone };
  });
}

/** The one that fails is reported, not the one that was still under way. */
async function orElse(work: Promise<unknown>): Promise<void> {
  await work;
}

/** The observer's own session may have been lost in the trouble. */
async function insist(cluster: SimulatedCluster, work: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      const retryable = error instanceof Error && 'retryable' in error && error.retryable === true;
      if (!retryable || tries === 10) throw error;
      await cluster.sleep(500);
    }
  }
}
