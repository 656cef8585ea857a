/** How many are woken for one to get in: the naive lock against the improved one, each contender with a session of its own. */
import { Lock, type Grant } from '@menagerie/zookeeper-recipes';
import { startTestEnsemble } from '@menagerie/zookeeper-testing';
import { ZooKeeper, type ZooKeeperClient } from '@menagerie/zookeeper-client';

import { CliError } from '../../errors.js';
import type { DemoOfItsOwn, DemoStage } from '../demo.js';

const SIZES = [10, 100, 1_000];
/** Long, so that a crowd of a thousand in one process does not lose its sessions to its own work. */
const SESSION_TIMEOUT_MS = 40_000;
const CONNECT_AT_A_TIME = 50;
/** For one release among a thousand waiters to be noticed by all. */
const STEP_MS = 60_000;

interface Run {
  readonly notifications: number;
  readonly reads: number;
  readonly tookMs: number;
  /** Fencing tokens in the order of the grants. */
  readonly tokens: readonly bigint[];
}

export const herd: DemoOfItsOwn = {
  name: 'herd',
  title: 'a lock handed through 10, 100 and 1,000 waiters, naive and improved, every notification counted (minutes)',
  promises: [
    'the naive lock tells N(N-1)/2 waiters that they still have to wait, the improved one wakes N-1 of them, once each',
    'both hand the lock on in the order of asking, to one at a time',
  ],
  standsAlone: true,
  async run(stage) {
    await using ensemble = await startTestEnsemble({
      servers: 1,
      tickTimeMs: 2_000,
      // What is counted does not depend on the disk, and a thousand hand-overs need not wait for it.
      config: { maxClientCnxns: '0', forceSync: 'no' },
    });
    stage.mark('one server on a free port');
    const clients = await connectAll(ensemble.connectString, Math.max(...SIZES), stage.signal);
    stage.mark(`${clients.length} sessions`);
    try {
      for (const size of SIZES) await compare(stage, clients.slice(0, size));
    } finally {
      await Promise.all(clients.map((client) => client.close()));
    }
  },
};

async function compare(stage: DemoStage, clients: readonly ZooKeeperClient[]): Promise<void> {
  const n = clients.length;
  const naive = await handThrough(stage, clients, `/naive-${n}`, true);
  stage.mark(`${n} contenders, naive:    ${describe(naive)}`);
  const improved = await handThrough(stage, clients, `/improved-${n}`, false);
  stage.mark(`${n} contenders, improved: ${describe(improved)}`);
  const expected = (n * (n - 1)) / 2;
  stage.verify(
    `${n}: naive N(N-1)/2 = ${format(expected)} notifications, improved N-1 = ${format(n - 1)}`,
    naive.notifications === expected && improved.notifications === n - 1,
    `${format(naive.notifications)} against ${format(improved.notifications)}`,
  );
  const inOrder = [naive, improved].every(({ tokens }) => tokens.length === n && grows(tokens));
  stage.verify(`${n}: each was served once, in the order of asking`, inOrder, `${n} fencing tokens, each larger`);
}

/** All stand in line; then the lock goes through all of them, and the next one leaves only when all have looked again. */
async function handThrough(
  { signal }: DemoStage,
  clients: readonly ZooKeeperClient[],
  path: string,
  isHerd: boolean,
): Promise<Run> {
  const n = clients.length;
  let notifications = 0;
  let looks = 0;
  /** How many waiters saw so many names at their last look. */
  const looksOf = new Map<number, number>();
  const saw = (seen: number, change: 1 | -1) => looksOf.set(seen, (looksOf.get(seen) ?? 0) + change);
  const granted: Grant[] = [];
  const acquiring = clients.map(async (client) => {
    let last: number | null = null;
    const lock = new Lock(client, path, {
      herd: isHerd,
      onNotified: () => (notifications += 1),
      onWaiting: (seen) => {
        looks += 1;
        if (last !== null) saw(last, -1);
        saw((last = seen), 1);
      },
    });
    const grant = await lock.acquire();
    if (last !== null) saw(last, -1);
    granted.push(grant);
  });
  // What fails is heard of at the end; until then the waiting below runs into its deadline.
  const all = Promise.all(acquiring);
  all.catch(() => undefined);
  await until('all stand in line', signal, () => {
    const waiting = [...looksOf.values()].reduce((sum, count) => sum + count, 0);
    return granted.length === 1 && waiting === n - 1 && (!isHerd || looksOf.get(n) === n - 1);
  });
  notifications = 0;
  looks = 0;
  const startedMs = performance.now();
  const tokens: bigint[] = [];
  for (let left = n - 1; left >= 0; left -= 1) {
    const grant = granted.at(-1) as Grant;
    tokens.push(grant.fencingToken);
    await grant.release();
    await until(`${left} still wait`, signal, () => {
      // The new holder, and everybody else having looked again.
      const isNext = granted.length === Math.min(n, n - left + 1);
      return isNext && (!isHerd || (looksOf.get(left) ?? 0) === Math.max(0, left - 1));
    });
  }
  await all;
  // Each hand-over costs the new holder a look too.
  return { notifications, reads: looks + n - 1, tookMs: performance.now() - startedMs, tokens };
}

async function until(what: string, signal: AbortSignal, isTrue: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + STEP_MS;
  while (!isTrue()) {
    signal.throwIfAborted();
    if (performance.now() > deadlineMs)
      throw new CliError('CLI_DEMO_TIMEOUT', `expected: ${what}, within ${STEP_MS} ms`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function connectAll(connect: string, count: number, signal: AbortSignal): Promise<ZooKeeperClient[]> {
  const clients: ZooKeeperClient[] = [];
  while (clients.length < count) {
    signal.throwIfAborted();
    const batch = Array.from({ length: Math.min(CONNECT_AT_A_TIME, count - clients.length) }, () =>
      ZooKeeper.connect({ connect, sessionTimeoutMs: SESSION_TIMEOUT_MS }),
    );
    clients.push(...(await Promise.all(batch)));
  }
  return clients;
}

const grows = (tokens: readonly bigint[]): boolean =>
  tokens.every((token, i) => i === 0 || token > (tokens[i - 1] as bigint));
const format = (count: number): string => count.toLocaleString('en');
const describe = ({ notifications, reads, tookMs }: Run): string =>
  `${format(notifications)} notifications, ${format(reads)} lists read, ${(tookMs / 1000).toFixed(2)} s`;
