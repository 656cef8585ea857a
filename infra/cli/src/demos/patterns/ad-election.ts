/** The audience of the day: the master is killed in the middle of it. Beside it, the same by a database's primary key. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MariaDb } from '@menagerie/platform-database';
import { TestPatterns, type TestService } from '@menagerie/platform-testing';
import type { DemoOfItsOwn, DemoStage } from '../demo.js';
import { until } from '../until.js';

const WAIT_MS = 90_000;
const DAY = '2026-11-28';
const VISITS = 30_000;
const PACE_MS = 100;
const SESSION_MS = 3_000;
/** Without somebody who tells, asking again and again is the only way: what this contrast is about. */
const POLL_MS = 50;

interface State {
  readonly role: string;
  readonly lines: number;
  readonly computedHere: boolean;
  readonly sha256?: string;
  readonly by?: string;
}

export const adElection: DemoOfItsOwn = {
  name: 'ad-election',
  title: 'the master that computes the audience of the day is killed in the middle; and the same by a primary key',
  promises: [
    'another is elected, computes, and shares one result; all serve it, and it is right',
    'who comes late reads it and neither stands for election nor computes',
    'by a primary key of a database, nobody is told that the master is dead',
  ],
  standsAlone: true,
  run: async (stage) => {
    await using patterns = await TestPatterns.start({ sessionTimeoutMs: SESSION_MS });
    await byEnsemble(stage, patterns);
    await byPrimaryKey(stage, await patterns.database('election'));
  },
};

async function byEnsemble({ mark, verify, signal }: DemoStage, patterns: TestPatterns): Promise<void> {
  const wait = { timeoutMs: WAIT_MS, signal, everyMs: 20 };
  const visits = join(patterns.folder, 'visits.csv');
  const expected = writeVisits(visits);
  const server = (id: string) =>
    patterns.service('ad-server', id, {
      AD_DAY: DAY,
      AD_VISITS: visits,
      AD_SHARED_DIR: join(patterns.folder, 'shared'),
      AD_PACE_MS: String(PACE_MS),
    });
  const servers = await Promise.all(['ad1', 'ad2', 'ad3'].map(server));
  const stateOf = async (one: TestService) => (await one.get('/state')) as State;
  const master = await until('a master in the middle of it', wait, async () => {
    for (const one of servers) {
      const { role, lines } = await stateOf(one);
      if (role === 'computing' && lines >= 2_000) return one;
    }
    return undefined;
  });
  const computing = (await Promise.all(servers.map(stateOf))).filter(({ role }) => role === 'computing').length;
  await master.process.end('SIGKILL');
  const killedMs = performance.now();
  mark(`kill -9 of ${master.id}, which was elected and in the middle of it; ${computing} computed`);
  const others = servers.filter((one) => one !== master);
  const heir = await until('another master', wait, async () => {
    for (const one of others) if (['computing', 'serving'].includes((await stateOf(one)).role)) return one;
    return undefined;
  });
  mark(`${heir.id} is elected after ${((performance.now() - killedMs) / 1_000).toFixed(1)} s`);
  const states = await until('all to serve', wait, async () => {
    const all = await Promise.all(others.map(stateOf));
    return all.every(({ role }) => role === 'serving') ? all : undefined;
  });
  await master.process.start();
  const late = await until('the killed one to serve', wait, async () => {
    const state = await stateOf(master);
    return state.role === 'serving' ? state : undefined;
  });
  mark(`${master.id} is back and serves what ${late.by} has computed`);
  const right = createHash('sha256').update(JSON.stringify(expected)).digest('hex');
  const sums = new Set([...states, late].map(({ sha256 }) => sha256));
  const { users } = (await master.get('/audience/chess')) as { users: string[] };
  verify('one computed at a time', computing === 1, `${computing} of 3 computed when the master was killed`);
  verify(
    'one result, computed once, right, and served by all',
    sums.size === 1 && sums.has(right) && states.filter(({ computedHere }) => computedHere).length === 1,
    `${sums.size} result, computed by ${late.by}; SHA-256 as computed aside: ${sums.has(right)}`,
  );
  verify(
    'who came late did not compute',
    !late.computedHere && users.length === expected['chess']?.length,
    `${master.id} read ${late.lines} lines, and knows ${users.length} users of chess`,
  );
}

async function byPrimaryKey({ mark, verify, signal }: DemoStage, database: MariaDb): Promise<void> {
  const pool = database.pool(3);
  try {
    await pool.query('CREATE TABLE master (day DATE PRIMARY KEY, host VARCHAR(50), expires_at TIMESTAMP(3) NULL)');
    const stand = async (host: string, seconds: number | null) => {
      const expiry = seconds === null ? 'NULL' : `NOW(3) + INTERVAL ${seconds} SECOND`;
      const row = `INSERT INTO master (day, host, expires_at) VALUES (?, ?, ${expiry})`;
      return await pool.execute(row, [DAY, host]).then(
        () => true,
        (error: { code?: string }) => {
          if (error.code === 'ER_DUP_ENTRY') return false;
          throw error;
        },
      );
    };
    const elected = await Promise.all(['ad1', 'ad2', 'ad3'].map((host) => stand(host, null)));
    const winners = elected.filter(Boolean).length;
    mark(`by the primary key: ${winners} of 3 is elected; it dies, and nothing happens`);
    // It is dead now. Nothing in the database knows, nobody is told, and nobody can take its place.
    const heirs = await Promise.all(['ad1', 'ad2', 'ad3'].map((host) => stand(host, null)));
    const [rows] = await pool.execute('SELECT host FROM master WHERE day = ?', [DAY]);
    const still = (rows as { host: string }[])[0]?.host;
    verify(
      'by a primary key one is elected, and its death is seen by nobody',
      winners === 1 && !heirs.some(Boolean) && still !== undefined,
      `${winners} elected; after its death the row still says ${still}, and 3 who try are refused`,
    );
    // The usual remedy: a lease, which must be polled, and whose clock is the database's.
    await pool.query('DELETE FROM master');
    await stand('ad1', 1);
    const beganMs = performance.now();
    let polls = 0;
    await until('the lease to be over', { timeoutMs: WAIT_MS, signal, everyMs: POLL_MS }, async () => {
      polls += 1;
      await pool.execute('DELETE FROM master WHERE day = ? AND expires_at < NOW(3)', [DAY]);
      return (await stand('ad2', 1)) ? true : undefined;
    });
    const tookMs = performance.now() - beganMs;
    mark(
      `with a lease of 1 s, polled every ${POLL_MS} ms: another is elected after ${(tookMs / 1_000).toFixed(1)} s, ${polls} polls`,
    );
    verify('a lease mends it at the price of polling', polls > 1, `${polls} polls by one host for one death`);
  } finally {
    await pool.end();
  }
}

/** Visits of a day, and its audience as another program would compute it. */
function writeVisits(file: string): Readonly<Record<string, readonly string[]>> {
  const topics = ['art', 'bread', 'chess', 'dance'];
  const lines: string[] = [];
  const counts = new Map<string, number>();
  let seed = 42;
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * below);
  };
  for (let visit = 0; visit < VISITS; visit += 1) {
    const line = `user${random(3_000)},${topics[random(topics.length)]}`;
    lines.push(line);
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  writeFileSync(file, `${lines.join('\n')}\n`);
  const interested = [...counts].filter(([, count]) => count >= 3).map(([line]) => line.split(','));
  return Object.fromEntries(
    topics.map((topic) => [
      topic,
      interested
        .filter((each) => each[1] === topic)
        .map(([user]) => user as string)
        .sort(),
    ]),
  );
}
