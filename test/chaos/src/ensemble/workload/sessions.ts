/** Sessions that come and go with their ephemeral nodes, and watches over changes that others make. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Chance } from '../../random.js';
import type { RecordingClient } from '../client/recording-client.js';
import type { Workload, World } from './world.js';

const HOLDERS = 3;
const WATCHERS = 2;
/**
 * Longer than syncLimit and a tick together. A follower that is cut off answers its clients until it misses its leader,
 * for syncLimit; the leader meanwhile counts their sessions from when the follower last told of them. So with a shorter
 * one a client may be expired that was answered a moment ago: by the leader's clock it was silent. Apache's do the same.
 */
const HOLDER_TIMEOUT_MS = 4_000;
const WATCHER_TIMEOUT_MS = 8_000;
/** Expiry is rounded up to the next tick, and a new leader gives everybody a whole timeout again. */
const FORGOTTEN_AFTER_MS = 30_000;

/** Clients that hold a node, look after it, and leave: in order, or without a word. Their nodes must go with them. */
export function holders(world: World): Workload {
  const names = Array.from({ length: HOLDERS }, (_, at) => `holder-${at + 1}`);
  const all = new Map<string, RecordingClient>();
  const clientOf = (name: string): RecordingClient => {
    const client = all.get(name) ?? world.client(name, HOLDER_TIMEOUT_MS);
    all.set(name, client);
    return client;
  };
  const held = new Set<string>();

  async function turn(name: string, root: string, chance: Chance): Promise<void> {
    const client = clientOf(name);
    const path = `${root}/held/${world.value(name).replace('#', '-')}`;
    const made = await world.ask(client, { kind: 'create', path, value: path, ephemeral: true });
    if (made === null || made.kind === 'refused') return;
    held.add(path);
    for (let look = chance.below(12); look > 0; look--) {
      await delay(60 * chance.next());
      await world.ask(client, { kind: 'exists', path });
    }
    const dice = chance.next();
    if (dice < 0.5) await world.ask(client, { kind: 'delete', path });
    else if (dice < 0.7) client.hangUp();
    else {
      all.delete(name);
      if (dice < 0.85) client.abandon();
      else await client.close(2_000);
    }
  }

  return {
    close: () => [...all.values()].forEach((client) => client.abandon()),
    work: async (root, goesOn) => {
      held.clear();
      await Promise.all(
        names.map(async (name) => {
          const chance = world.chance();
          while (goesOn()) {
            await turn(name, root, chance);
            await delay(20 * chance.next());
          }
        }),
      );
      // Nobody holds anything over the end of a round: all sessions that hold something are left.
      for (const client of all.values()) client.abandon();
      all.clear();
      world.finally(async (client) => {
        const untilMs = performance.now() + FORGOTTEN_AFTER_MS;
        for (;;) {
          await world.answered(client, { kind: 'sync', path: `${root}/held` }, 10_000);
          const list = await world.answered(client, { kind: 'children', path: `${root}/held` }, 10_000);
          if (list?.kind !== 'done' || (list.children ?? []).length === 0) return;
          if (performance.now() > untilMs) {
            const left = (list.children ?? []).slice(0, 3).join(', ');
            return world.run.violation('a session that is left is expired', `still there: ${left}`);
          }
          await delay(200);
        }
      });
    },
  };
}

/** Clients that watch what two others change, make and delete. The history judges when they are told. */
export function watchers(world: World): Workload {
  const clients = Array.from({ length: WATCHERS }, (_, at) => world.client(`watcher-${at + 1}`, WATCHER_TIMEOUT_MS));
  const changer = world.client('changer', WATCHER_TIMEOUT_MS);
  const nodes = [1, 2, 3, 4, 5];
  return {
    close: () => [...clients, changer].forEach((client) => client.abandon()),
    work: async (root, goesOn) => {
      const path = (chance: Chance) => `${root}/watched-${chance.pick(nodes)}`;
      const watch = async (client: RecordingClient): Promise<void> => {
        const chance = world.chance();
        while (goesOn()) {
          const kind = chance.next() < 0.5 ? 'exists' : 'get';
          await world.ask(client, { kind, path: path(chance), watch: chance.next() < 0.7 });
          if (chance.next() < 0.01) client.hangUp();
          await delay(15 * chance.next());
        }
        // What is still watched is looked at once more: an event that was lost shows now.
        for (const node of nodes) {
          await world.answered(client, { kind: 'exists', path: `${root}/watched-${node}` }, 10_000);
        }
      };
      const change = async (): Promise<void> => {
        const chance = world.chance();
        while (goesOn()) {
          const dice = chance.next();
          const value = world.value('changer');
          if (dice < 0.3) await world.ask(changer, { kind: 'create', path: path(chance), value });
          else if (dice < 0.85) await world.ask(changer, { kind: 'set', path: path(chance), value });
          else await world.ask(changer, { kind: 'delete', path: path(chance) });
          await delay(25 * chance.next());
        }
      };
      await Promise.all([...clients.map(watch), change()]);
    },
  };
}
