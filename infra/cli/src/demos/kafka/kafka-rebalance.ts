/** Members of a group join, leave and are killed: who owned which partition when, and never two in one generation. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { findGroup, KAFKA_BROKER } from '@menagerie/topology';
import type { Consumer } from 'kafkajs';

import type { Demo, DemoContext } from '../demo.js';
import { until } from '../until.js';
import { createTopic, deleteTopic, freshTopic, kafkaClient } from './cluster.js';
import { followOwnership, joinGroup, type Owned } from './ownership.js';

const PARTITIONS = 6;
const SETTLE_MS = 60_000;
/** A member that says nothing for so long is out. */
const SESSION_MS = 6_000;

export const kafkaRebalance: Demo = {
  name: 'kafka-rebalance',
  title: 'members of a Kafka consumer group join, leave and are killed',
  promises: [
    'after each change every partition has an owner again',
    'no partition has two owners in one generation',
    'who leaves is missed at once, who is killed after its session',
  ],
  breaksEnsemble: false,
  run,
};

interface Ownership extends Owned {
  readonly member: string;
}

async function run(context: DemoContext): Promise<void> {
  const { mark, plan, signal, verify } = context;
  const client = kafkaClient(plan);
  const topic = freshTopic('rebalance');
  await createTopic(context, client, topic, PARTITIONS);
  const history: Ownership[] = [];
  const members = new Map<string, Consumer>();
  let victim: ChildProcess | undefined;
  /** Waits for a generation, later than the one given, in which exactly these members own everything. */
  const settled = async (names: readonly string[], after: number): Promise<number> =>
    until(`all partitions owned by ${names.join(', ')}`, { timeoutMs: SETTLE_MS, signal }, async () => {
      const generation = Math.max(0, ...history.map((each) => each.generation));
      const now = history.filter((each) => each.generation === generation);
      const owned = new Set(now.flatMap(({ partitions }) => partitions));
      const present = [...new Set(now.map(({ member }) => member))].sort().join();
      const whole = owned.size === PARTITIONS && present === [...names].sort().join();
      return generation > after && whole ? generation : undefined;
    });
  let generation = 0;
  /** Makes a change, waits until the group has settled, and tells how long that took. */
  const change = async (what: string, names: readonly string[], act: () => Promise<void> | void): Promise<number> => {
    const began = performance.now();
    await act();
    generation = await settled(names, generation);
    const tookMs = Math.round(performance.now() - began);
    const owners = history
      .filter((each) => each.generation === generation)
      .map(({ member, partitions }) => `${member} ${partitions.join(',') || 'nothing'}`)
      .sort();
    mark(`${what}: generation ${generation} after ${tookMs} ms (${owners.join('; ')})`);
    return tookMs;
  };
  let leftMs = 0;
  let killedMs = 0;
  try {
    for (const name of ['a', 'b']) {
      await change(`${name} joined`, [...members.keys(), name], async () => {
        const consumer = joinGroup(client, topic, SESSION_MS);
        followOwnership(consumer, (owned) => history.push({ member: name, ...owned }));
        members.set(name, consumer);
        await consumer.connect();
        await consumer.subscribe({ topic, fromBeginning: true });
        await consumer.run({ eachMessage: async () => undefined });
      });
    }
    await change('c joined, a process of its own', ['a', 'b', 'c'], () => {
      victim = startMember(context, topic, (owned) => history.push({ member: 'c', ...owned }));
    });
    leftMs = await change('b left', ['a', 'c'], async () => {
      await members.get('b')!.disconnect();
      members.delete('b');
    });
    killedMs = await change('c was killed (SIGKILL)', ['a'], () => void victim?.kill('SIGKILL'));
  } finally {
    victim?.kill('SIGKILL');
    await Promise.all([...members.values()].map((member) => member.disconnect()));
  }
  await deleteTopic(client, topic);

  const owners = new Map<string, Set<string>>();
  for (const { member, generation: of, partitions } of history) {
    for (const partition of partitions) {
      const key = `${of}/${partition}`;
      owners.set(key, (owners.get(key) ?? new Set()).add(member));
    }
  }
  const doubles = [...owners.values()].filter(({ size }) => size > 1).length;
  const generations = new Set(history.map((each) => each.generation)).size;
  verify('every partition had an owner after each change', generations >= 5, `${generations} generations settled`);
  const evidence = `${owners.size} ownerships in ${generations} generations, ${doubles} of them double`;
  verify('no partition had two owners in one generation', doubles === 0 && owners.size > 0, evidence);
  verify(
    'who left was missed sooner than who was killed',
    leftMs < killedMs,
    `left: ${leftMs} ms; killed: ${killedMs} ms, most of it its session of ${SESSION_MS} ms`,
  );
}

function startMember({ plan, signal }: DemoContext, topic: string, onOwned: (owned: Owned) => void): ChildProcess {
  const brokers = findGroup(plan, KAFKA_BROKER).processes.map(({ host, ports }) => `${host}:${ports['client']}`);
  const program = fileURLToPath(new URL('./member.js', import.meta.url));
  const child = spawn(process.execPath, [program, brokers.join(), topic, topic, String(SESSION_MS)], {
    stdio: ['ignore', 'pipe', 'ignore'],
    signal,
    killSignal: 'SIGKILL',
  });
  // Killed by us, or by the signal: both are the plan.
  child.on('error', () => undefined);
  createInterface({ input: child.stdout! }).on('line', (line) => onOwned(JSON.parse(line) as Owned));
  return child;
}
