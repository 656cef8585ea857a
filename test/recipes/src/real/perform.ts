/** One performance of a play by real processes on a real ensemble, with real faults. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '@menagerie/simulation';
import { ZooKeeper, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { waitFor } from '@menagerie/zookeeper-testing';
import type { Judge, Play } from '../plays/play.js';
import { SESSION_TIMEOUT_MS, loseOneReply, trouble, type OnFault } from './faults.js';
import type { Troupe } from './troupe.js';

/**
 * Nobody has got anywhere for so many good looks: it has stopped for good. How long a play takes says only how busy the
 * machine is; so a look counts when a bystander without faults has its answer at once, and begins anew with whatever an
 * actor tells.
 */
const SILENT_LOOKS = 90;
const LOOK_MS = 1_000;
const AT_ONCE_MS = 250;
/** Who still moves and comes to no end. */
const END_MS = 30 * 60_000;
const SETTLE_MS = 300_000;
const CONNECT_MS = 300_000;

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
  const progress = new Progress();
  const watched: Judge = {
    ...judge,
    hear: (...told) => {
      progress.note();
      return judge.hear(...told);
    },
  };
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
        actor.play({ play: name, index, actors: count, seed, path, sessionTimeoutMs: SESSION_TIMEOUT_MS }, watched),
      ),
    );
    all.catch(() => undefined);
    // To its end also when a rule is broken meanwhile: whatever it has stopped must go on again.
    await trouble(ensemble, actors, { random: new Random(seed), seed, onFault });
    const stuck = progress.ended(name, observer);
    stuck.catch(() => undefined);
    await Promise.race([all, stuck]);
    await judge.conclude(observer, path);
    await troupe.rest();
    isOver = true;
  } finally {
    progress.stop();
    if (!isOver) await troupe.dismiss();
    await observer.close();
  }
}

/** Whether the actors still get anywhere. */
class Progress {
  private silentLooks = 0;
  private readonly over = new AbortController();

  note(): void {
    this.silentLooks = 0;
  }

  /** Never resolves. @throws Error once they do not */
  async ended(name: string, bystander: ZooKeeperClient): Promise<never> {
    const beganMs = performance.now();
    const sinceMs = () => performance.now() - beganMs;
    while (this.silentLooks < SILENT_LOOKS && sinceMs() < END_MS) {
      await sleep(LOOK_MS, undefined, { signal: this.over.signal });
      const askedMs = performance.now();
      await bystander.exists('/').catch(() => undefined);
      if (performance.now() - askedMs < AT_ONCE_MS) this.silentLooks += 1;
    }
    const after = `${(sinceMs() / 1_000).toFixed(0)} s after the trouble`;
    throw new Error(`liveness: ${name}: no end ${after}, nothing told for ${this.silentLooks} good looks`);
  }

  stop(): void {
    this.over.abort();
  }
}
