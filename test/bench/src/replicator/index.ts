/** The replicator beside MariaDB's own replication, between the same two servers in one run. */
import { databaseMissing } from '@menagerie/platform-database';
import type { Bench } from '../harness/bench.js';
import { measureLatency } from './latency.js';
import { openPair, type Pair } from './pair.js';
import { measureTakeover, TAKEOVERS } from './takeover.js';
import { measureBulk, measureSingles } from './throughput.js';

const OURS = 'menagerie';
const MARIADB = 'mariadb';

export const replicatorBench: Bench = {
  subjects: [OURS, MARIADB],
  titles: { [MARIADB]: "MariaDB's own replication" },
  settings: { singles: 20_000, bulk: 200_000, rate: 1_000 },
  unavailable: databaseMissing,
  parts: {
    singles: {
      about: 'one-row transactions that are there already, applied: rows a second',
      async run(subject, record, context) {
        await using pair = await openPair(subject === OURS);
        const perSecond = await measureSingles(pair, context.setting('singles'));
        record.add({ name: 'one-row transactions applied', unit: 'rows/s', target: { ratioAtLeast: 0.5 } }, perSecond);
      },
    },
    bulk: {
      about: 'transactions of 10,000 rows that are there already: inserted, updated, deleted',
      async run(subject, record, context) {
        await using pair = await openPair(subject === OURS);
        for (const [kind, perSecond] of await measureBulk(pair, context.setting('bulk'))) {
          record.add({ name: `bulk ${kind} applied`, unit: 'rows/s', target: { ratioAtLeast: 0.5 } }, perSecond);
        }
      },
    },
    latency: {
      about: 'from commit to applied, as a reader at the target sees it, under a steady load',
      async run(subject, record, context) {
        await using pair: Pair = await openPair(subject === OURS);
        const rate = context.setting('rate');
        const { p50, p99, perSecond } = await measureLatency(pair, rate, context.measureMs);
        record.add({ name: `commit to applied at ${rate} rows/s, p50`, unit: 'ms' }, p50);
        record.add({ name: `commit to applied at ${rate} rows/s, p99`, unit: 'ms', target: { under: 50 } }, p99);
        record.add({ name: 'rate that was reached', unit: 'rows/s' }, perSecond);
      },
    },
    takeover: {
      about: 'until another core copies, by what happened to the RUNNING one (a session of 2 s)',
      maxRounds: 3,
      async run(subject, record) {
        if (subject !== OURS) return;
        for (const cause of TAKEOVERS)
          record.add({ name: `takeover: ${cause}`, unit: 'ms' }, await measureTakeover(cause));
      },
    },
  },
};
