/** What goes wrong while a play is on real processes. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '@menagerie/simulation';
import { TestKitError, type TestEnsemble } from '@menagerie/zookeeper-testing';
import type { ActorProcess } from './actor-process.js';

/** Ticks of the test kit's servers are 500 ms. */
export const SESSION_TIMEOUT_MS = 2_000;
const TROUBLE_MS = 2_500;
const MEAN_GAP_MS = 250;
/** Over so many seeds in a row every actor loses each of its first so many replies. */
const LOSABLE_REPLIES = 40;

/** Told of each fault. */
export type OnFault = (kind: string, what: string) => void;

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
    try {
      if (actor.session) await ensemble.expireSession(actor.session.id, actor.session.password);
    } catch (error) {
      // It may have ended by itself, or no server answers at the moment.
      if (!(error instanceof TestKitError)) throw error;
    }
    return actor.name;
  },
  pauseProcess: async (_ensemble, actor, random) => {
    actor.signal('SIGSTOP');
    await sleep(random.pick([500, 2 * SESSION_TIMEOUT_MS]));
    actor.signal('SIGCONT');
    return actor.name;
  },
};

/** Each seed begins with the next kind of fault, so that a handful of seeds in a row has them all; then chance decides. */
export async function trouble(
  ensemble: TestEnsemble,
  actors: readonly ActorProcess[],
  { random, seed, onFault }: { readonly random: Random; readonly seed: number; readonly onFault: OnFault },
): Promise<void> {
  const endMs = performance.now() + TROUBLE_MS;
  const kinds = Object.keys(faults);
  let kind = kinds[seed % kinds.length]!;
  while (performance.now() < endMs) {
    await sleep(random.delay(MEAN_GAP_MS));
    onFault(kind, await faults[kind]!(ensemble, random.pick(actors), random));
    kind = random.pick(kinds);
  }
}

/**
 * Connection loss exactly between request and reply: of each actor the n-th reply is lost, with n from the seed, so that
 * in a row of seeds each step of the recipe is interrupted once. What was asked is done; the actor never hears of it.
 */
export function loseOneReply(
  actor: ActorProcess,
  index: number,
  { seed, onFault }: { seed: number; onFault: OnFault },
) {
  const target = 1 + ((seed + 13 * index) % LOSABLE_REPLIES);
  let replies = 0;
  for (const link of actor.links) {
    const lost = link.dropNextReply(({ xid }) => xid > 0 && (replies += 1) === target);
    void lost.then(({ opCode }) => onFault('loseReply', `${actor.name}, reply ${target}, to operation ${opCode}`));
  }
}
