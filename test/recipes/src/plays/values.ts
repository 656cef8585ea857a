/** Numbers and names: nothing lost, nothing twice. */
import { isMaybeDone, isSessionLost, isZooKeeperError } from '@menagerie/zookeeper-client';
import {
  AtomicCounter,
  ConfigStore,
  IdBlocks,
  OncePerTick,
  SequentialNames,
  SharedCounter,
  isRecipeError,
} from '@menagerie/zookeeper-recipes';
import { Broken, type Judge, type Play, type Stage } from './play.js';

const passes = (error: unknown) => isZooKeeperError(error) && error.retryable;

/** What was confirmed is in the sum; of what nobody knows, it may be. */
function sumJudge(read: (path: string, zk: Parameters<Judge['conclude']>[0]) => Promise<bigint>): Judge {
  let confirmed = 0;
  let unknown = 0;
  return {
    hear: (_actor, what) => {
      if (what === 'added') confirmed += 1;
      else unknown += 1;
      return true;
    },
    conclude: async (zk, path) => {
      await zk.sync(path);
      const sum = Number(await read(path, zk));
      if (sum >= confirmed && sum <= confirmed + unknown) return;
      throw new Broken('no lost change', `${confirmed} confirmed, ${unknown} unknown, the sum is ${sum}`);
    },
  };
}

/** @param add resolves when it is certain, and throws what says whether it may have happened. */
async function addAll(stage: Stage, add: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 8; i += 1) {
    await stage.sleep(stage.dice.delay(250));
    try {
      if (await add()) await stage.tell('added');
    } catch (error) {
      if (isMaybeDone(error)) await stage.tell('unknown');
      else if (!isSessionLost(error) && !passes(error)) throw error;
    }
  }
}

function uniqueJudge(rule: string): Judge {
  const owner = new Map<string, string>();
  return {
    hear: (actor, _what, { id }) => {
      const before = owner.get(String(id));
      if (before) throw new Broken(rule, `${id} was given to ${before} and to ${actor}`);
      owner.set(String(id), actor);
      return true;
    },
    conclude: async () => {
      if (owner.size === 0) throw new Broken('liveness', 'nothing was given out');
    },
  };
}

/** @param keepsAll whether every record is kept: where old ones are removed, a slow winner may come too late. */
function tickPlay(name: string, keep: number, keepsAll: boolean): Play {
  return {
    name,
    actors: 3,
    judge: () => {
      const ran = new Map<string, string>();
      const undecided = new Set<string>();
      const ticks = new Set<string>();
      return {
        hear: (actor, what, details) => {
          const tick = String(details.tick);
          ticks.add(tick);
          if (what === 'undecided') undecided.add(tick);
          if (what !== 'ran') return true;
          const before = ran.get(tick);
          if (before) throw new Broken('once a tick', `${tick} ran in ${before} and in ${actor}`);
          ran.set(tick, actor);
          return true;
        },
        conclude: async () => {
          const missed = [...ticks].filter((tick) => !ran.has(tick) && !undecided.has(tick));
          if (keepsAll && missed.length > 0) throw new Broken('each tick runs', `nobody ran ${missed.join(', ')}`);
          if (ran.size === 0) throw new Broken('liveness', 'no tick ran at all');
        },
      };
    },
    act: async (stage) => {
      const ticks = new OncePerTick(stage.zk, stage.path, { keep, identity: stage.name });
      for (let tick = 1; tick <= 12; tick += 1) {
        await stage.sleep(stage.dice.delay(250));
        const fireTime = new Date(Date.UTC(2026, 0, 1, 0, tick));
        const wait = stage.dice.chance(0.2) ? { timeoutMs: 1 + stage.dice.integer(0, 200) } : {};
        try {
          await ticks.run(fireTime, () => stage.tell('ran', { tick }).then(() => undefined), wait);
          await stage.tell('decided', { tick });
        } catch (error) {
          if (!isRecipeError(error, 'RECIPE_TIMEOUT')) throw error;
          await stage.tell('undecided', { tick });
        }
      }
    },
  };
}

export const valuePlays: readonly Play[] = [
  {
    name: 'atomic-counter',
    actors: 3,
    judge: () => sumJudge(async (path, zk) => (await new AtomicCounter(zk, `${path}/sum`).get()).value),
    act: async (stage) => {
      const counter = new AtomicCounter(stage.zk, `${stage.path}/sum`);
      await addAll(stage, () => counter.add(1n).then(() => true));
    },
  },
  {
    name: 'shared-counter',
    actors: 3,
    judge: () => sumJudge(async (path, zk) => BigInt((await new SharedCounter(zk, `${path}/shared`).get()).value)),
    act: async (stage) => {
      const counter = new SharedCounter(stage.zk, `${stage.path}/shared`);
      await addAll(stage, async () => {
        const seen = await counter.get();
        return (await counter.trySet(seen, seen.value + 1)) !== null;
      });
    },
  },
  {
    name: 'id-blocks',
    actors: 3,
    judge: () => uniqueJudge('an id is given once'),
    act: async (stage) => {
      for (let life = 0; life < 3; life += 1) {
        const ids = new IdBlocks(stage.zk, `${stage.path}/ids`, { blockSize: 4 });
        for (let i = 0; i < 6; i += 1) {
          await stage.tell('id', { id: String(await ids.take()) });
          await stage.sleep(stage.dice.delay(100));
        }
      }
    },
  },
  {
    name: 'sequential-names',
    actors: 3,
    judge: () => uniqueJudge('a name is given once'),
    act: async (stage) => {
      const names = new SequentialNames(stage.zk, stage.path);
      for (let i = 0; i < 10; i += 1) {
        await stage.tell('id', { id: await names.take('job') });
        if (i === 5) await names.trim('job', 2).catch((error: unknown) => void (passes(error) || isSessionLost(error)));
        await stage.sleep(stage.dice.delay(250));
      }
    },
  },
  tickPlay('once-per-tick', 50, true),
  tickPlay('once-per-tick-few', 2, false),
  {
    name: 'config-store',
    actors: 3,
    judge: () => {
      const seen = new Map<string, number>();
      let published = 0;
      return {
        hear: (actor, what, details) => {
          const value = Number(details.value);
          if (what === 'published') published = Math.max(published, value);
          if (what !== 'seen') return true;
          if (value < (seen.get(actor) ?? 0))
            throw new Broken('forwards', `${actor} saw ${value} after ${seen.get(actor)}`);
          seen.set(actor, value);
          return true;
        },
        conclude: async () => {
          const behind = [...seen].filter(([, value]) => value < published);
          if (behind.length > 0)
            throw new Broken('the latest arrives', `${published} published, seen ${String(behind)}`);
        },
      };
    },
    act: async (stage) => {
      const store = new ConfigStore(stage.zk, stage.path);
      if (stage.index === 0) {
        for (let value = 1; value <= 10; value += 1) {
          await stage.sleep(stage.dice.delay(250));
          for (;;) {
            try {
              await store.publish('limit', String(value));
              break;
            } catch (error) {
              if (!isSessionLost(error) && !passes(error)) throw error;
            }
          }
          await stage.tell('published', { value });
        }
        return;
      }
      for await (const { value } of store.follow<number>('limit', { parse: (data) => Number(data.toString()) })) {
        await stage.tell('seen', { value });
        if (value === 10) return;
      }
    },
  },
];
