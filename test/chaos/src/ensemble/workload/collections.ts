/** A set, unique numbers, a counter, and a queue: each a few clients that do what applications do with one. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Chance } from '../../random.js';
import type { RecordingClient } from '../client/recording-client.js';
import type { Workload, World } from './world.js';

const SESSION_TIMEOUT_MS = 8_000;

/** What one client does again and again. */
type Turn = (client: RecordingClient, root: string, chance: Chance) => Promise<void>;

/** Clients that take turns until the round is over. */
function crowd(world: World, name: string, turns: readonly Turn[], paceMs: number): Workload {
  const clients = turns.map((turn, at) => ({ turn, client: world.client(`${name}-${at + 1}`, SESSION_TIMEOUT_MS) }));
  return {
    close: () => clients.forEach(({ client }) => client.abandon()),
    work: async (root, goesOn) => {
      await Promise.all(
        clients.map(async ({ turn, client }) => {
          const chance = world.chance();
          while (goesOn()) {
            await turn(client, root, chance);
            await delay(paceMs * 2 * chance.next());
          }
        }),
      );
    },
  };
}

/** Adds children with names of their own and lists all of them. */
export function set(world: World): Workload {
  const turn: Turn = async (client, root, chance) => {
    const path = `${root}/set/${world.value(client.name).replace('#', '-')}`;
    await world.ask(client, { kind: 'create', path, value: world.value(client.name) });
    if (chance.next() < 0.1) await world.ask(client, { kind: 'children', path: `${root}/set` });
  };
  return crowd(world, 'set', [turn, turn], 12);
}

/** Sequential nodes as a source of numbers. */
export function uniqueIds(world: World): Workload {
  const turn: Turn = async (client, root) => {
    await world.ask(client, {
      kind: 'create',
      path: `${root}/ids/id-`,
      value: world.value(client.name),
      sequential: true,
    });
  };
  return crowd(world, 'ids', [turn, turn], 15);
}

/** Reads a number and writes the next one, if nobody was quicker: no increment that was acknowledged may be lost. */
export function counter(world: World): Workload {
  const acknowledged = new Map<string, number>();
  const unknown = new Map<string, number>();
  const add = (to: Map<string, number>, path: string) => to.set(path, (to.get(path) ?? 0) + 1);
  const turn: Turn = async (client, root) => {
    const path = `${root}/counter`;
    const read = await world.ask(client, { kind: 'get', path });
    if (read?.kind !== 'done') return;
    const value = `${Number.parseInt(read.value ?? '0', 10) + 1} by ${world.value(client.name)}`;
    const wrote = await world.ask(client, { kind: 'set', path, version: read.stat!.version, value });
    if (wrote?.kind === 'done') add(acknowledged, path);
    else if (wrote?.kind === 'unknown') add(unknown, path);
  };
  const inner = crowd(world, 'counter', [turn, turn], 15);
  return {
    close: inner.close,
    work: async (root, goesOn) => {
      await inner.work(root, goesOn);
      const path = `${root}/counter`;
      const [least, most] = [acknowledged.get(path) ?? 0, (acknowledged.get(path) ?? 0) + (unknown.get(path) ?? 0)];
      acknowledged.clear();
      unknown.clear();
      world.finally(async (client) => {
        const read = await world.answered(client, { kind: 'get', path }, 10_000);
        if (read?.kind !== 'done') return;
        const count = Number.parseInt(read.value ?? '0', 10);
        if (count >= least && count <= most) return;
        world.run.violation('a counter counts', `${path} is ${count}, expected ${least} to ${most} increments`);
      });
    },
  };
}

/** Elements go in under numbers; two consumers take the first one each sees. Each goes to one of them. */
export function queue(world: World): Workload {
  const taken = new Set<string>();
  const produce: Turn = async (client, root) => {
    await world.ask(client, {
      kind: 'create',
      path: `${root}/queue/item-`,
      value: world.value(client.name),
      sequential: true,
    });
  };
  const consume: Turn = async (client, root, chance) => {
    const list = await world.ask(client, { kind: 'children', path: `${root}/queue` });
    if (list?.kind !== 'done') return;
    const first = [...(list.children ?? [])].sort()[0];
    if (first === undefined) return void (await delay(20 * chance.next()));
    const path = `${root}/queue/${first}`;
    const outcome = await world.ask(client, { kind: 'delete', path });
    if (outcome?.kind !== 'done') return;
    if (taken.has(path)) world.run.violation('an element is taken once', `${client.name} took ${path} again`);
    taken.add(path);
  };
  const inner = crowd(world, 'queue', [produce, consume, consume], 12);
  return {
    close: inner.close,
    work: async (root, goesOn) => {
      taken.clear();
      await inner.work(root, goesOn);
    },
  };
}

/** One connection with many requests in flight, whose answers must come in the order of the requests. */
export function pipelined(world: World): Workload {
  const turn: Turn = async (client, root, chance) => {
    await Promise.all(
      Array.from({ length: 24 }, () => {
        const path = `${root}/crowd/${chance.below(20)}`;
        const dice = chance.next();
        if (dice < 0.3) return world.ask(client, { kind: 'create', path, value: world.value(client.name) });
        if (dice < 0.45) return world.ask(client, { kind: 'delete', path });
        if (dice < 0.65) return world.ask(client, { kind: 'set', path, value: world.value(client.name) });
        if (dice < 0.8) return world.ask(client, { kind: 'exists', path });
        return world.ask(client, { kind: 'get', path });
      }),
    );
  };
  return crowd(world, 'crowd', [turn, turn], 60);
}
