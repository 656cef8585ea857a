/**
 * The end of a round: every server is asked for all there is. The history judges each answer, so that what was
 * acknowledged is there; and all servers must show the same.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { RecordingClient } from '../client/recording-client.js';
import type { World } from './world.js';

const ANSWER_MS = 30_000;
const LOOK_SESSION_MS = 10_000;
const MAX_TRIES = 5;

type Tree = ReadonlyMap<string, string>;

/** @returns how many nodes there are */
export async function lastLook(world: World, root: string): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const trees: Tree[] = [];
    for (const server of world.servers) {
      const client = world.client(`look at :${server.port}`, LOOK_SESSION_MS, [server]);
      const tree = await read(world, client, root);
      await client.close(2_000);
      if (tree === null) {
        world.run.violation('everything goes on when the faults are over', `no answer from :${server.port}`);
        return 0;
      }
      trees.push(tree);
    }
    const difference = firstDifference(trees);
    if (difference === null) return trees[0]!.size;
    // A write whose answer was lost may have come to pass between two looks.
    if (attempt === MAX_TRIES) {
      world.run.violation('all servers have the same tree', difference);
      return trees[0]!.size;
    }
    await delay(500);
  }
}

/** Takes away all that the round has made. */
export async function clear(world: World, client: RecordingClient, root: string): Promise<void> {
  const list = await world.answered(client, { kind: 'children', path: root }, ANSWER_MS);
  const children = list?.kind === 'done' ? (list.children ?? []) : [];
  const BATCH = 200;
  for (let at = 0; at < children.length; at += BATCH) {
    await Promise.all(children.slice(at, at + BATCH).map((name) => clear(world, client, `${root}/${name}`)));
  }
  await world.answered(client, { kind: 'delete', path: root }, ANSWER_MS);
}

async function read(world: World, client: RecordingClient, root: string): Promise<Tree | null> {
  const tree = new Map<string, string>();
  if ((await world.answered(client, { kind: 'sync', path: root }, ANSWER_MS)) === null) return null;
  let level = [root];
  while (level.length > 0) {
    const below: string[] = [];
    const answers = await Promise.all(
      level.map(async (path) => ({
        path,
        data: await world.answered(client, { kind: 'get', path }, ANSWER_MS),
        list: await world.answered(client, { kind: 'children', path }, ANSWER_MS),
      })),
    );
    for (const { path, data, list } of answers) {
      if (data === null || list === null) return null;
      if (data.kind !== 'done' || list.kind !== 'done') continue;
      const { czxid, mzxid, version, ephemeralOwner } = data.stat!;
      tree.set(path, [data.value, czxid, mzxid, version, ephemeralOwner].join(' '));
      below.push(...(list.children ?? []).map((name) => `${path}/${name}`));
    }
    level = below;
  }
  return tree;
}

function firstDifference(trees: readonly Tree[]): string | null {
  const [first, ...others] = trees;
  for (const [index, other] of others.entries()) {
    for (const path of new Set([...first!.keys(), ...other.keys()])) {
      const [one, two] = [first!.get(path) ?? 'nothing', other.get(path) ?? 'nothing'];
      if (one !== two) return `${path} is ${one} on the first server and ${two} on server ${index + 2}`;
    }
  }
  return null;
}
