/** A parallel count between two gates: a party is killed before the first, another one between the two. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TestPatterns, type TestService } from '@menagerie/platform-testing';
import { CliError } from '../../errors.js';
import type { DemoOfItsOwn, DemoStage } from '../demo.js';
import { until } from '../until.js';

const WAIT_MS = 90_000;
const PARTIES = 4;
const LINES = 40_000;
const PACE_MS = 150;
/** Of the one that is killed in the middle: it has not ended before somebody looks, however busy the machine is. */
const VICTIM_PACE_MS = 5_000;
/** Longer than a busy machine may keep a party from its pings. */
const SESSION_MS = 4_000;

interface Merged {
  readonly lines: number;
  readonly words: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly missing: readonly number[];
}

export const barrier: DemoOfItsOwn = {
  name: 'barrier',
  title: 'four parties count a file between the gates of a double barrier; one is killed before, one in the middle',
  promises: [
    'nobody begins before four are there, and one that was killed does not count',
    'nobody leaves before all have ended, or are dead',
    'what is merged is the count of the whole file; while a share is missing, the merge says which',
  ],
  standsAlone: true,
  run: async (stage) => {
    await using patterns = await TestPatterns.start({ sessionTimeoutMs: SESSION_MS });
    await play(stage, patterns);
  },
};

async function play({ mark, verify, signal }: DemoStage, patterns: TestPatterns): Promise<void> {
  const file = join(patterns.folder, 'words.txt');
  const expected = writeWords(file);
  const party = (id: string, share: number, more: Readonly<Record<string, string>> = {}) =>
    patterns.service('barrier-worker', id, {
      BARRIER_RUN: 'count',
      BARRIER_PARTIES: String(PARTIES),
      BARRIER_SHARE: String(share),
      BARRIER_FILE: file,
      BARRIER_PACE_MS: String(PACE_MS),
      ...more,
    });
  const wait = { timeoutMs: WAIT_MS, signal, everyMs: 20 };
  const present = async (count: number) =>
    await until(`${count} parties`, wait, async () => {
      const { children } = await patterns.zk.getChildren('/queue_barrier/count');
      return children.filter((name) => name !== 'ready').length === count ? true : undefined;
    });

  const three = await Promise.all(
    [0, 1, 2].map((share) =>
      party(`party${share + 1}`, share, share === 1 ? { BARRIER_PACE_MS: String(VICTIM_PACE_MS) } : {}),
    ),
  );
  await present(3);
  await (three[2] as TestService).process.end('SIGKILL');
  mark('three of four are there; the third is killed');
  await present(2);
  const fourth = await party('party4', 3);
  await present(3);
  const closed = await phases([...three.slice(0, 2), fourth]);
  mark(`the fourth comes: three are there, and ${closed.join(', ')}`);
  await (three[2] as TestService).process.start();
  const all = [...three, fourth];
  await until('all to compute', wait, async () => ((await phases(all)).every(isBegun) ? true : undefined));
  mark('the third is back: the gate opens');

  const victim = three[1] as TestService;
  await until('party2 in the middle', wait, async () => {
    const { phase, lines } = (await victim.get('/state')) as { phase: string; lines: number };
    return phase === 'computing' && lines >= 1_000 ? true : undefined;
  });
  await victim.process.end('SIGKILL');
  mark('kill -9 of party2 in the middle of its share');
  const others = all.filter((each) => each !== victim);
  await until('the others to leave', wait, async () => {
    const now = await phases(others);
    if (now.every((phase) => phase === 'done')) return true;
    throw new CliError('CLI_DEMO_WAIT', now.join(', '));
  });
  const partly = (await fourth.get('/result')) as Merged;
  mark(`the others have left; missing: share ${partly.missing.join(', ')}`);
  await party('party5', 1, { BARRIER_PARTIES: '1', BARRIER_SHARES: String(PARTIES), BARRIER_PACE_MS: '0' });
  const merged = await until('the whole', wait, async () => {
    const result = (await fourth.get('/result')) as Merged;
    return result.missing.length === 0 ? result : undefined;
  });
  mark('another has counted the missing share');

  verify(
    'nobody began before four were there',
    closed.every((phase) => phase === 'waiting'),
    `with three present, one killed: ${closed.join(', ')}`,
  );
  verify(
    'the merge said what was missing',
    partly.missing.join() === '1' && partly.lines < expected.lines,
    `share ${partly.missing.join(', ')} missing, ${partly.lines} of ${expected.lines} lines`,
  );
  const differs = Object.keys({ ...expected.counts, ...merged.counts }).filter(
    (word) => expected.counts[word] !== merged.counts[word],
  );
  verify(
    'what is merged is what one process counts',
    merged.lines === expected.lines && merged.words === expected.words && differs.length === 0,
    `${merged.lines} lines, ${merged.words} words, ${Object.keys(merged.counts).length} different ones, ` +
      `${differs.length} counted otherwise`,
  );
}

async function phases(parties: readonly TestService[]): Promise<readonly string[]> {
  return await Promise.all(parties.map(async (party) => ((await party.get('/state')) as { phase: string }).phase));
}

const isBegun = (phase: string): boolean => phase !== 'waiting' && phase !== 'failed';

/** A file to be counted, and its count as it was written. */
function writeWords(file: string): Omit<Merged, 'missing'> {
  const counts: Record<string, number> = {};
  const lines: string[] = [];
  let words = 0;
  for (let line = 0; line < LINES; line += 1) {
    const text = Array.from({ length: 5 }, (_, at) => `w${(line * 7 + at * 131) % 499}`);
    for (const word of text) counts[word] = (counts[word] ?? 0) + 1;
    words += text.length;
    lines.push(text.join(' '));
  }
  writeFileSync(file, `${lines.join('\n')}\n`);
  return { lines: LINES, words, counts };
}
