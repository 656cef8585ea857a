/** A queue of work: three workers, one is killed in the middle of an item; a bad item; one item too many. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TestPatterns, type TestService } from '@menagerie/platform-testing';
import type { DemoOfItsOwn, DemoStage } from '../demo.js';
import { until } from '../until.js';

const WAIT_MS = 90_000;
const ITEMS = 200;
const LIMIT = 150;
const WORK_MS = 15;
const WORKERS = ['worker1', 'worker2', 'worker3'];

interface Line {
  readonly event: 'taken' | 'done' | 'set-aside';
  readonly id: string;
  readonly token: string;
  readonly delivery: number;
  readonly text: string;
  readonly result?: string;
}

export const fifoQueue: DemoOfItsOwn = {
  name: 'fifo-queue',
  title: 'three workers on one queue: one is killed in the middle of an item, one item is poison, one is too many',
  promises: [
    'every item is worked on, first in first out; the one of the killed worker again',
    'an item that fails three times is set aside and stops nobody',
    'an item beyond the limit is refused in one line',
  ],
  standsAlone: true,
  run: async (stage) => {
    await using patterns = await TestPatterns.start();
    await play(stage, patterns);
  },
};

async function play({ mark, verify, signal }: DemoStage, patterns: TestPatterns): Promise<void> {
  const environment = { QUEUE_LIMIT: String(LIMIT), QUEUE_WORK_MS: String(WORK_MS) };
  const clerk = await patterns.service('work-queue', 'clerk', { ...environment, QUEUE_CONSUMES: 'false' });
  const put = async (text: string) => await clerk.ask('POST', '/queue/items', { text });
  const wait = { timeoutMs: WAIT_MS, signal, everyMs: 20 };
  for (let n = 1; n <= LIMIT; n += 1) await put(n === 20 ? `poison ${n}` : `item ${n}`);
  const full = await put('one too many');
  mark(`${LIMIT} items wait; one more: ${full.status} ${full.body.message}`);

  const workers = await Promise.all(WORKERS.map((id) => patterns.service('work-queue', id, environment)));
  for (let n = LIMIT + 1; n <= ITEMS; n += 1) {
    await until('room for one more', wait, async () => ((await put(`item ${n}`)).status === 201 ? true : undefined));
  }
  const [victim] = workers as [TestService];
  const ledger = () => WORKERS.flatMap((id) => linesIn(join(patterns.folder, id, 'ledger.jsonl')));
  // In the middle of an item: it is taken and not done.
  await until('worker1 in the middle of an item', { ...wait, everyMs: 2 }, async () => {
    const own = linesIn(join(patterns.folder, victim.id, 'ledger.jsonl'));
    return own.at(-1)?.event === 'taken' ? true : undefined;
  });
  await victim.process.end('SIGKILL');
  const last = linesIn(join(patterns.folder, victim.id, 'ledger.jsonl')).at(-1) as Line;
  mark(`kill -9 of worker1, at "${last.text}" (${last.event})`);
  await until('an empty queue', wait, async () => {
    const { size } = (await clerk.get('/queue')) as { size: number };
    return size === 0 ? true : undefined;
  });
  mark('the queue is empty');

  const lines = ledger();
  const done = lines.filter(({ event }) => event === 'done');
  const texts = new Set(done.map(({ text }) => text));
  const wanted = Array.from({ length: ITEMS }, (_, at) => `item ${at + 1}`).filter((text) => text !== 'item 20');
  const missing = wanted.filter((text) => !texts.has(text));
  const wrong = done.filter(({ text, result }) => result !== createHash('sha256').update(text).digest('hex'));
  const again = lines.filter(({ event, delivery, text }) => event === 'taken' && delivery > 1 && !isPoison(text));
  verify(
    'every item was worked on, and rightly',
    missing.length === 0 && wrong.length === 0,
    `${wanted.length} items, ${done.length} times done; ${missing.length} missing, ${wrong.length} wrong`,
  );
  const wasDone = done.some(({ id }) => id === last.id);
  verify(
    'the item of the killed worker was not lost',
    wasDone,
    `"${last.text}": done; taken again: ${again.map(({ text }) => `"${text}"`).join(', ') || 'none'}`,
  );
  const firsts = lines.filter(({ event, delivery }) => event === 'taken' && delivery === 1);
  firsts.sort((a, b) => (BigInt(a.token) < BigInt(b.token) ? -1 : 1));
  const late = firsts.filter(({ id }, at) => at > 0 && BigInt(id) < BigInt((firsts[at - 1] as Line).id));
  verify('first in, first out', late.length === 0, `${firsts.length} first deliveries, ${late.length} out of order`);
  const aside = lines.filter(({ event }) => event === 'set-aside');
  verify(
    'the bad item was set aside after three tries',
    aside.length === 1 && isPoison(aside[0]?.text ?? '') && aside[0]?.delivery === 4,
    `${aside.map(({ text, delivery }) => `"${text}" at delivery ${delivery}`).join(', ')}`,
  );
  verify(
    'one item too many is refused',
    full.status === 429 && full.body.code === 'QUEUE_FULL',
    `${full.body.code}: ${full.body.message}`,
  );
}

const isPoison = (text: string): boolean => text.startsWith('poison');

/** Whole lines only: the last may be half written. */
function linesIn(file: string): readonly Line[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
}
