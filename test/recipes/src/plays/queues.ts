/** No item is lost, and none is done twice. */
import { isMaybeDone, isSessionLost, isZooKeeperError } from '@menagerie/zookeeper-client';
import { DelayQueue, PriorityQueue, WorkQueue, isRecipeError, type WaitOptions } from '@menagerie/zookeeper-recipes';
import type { WorkItem } from '@menagerie/zookeeper-recipes';
import { Broken, nobodyLeft, type Play, type Stage } from './play.js';

interface AnyQueue {
  put(name: string): Promise<void>;
  take(wait: WaitOptions): Promise<WorkItem>;
  /** How many wait; asked until there is an answer. */
  size(): Promise<number>;
}

async function sizeOf(queue: { size(): Promise<number> }): Promise<number> {
  for (;;) {
    try {
      return await queue.size();
    } catch (error) {
      if (!isZooKeeperError(error) || !error.retryable) throw error;
    }
  }
}

const ITEMS_EACH = 5;

function queuePlay(name: string, open: (stage: Stage) => AnyQueue): Play {
  return {
    name,
    actors: 3,
    judge: ({ until }) => {
      const put = new Set<string>();
      const done = new Map<string, string>();
      const doneNames = new Set<string>();
      let producing = 3;
      return {
        hear: (actor, what, details) => {
          const item = String(details.item);
          if (what === 'put') put.add(item);
          else if (what === 'produced') producing -= 1;
          else if (what === 'done') {
            const before = done.get(String(details.id));
            if (before) throw new Broken('done once', `${item} (${details.id}) by ${before} and by ${actor}`);
            done.set(String(details.id), actor);
            doneNames.add(item);
          } else if (what === 'perhaps done') doneNames.add(item);
          else if (what === 'all done?') return producing === 0 && [...put].every((each) => doneNames.has(each));
          return true;
        },
        conclude: async (zk, path) => {
          const lost = [...put].filter((item) => !doneNames.has(item));
          if (lost.length > 0)
            throw new Broken('no lost item', `${lost.join(', ')} of ${put.size} were put and never done`);
          // What was perhaps done and was not must have come again: nothing may be left.
          await nobodyLeft(zk, `${path}/items`, until);
          await nobodyLeft(zk, `${path}/claims`, until);
        },
      };
    },
    act: async (stage) => {
      const queue = open(stage);
      const produce = async () => {
        for (let i = 0; i < ITEMS_EACH; i += 1) {
          const item = `${stage.name}/${i}`;
          try {
            await queue.put(item);
            await stage.tell('put', { item });
          } catch (error) {
            // In or not in: nothing was promised.
            if (!isMaybeDone(error) && !isSessionLost(error)) throw error;
          }
          await stage.sleep(stage.dice.delay(300));
        }
        await stage.tell('produced');
      };
      const work = async () => {
        const item = await queue.take({ timeoutMs: 500 + stage.dice.integer(0, 500) });
        await stage.sleep(stage.dice.delay(30));
        if (stage.dice.chance(0.2)) return await item.giveBack();
        const name = item.data.toString();
        try {
          await item.done();
          await stage.tell('done', { item: name, id: String(item.id) });
        } catch (error) {
          await stage.tell('perhaps done', { item: name });
          throw error;
        }
      };
      const consume = async () => {
        while (!(await stage.tell('all done?')) || (await queue.size()) > 0) {
          try {
            await work();
          } catch (error) {
            if (!isRecipeError(error, 'RECIPE_TIMEOUT') && !isRecipeError(error, 'RECIPE_GRANT_LOST')) throw error;
          }
        }
      };
      // Two consumers of one process: they share what they have claimed.
      await Promise.all([produce(), consume(), consume()]);
    },
  };
}

export const queuePlays: readonly Play[] = [
  queuePlay('work-queue', ({ zk, path }) => {
    const queue = new WorkQueue(zk, path);
    return { put: (item) => queue.put(item), take: (wait) => queue.take(wait), size: () => sizeOf(queue) };
  }),
  queuePlay('priority-queue', ({ zk, path, dice }) => {
    const queue = new PriorityQueue(zk, path);
    return {
      put: (item) => queue.put(item, dice.integer(0, 3)),
      take: (wait) => queue.take(wait),
      size: () => sizeOf(queue),
    };
  }),
  queuePlay('delay-queue', ({ zk, path, dice }) => {
    const queue = new DelayQueue(zk, path);
    const put = (item: string) => queue.put(item, new Date(Date.now() + dice.integer(0, 400)));
    return { put, take: (wait) => queue.take(wait), size: () => sizeOf(queue) };
  }),
];
