/** One topic, two groups: members that agree through ZooKeeper, as before 0.9, and members that a coordinator directs. */
import type { Demo, DemoContext } from '../demo.js';
import { until } from '../until.js';
import { createTopic, deleteTopic, freshTopic, kafkaClient } from './cluster.js';
import { CoordinatorEra, type Counts, type Era, ZookeeperEra } from './era.js';
import { doubles, settledAt } from './era-facts.js';

const PARTITIONS = 12;
const FIRST = ['a', 'b', 'c', 'd', 'e'];
const SETTLE_MS = 90_000;

export const kafkaTwoEras: Demo = {
  name: 'kafka-two-eras',
  title: 'the same changes in a consumer group of before 0.9 (ZooKeeper) and of today (coordinator), compared',
  promises: [
    'both eras end with one owner for every partition after each change, and never had two at once',
    'through ZooKeeper every change is told to every member, and each decides for itself; a coordinator has one decide for all',
    'the members of today make no call to ZooKeeper',
  ],
  breaksEnsemble: false,
  run,
};

interface Step {
  readonly what: string;
  readonly joining: readonly string[];
  readonly leaving: readonly string[];
}

const STEPS: readonly Step[] = [
  { what: 'one joins', joining: ['f'], leaving: [] },
  { what: 'two join at once', joining: ['g', 'h'], leaving: [] },
  { what: 'one leaves', joining: [], leaving: ['b'] },
  { what: 'one joins, one leaves', joining: ['i'], leaving: ['c'] },
];

interface Row extends Counts {
  readonly era: string;
  readonly what: string;
  readonly members: number;
  readonly tookMs: number;
  /** From the first member that reads by the last decision to the last one: until then members act on different ones. */
  readonly windowMs: number;
}

async function run(context: DemoContext): Promise<void> {
  const { mark, plan, signal, verify, zk } = context;
  const client = kafkaClient(plan);
  const topic = freshTopic('eras');
  await createTopic(context, client, topic, PARTITIONS);
  const eras: readonly Era[] = [
    new ZookeeperEra(plan.zkConnect, `${topic}-old`, topic),
    new CoordinatorEra(client, `${topic}-new`, topic),
  ];
  const settled = (era: Era) =>
    until(
      `${era.name}: all partitions owned by ${era.members.join(', ')}`,
      { timeoutMs: SETTLE_MS, signal },
      async () => settledAt(era.readings, era.members, PARTITIONS),
    );
  const rows: Row[] = [];
  let owners: readonly string[] = [];
  try {
    for (const era of eras) {
      for (const name of FIRST) await era.join(name);
      await settled(era);
      for (const { what, joining, leaving } of STEPS) {
        const before = era.counts();
        const began = performance.now();
        const gone = era.readings.length;
        await Promise.all([...joining.map((name) => era.join(name)), ...leaving.map((name) => era.leave(name))]);
        const { firstMs, lastMs } = await until(
          `${era.name}: ${what}`,
          { timeoutMs: SETTLE_MS, signal, everyMs: 20 },
          async () => (era.readings.length > gone ? settledAt(era.readings, era.members, PARTITIONS) : undefined),
        );
        const after = era.counts();
        rows.push({
          era: era.name,
          what,
          members: era.members.length,
          tookMs: Math.round(lastMs - began),
          windowMs: Math.round(lastMs - firstMs),
          notifications: after.notifications - before.notifications,
          decisions: after.decisions - before.decisions,
          conflicts: after.conflicts - before.conflicts,
          zookeeperCalls: after.zookeeperCalls - before.zookeeperCalls,
        });
      }
      if (era.name === 'ZooKeeper') owners = (await zk.getChildren(`/consumers/${topic}-old/owners/${topic}`)).children;
    }
  } finally {
    await Promise.all(eras.map((era) => era.close()));
  }
  for (const line of comparison(rows)) mark(line);
  await deleteTopic(client, topic);

  for (const era of eras) {
    const found = doubles(era.readings);
    const evidence = `${era.readings.length} beginnings and ends of reading, ${found.length} double ${found.join('; ')}`;
    verify(`${era.name}: no partition was read by two members at once`, found.length === 0, evidence.trimEnd());
  }
  verify('an owner node for each partition', owners.length === PARTITIONS, `${owners.length} of ${PARTITIONS}`);
  const old = rows.filter(({ era }) => era === 'ZooKeeper');
  const today = rows.filter(({ era }) => era !== 'ZooKeeper');
  // Those that were there before and after: newcomers read, they need not be told.
  const told = old.every(({ notifications, members, what }) => {
    const { joining } = STEPS.find((step) => step.what === what)!;
    return notifications >= members - joining.length;
  });
  const sum = (of: readonly Row[], pick: (row: Row) => number) => of.reduce((total, row) => total + pick(row), 0);
  verify(
    'through ZooKeeper every change was told to every member that was there',
    told,
    old.map(({ what, members, notifications }) => `${what}: ${notifications} to ${members}`).join('; '),
  );
  const [before, now] = [sum(old, (row) => row.decisions), sum(today, (row) => row.decisions)];
  verify(
    'a coordinator has one member decide for all; through ZooKeeper all decide',
    now < before && old.every((row) => row.decisions >= row.members),
    `${before} decisions in ${old.length} changes through ZooKeeper, ${now} through the coordinator`,
  );
}

function comparison(rows: readonly Row[]): readonly string[] {
  const head = ['change', 'era', 'members', 'ms', 'window ms', 'told', 'decisions', 'conflicts', 'zk calls'];
  const cells = rows
    .toSorted((a, b) => STEPS.findIndex((s) => s.what === a.what) - STEPS.findIndex((s) => s.what === b.what))
    .map((row) => [
      row.what,
      row.era,
      ...[row.members, row.tookMs, row.windowMs].map(String),
      ...[row.notifications, row.decisions, row.conflicts, row.zookeeperCalls].map(String),
    ]);
  const widths = head.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column]!.length)));
  return [head, ...cells].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}
