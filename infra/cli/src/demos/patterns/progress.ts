/** A tree of files is checksummed by three workers; one is killed in the middle, and the console pauses all of them. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TestPatterns, type TestService } from '@menagerie/platform-testing';
import type { DemoOfItsOwn, DemoStage } from '../demo.js';
import { until } from '../until.js';

const WAIT_MS = 120_000;
const FILES = 240;
const SHARES = 6;
const TASK = 'tree';
const PACE_MS = 60;
/** Of the one that is killed: it is still in the middle when somebody looks, however busy the machine is. */
const VICTIM_PACE_MS = 500;
/** Files that it has summed, so that some of them are in its checkpoint. */
const SAVED_AT_LEAST = 7;
/** Files that a worker may have summed since its checkpoint, when it is paused. */
const AGAIN_AT_MOST = 5;

interface Progress {
  readonly worker: string;
  readonly done: number;
  readonly of: number;
}

export const progress: DemoOfItsOwn = {
  name: 'progress',
  title: 'three workers checksum a tree of files; one is killed in the middle, all are paused from the console',
  promises: [
    'the progress of a killed worker vanishes with its session, what it worked out does not',
    'an order from the console stops all of them, another lets them go on',
    'in the end every file has its right checksum',
  ],
  standsAlone: true,
  run: async (stage) => {
    await using patterns = await TestPatterns.start({ sessionTimeoutMs: 4_000 });
    await play(stage, patterns);
  },
};

async function play({ mark, verify, signal }: DemoStage, patterns: TestPatterns): Promise<void> {
  const wait = { timeoutMs: WAIT_MS, signal, everyMs: 30 };
  const folder = join(patterns.folder, 'tree');
  const expected = writeTree(folder);
  const workers = (await Promise.all(
    ['worker1', 'worker2', 'worker3'].map((id) =>
      patterns.service('checksum', id, { CHECKSUM_PACE_MS: String(id === 'worker1' ? VICTIM_PACE_MS : PACE_MS) }),
    ),
  )) as [TestService, TestService, TestService];
  const [first, second, third] = workers;
  const order = async (paused: boolean): Promise<number> =>
    (await third.put('/order', { id: TASK, folder, shares: SHARES, paused })).version as number;
  /** Each has read this order, and none works. */
  const allPaused = async (version: number) => {
    const obeys = async (one: TestService): Promise<boolean> => {
      const seen = (await one.get('/worker')) as { order: number; busy: boolean };
      return seen.order >= version && !seen.busy;
    };
    await until('all to stop', wait, async () =>
      (await Promise.all([second, third].map(obeys))).every(Boolean) ? true : undefined,
    );
    return await summed([second, third]);
  };
  const seen = async () => (await third.get(`/tasks/${TASK}/progress`)) as Progress[];
  const result = async () =>
    (await third.get(`/tasks/${TASK}?shares=${SHARES}`)) as { done: boolean; sums: Record<string, string> };

  await order(false);
  const busy = await until('all to be under way', wait, async () => {
    const all = await seen();
    const isInTheMiddle = all.some(({ worker, done }) => worker === 'worker1' && done >= SAVED_AT_LEAST);
    return all.length === 3 && isInTheMiddle ? all : undefined;
  });
  mark(busy.map(({ worker, done, of }) => `${worker} ${done} of ${of}`).join(', '));
  await first.process.end('SIGKILL');
  const killedMs = performance.now();
  const saved = Object.keys((await result()).sums).length;
  const summedThen = await summed([second, third]);
  await until('its progress to vanish', wait, async () =>
    (await seen()).some(({ worker }) => worker === 'worker1') ? undefined : true,
  );
  mark(`kill -9 of worker1: its progress is gone after ${((performance.now() - killedMs) / 1_000).toFixed(1)} s`);
  const summedBefore = await allPaused(await order(true));
  const before = Object.keys((await result()).sums).length;
  // A second order to rest: whoever had worked on between the two would show by his count.
  const summedAfter = await allPaused(await order(true));
  mark(`paused from the console: ${before} of ${FILES} in the checkpoints`);
  await order(false);
  const { sums } = await until('the end', wait, async () => {
    const now = await result();
    return now.done ? now : undefined;
  });
  mark('the end');
  const total = await summed([second, third]);
  const wrong = Object.keys(expected).filter((file) => sums[file] !== expected[file]);
  verify(
    'every file has its right checksum',
    wrong.length === 0 && Object.keys(sums).length === FILES,
    `${Object.keys(sums).length} of ${FILES} files, ${wrong.length} wrong`,
  );
  verify(
    'nobody worked while the console had paused them',
    summedBefore === summedAfter,
    `${summedBefore} files summed at the first order to rest, ${summedAfter} at the second`,
  );
  const since = total - summedThen;
  verify(
    'what was saved was not done again',
    since <= FILES - saved + 2 * AGAIN_AT_MOST,
    `${saved} of ${FILES} were saved when worker1 was killed; the two others summed ${since} since`,
  );
}

async function summed(workers: readonly TestService[]): Promise<number> {
  const all = await Promise.all(
    workers.map(async (each) => ((await each.get('/worker')) as { summed: number }).summed),
  );
  return all.reduce((sum, each) => sum + each, 0);
}

/** @returns the SHA-256 of each file, by its path below the folder */
function writeTree(folder: string): Readonly<Record<string, string>> {
  const sums: Record<string, string> = {};
  for (let n = 0; n < FILES; n += 1) {
    const file = join(`dir${n % 8}`, `file${n}`);
    mkdirSync(join(folder, `dir${n % 8}`), { recursive: true });
    const content = `file ${n}\n`.repeat(1 + (n % 50));
    writeFileSync(join(folder, file), content);
    sums[file] = createHash('sha256').update(content).digest('hex');
  }
  return sums;
}
