/** One performance of a play by real processes on a real ensemble, with real faults. */
import { Random } from '@menagerie/simulation';
import { ZooKeeper } from '@menagerie/zookeeper-client';
import { waitFor } from '@menagerie/zookeeper-testing';
import type { Play } from '../plays/play.js';
import { SESSION_TIMEOUT_MS, loseOneReply, trouble, type OnFault } from './faults.js';
import type { Troupe } from './troupe.js';

const END_MS = 120_000;
const SETTLE_MS = 60_000;
const CONNECT_MS = 60_000;

export interface RealOptions {
  readonly troupe: Troupe;
  readonly seed: number;
  /** Below it the play has the tree to itself. */
  readonly path: string;
  readonly onFault: OnFault;
}

/** @throws what broke the rules */
export async function performReal(play: Play, options: RealOptions): Promise<void> {
  const { troupe, seed, path, onFault } = options;
  const { name, actors: count } = play;
  const { ensemble } = troupe;
  const judge = play.judge({
    strict: false,
    until: async (what, isTrue) => void (await waitFor(isTrue, { timeoutMs: SETTLE_MS, what })),
  });
  let isOver = false;
  const end = new AbortController();
  const observer = await ZooKeeper.connect({
    connect: ensemble.connectString,
    sessionTimeoutMs: 10_000,
    connectTimeoutMs: CONNECT_MS,
  });
  try {
    const actors = await troupe.take(count);
    for (const [index, actor] of actors.entries()) loseOneReply(actor, index, { seed, onFault });
    const all = Promise.all(
      actors.map((actor, index) =>
        actor.play({ play: name, index, actors: count, seed, path, sessionTimeoutMs: SESSION_TIMEOUT_MS }, judge),
      ),
    );
    all.catch(() => undefined);
    // To its end also when a rule is broken meanwhile: whatever it has stopped must go on again.
    await trouble(ensemble, actors, { random: new Random(seed), seed, onFault });
    await Promise.race([all, expectEnd(name, end.signal)]);
    await judge.conclude(observer, path);
    await troupe.rest();
    isOver = true;
  } finally {
    end.abort();
    if (!isOver) await troupe.dismiss();
    await observer.close();
  }
}

/** Never resolves. */
function expectEnd(name: string, signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const error = new Error(`liveness: ${name} has not ended ${END_MS} ms after the trouble`);
    const timer = setTimeout(() => reject(error), END_MS);
    signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  });
}
