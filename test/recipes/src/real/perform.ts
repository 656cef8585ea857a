/** One performance of a play by real processes on a real ensemble, with real faults. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '@menagerie/simulation';
import { ZooKeeper } from '@menagerie/zookeeper-client';
import { waitFor, type TestEnsemble } from '@menagerie/zookeeper-testing';
import type { Play } from '../plays/play.js';
import { ActorProcess } from './actor-process.js';

/** Ticks of the test kit's servers are 500 ms. */
const SESSION_TIMEOUT_MS = 2_000;
const TROUBLE_MS = 5_000;
const END_MS = 120_000;
const SETTLE_MS = 60_000;

export interface RealOptions {
  readonly ensemble: TestEnsemble;
  readonly seed: number;
  /** Below it the play has the tree to itself. */
  readonly path: string;
  /** Told of each fault. */
  readonly onFault: (kind: string, what: string) => void;
}

type Fault = (ensemble: TestEnsemble, actor: ActorProcess, random: Random) => Promise<string>;

const faults: Readonly<Record<string, Fault>> = {
  killServer: async (ensemble, _actor, random) => {
    const { id } = random.pick(ensemble.servers);
    await ensemble.kill(id);
    await sleep(random.delay(500));
    await ensemble.start(id);
    return `server ${id}`;
  },
  cutLinks: async (_ensemble, actor, random) => {
    for (const link of actor.links) link.cut();
    await sleep(random.pick([200, 1_000, 2 * SESSION_TIMEOUT_MS]));
    for (const link of actor.links) link.heal();
    return actor.name;
  },
  stallLinks: async (_ensemble, actor, random) => {
    for (const link of actor.links) link.stall();
    await sleep(random.delay(1_500));
    for (const link of actor.links) link.heal();
    return actor.name;
  },
  expireSession: async (ensemble, actor) => {
    if (actor.session) await ensemble.expireSession(actor.session.id, actor.session.password);
    return actor.name;
  },
  pauseProcess: async (_ensemble, actor, random) => {
    actor.signal('SIGSTOP');
    await sleep(random.pick([500, 2 * SESSION_TIMEOUT_MS]));
    actor.signal('SIGCONT');
    return actor.name;
  },
  /** Exactly between request and reply: the server did it, the actor never hears of it. */
  loseReply: async (_ensemble, actor, random) => {
    let skip = random.integer(0, 3);
    for (const link of actor.links) void link.dropNextReply(() => skip-- <= 0);
    return actor.name;
  },
};

/** @throws what broke the rules */
export async function performReal(play: Play, options: RealOptions): Promise<void> {
  const { ensemble, seed, path } = options;
  const random = new Random(seed);
  const judge = play.judge({
    strict: false,
    until: async (what, isTrue) => void (await waitFor(isTrue, { timeoutMs: SETTLE_MS, what })),
  });
  const { name, actors: count } = play;
  const actors: ActorProcess[] = [];
  const observer = await ZooKeeper.connect({
    connect: ensemble.connectString,
    sessionTimeoutMs: 10_000,
    connectTimeoutMs: 60_000,
  });
  try {
    for (let index = 0; index < count; index += 1) {
      const task = { play: name, index, actors: count, seed, path, sessionTimeoutMs: SESSION_TIMEOUT_MS };
      actors.push(await ActorProcess.start(ensemble, judge, task));
    }
    const all = Promise.all(actors.map((actor) => actor.ended));
    all.catch(() => undefined);
    await trouble(ensemble, actors, random, options.onFault);
    await Promise.race([all, expectEnd(name)]);
    await judge.conclude(observer, path);
  } finally {
    await Promise.all(actors.map((actor) => actor.close()));
    await observer.close();
  }
}

async function trouble(
  ensemble: TestEnsemble,
  actors: readonly ActorProcess[],
  random: Random,
  onFault: RealOptions['onFault'],
): Promise<void> {
  const endMs = performance.now() + TROUBLE_MS;
  const names = Object.keys(faults);
  while (performance.now() < endMs) {
    await sleep(random.delay(300));
    const kind = random.pick(names);
    onFault(kind, (await faults[kind]?.(ensemble, random.pick(actors), random)) ?? '');
  }
}

/** Never resolves; the timer does not keep the process. */
function expectEnd(name: string): Promise<never> {
  return new Promise((_resolve, reject) => {
    const error = new Error(`liveness: ${name} has not ended ${END_MS} ms after the trouble`);
    setTimeout(() => reject(error), END_MS).unref();
  });
}
