/** Everything that lets a stated number in. */
import {
  ExclusiveLock,
  Lock,
  MultiLock,
  ProcessQueue,
  ReadWriteLock,
  RevocableLock,
  Semaphore,
  type Grant,
  type WaitOptions,
} from '@menagerie/zookeeper-recipes';
import { GuardedJudge, release, someWait, unlessGivenUp, useGuarded, type GuardedOptions } from './guarded.js';
import type { Play, Stage } from './play.js';

const ROUNDS = 3;

function lockPlay(
  name: string,
  guarded: Partial<GuardedOptions>,
  acquire: (stage: Stage, wait: WaitOptions) => Promise<Grant>,
): Play {
  return {
    name,
    actors: 3,
    judge: (options) => new GuardedJudge(options, { capacity: 1, ordered: true, directories: [''], ...guarded }),
    act: async (stage) => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const grant = await unlessGivenUp(acquire(stage, someWait(stage)));
        if (!grant) continue;
        await useGuarded(stage, grant);
        await release(grant);
        await stage.sleep(stage.dice.delay(400));
      }
      // One more without a limit, so that everybody was served once.
      const last = await acquire(stage, {});
      await useGuarded(stage, last);
      await release(last);
    },
  };
}

const readWritePlay = (name: string, herd: boolean): Play => ({
  name,
  actors: 4,
  judge: (options) => new GuardedJudge(options, { capacity: 1, ordered: false, directories: [''] }),
  act: async (stage) => {
    const lock = new ReadWriteLock(stage.zk, stage.path, { herd });
    for (let round = 0; round < ROUNDS; round += 1) {
      const shared = stage.dice.chance(0.6);
      const wait = someWait(stage);
      const grant = await unlessGivenUp(shared ? lock.read(wait) : lock.write(wait));
      if (!grant) continue;
      await useGuarded(stage, grant, shared);
      await release(grant);
      await stage.sleep(stage.dice.delay(300));
    }
    const last = await lock.write();
    await useGuarded(stage, last);
    await release(last);
  },
});

export const lockPlays: readonly Play[] = [
  lockPlay('lock', {}, ({ zk, path }, wait) => new Lock(zk, path).acquire(wait)),
  lockPlay('lock-herd', {}, ({ zk, path }, wait) => new Lock(zk, path, { herd: true }).acquire(wait)),
  lockPlay('exclusive-lock', {}, ({ zk, path }, wait) => new ExclusiveLock(zk, path).acquire(wait)),
  lockPlay('process-queue', {}, ({ zk, path, name }, wait) => new ProcessQueue(zk, path, name).turn(wait)),
  lockPlay('semaphore', { capacity: 2, ordered: false, directories: ['locks', 'leases'] }, ({ zk, path }, wait) =>
    new Semaphore(zk, path, 2).acquire(wait),
  ),
  readWritePlay('read-write-lock', false),
  readWritePlay('read-write-lock-herd', true),
  {
    name: 'multi-lock',
    actors: 3,
    judge: (options) => new GuardedJudge(options, { capacity: 1, ordered: true, directories: ['a', 'b'] }),
    act: async (stage) => {
      const { zk, path } = stage;
      const paths = stage.dice.chance(0.5) ? [`${path}/a`, `${path}/b`] : [`${path}/b`, `${path}/a`];
      for (let round = 0; round <= ROUNDS; round += 1) {
        const wait = round < ROUNDS ? someWait(stage) : {};
        const grant = await unlessGivenUp(new MultiLock(zk, paths).acquire(wait)).catch(lostMeanwhile);
        if (!grant) continue;
        // Of the last lock taken: the one in the order of which grants are given.
        const fencingToken = grant.fencingTokens.get(`${path}/b`) as bigint;
        await useGuarded(stage, { fencingToken, signal: grant.signal });
        // Also when one of them was lost, the other must not stay.
        await release(grant);
        await stage.sleep(stage.dice.delay(400));
      }
    },
  },
  {
    name: 'revocable-lock',
    actors: 3,
    judge: (options) => new GuardedJudge(options, { capacity: 1, ordered: true, directories: [''] }),
    act: async (stage) => {
      const lock = new RevocableLock(stage.zk, stage.path);
      for (let round = 0; round < ROUNDS; round += 1) {
        const asking = stage.dice.chance(0.5) ? lock.requestRevocation().catch(() => false) : Promise.resolve(false);
        const grant = await unlessGivenUp(lock.acquire(someWait(stage)));
        await asking;
        if (!grant) continue;
        await useGuarded(stage, grant);
        await release(grant);
        await stage.sleep(stage.dice.delay(400));
      }
      await release(await lock.acquire());
    },
  },
];

function lostMeanwhile(error: { code?: string }): null {
  if (error.code === 'RECIPE_GRANT_LOST') return null;
  throw error;
}
