/** The basic patterns on our ensemble and on Apache's, by the same recipes: what a publication, an id, a lock, an item cost. */
import { setMaxListeners } from 'node:events';
import { ConfigStore, IdBlocks, Lock, SequentialNames, WorkQueue } from '@menagerie/zookeeper-recipes';
import { ZooKeeper, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import type { Bench, Part } from '../harness/bench.js';
import { startEngine, whyNotAvailable } from '../ensemble/engines.js';

const SERVERS = 3;
const SESSION_TIMEOUT_MS = 30_000;
const AT_ONCE = 50;
/** Sessions are opened some at a time: a thousand at once would measure the backlog of a listener. */
const OPENED_AT_ONCE = 50;

const connect = (connectString: string): Promise<ZooKeeperClient> =>
  ZooKeeper.connect({ connect: connectString, sessionTimeoutMs: SESSION_TIMEOUT_MS });

/** As often as it can in the time, by so many at once. @returns times a second */
async function rateOf(measureMs: number, atOnce: number, act: () => Promise<unknown>): Promise<number> {
  let count = 0;
  const beganMs = performance.now();
  const actor = async () => {
    while (performance.now() - beganMs < measureMs) {
      await act();
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, actor));
  return (count * 1_000) / (performance.now() - beganMs);
}

const publish: Part = {
  about: 'a value is published: until the last of many subscribers, each with a session of its own, has read it',
  async run(subject, record, context) {
    const subscribers = context.setting('subscribers');
    await using ensemble = await startEngine(subject, { servers: SERVERS, config: { maxSessionTimeout: '60000' } });
    await using publisher = await connect(ensemble.connectString);
    const store = new ConfigStore(publisher, '/config/bench');
    await store.publish('value', '0');
    const clients: ZooKeeperClient[] = [];
    const over = new AbortController();
    setMaxListeners(subscribers + 1, over.signal);
    let told: (round: number) => void = () => undefined;
    try {
      while (clients.length < subscribers) {
        const more = Math.min(OPENED_AT_ONCE, subscribers - clients.length);
        clients.push(...(await Promise.all(Array.from({ length: more }, () => connect(ensemble.connectString)))));
      }
      let first = 0;
      const ready = new Promise<void>((resolve) => (told = () => (first += 1) === subscribers && resolve()));
      const following = clients.map(async (client) => {
        const follower = new ConfigStore(client, '/config/bench');
        for await (const { value } of follower.follow('value', { signal: over.signal })) told(Number(value));
      });
      await ready;
      const rounds = Math.max(3, Math.round(context.measureMs / 500));
      for (let round = 1; round <= rounds; round += 1) {
        let heard = 0;
        const all = new Promise<void>((resolve) => {
          told = (value) => value === round && (heard += 1) === subscribers && resolve();
        });
        const beganMs = performance.now();
        await store.publish('value', String(round));
        await all;
        record.add({ name: `published to the last of ${subscribers}`, unit: 'ms' }, performance.now() - beganMs);
      }
      over.abort();
      await Promise.all(following);
    } finally {
      over.abort();
      await Promise.all(clients.map((client) => client.close()));
    }
  },
};

const naming: Part = {
  about: `look-ups of a name and new ids a second, ${AT_ONCE} callers at once`,
  async run(subject, record, { measureMs }) {
    await using ensemble = await startEngine(subject, { servers: SERVERS });
    await using client = await connect(ensemble.connectString);
    await client.mkdirp('/naming/db');
    await client.setData('/naming/db', '{"resource":{"port":3306}}');
    const names = new SequentialNames(client, '/ids');
    const blocks = new IdBlocks(client, '/id-blocks/job');
    const rates = {
      'look-ups': await rateOf(measureMs, AT_ONCE, () => client.getData('/naming/db')),
      'ids by sequential nodes': await rateOf(measureMs, AT_ONCE, () => names.take('job')),
      'ids out of blocks': await rateOf(measureMs, AT_ONCE, () => blocks.take()),
    };
    for (const [name, rate] of Object.entries(rates)) record.add({ name, unit: '1/s' }, rate);
  },
};

const lock: Part = {
  about: 'a lock is handed from one to the next of ten that wait',
  async run(subject, record, { measureMs }) {
    await using ensemble = await startEngine(subject, { servers: SERVERS });
    const clients = await Promise.all(Array.from({ length: 10 }, () => connect(ensemble.connectString)));
    try {
      let releasedMs: number | null = null;
      const gaps: number[] = [];
      const endMs = performance.now() + measureMs;
      const contend = async (client: ZooKeeperClient) => {
        const line = new Lock(client, '/locks/bench');
        while (performance.now() < endMs) {
          const grant = await line.acquire();
          if (releasedMs !== null) gaps.push(performance.now() - releasedMs);
          releasedMs = performance.now();
          await grant.release();
        }
      };
      await Promise.all(clients.map(contend));
      gaps.sort((a, b) => a - b);
      record.add({ name: 'lock handed over: p50', unit: 'ms' }, gaps[Math.floor(gaps.length * 0.5)] ?? 0);
      record.add({ name: 'lock handed over: p99', unit: 'ms' }, gaps[Math.floor(gaps.length * 0.99)] ?? 0);
    } finally {
      await Promise.all(clients.map((client) => client.close()));
    }
  },
};

const queue: Part = {
  about: 'items a second through a work queue: four processes put, four take and finish, one or eight at a time',
  async run(subject, record, { measureMs }) {
    await using ensemble = await startEngine(subject, { servers: SERVERS });
    for (const atOnce of [1, 8]) {
      const rate = await queueRate(ensemble.connectString, atOnce, measureMs);
      record.add({ name: `queue items, ${atOnce} at a time`, unit: '1/s' }, rate);
    }
  },
};

async function queueRate(connectString: string, atOnce: number, measureMs: number): Promise<number> {
  const clients = await Promise.all(Array.from({ length: 8 }, () => connect(connectString)));
  const over = new AbortController();
  setMaxListeners(8 * atOnce, over.signal);
  try {
    const queues = clients.map((client) => new WorkQueue(client, `/queue/bench-${atOnce}`, { limit: 200 }));
    let done = 0;
    const produce = async (to: WorkQueue) => {
      while (!over.signal.aborted) {
        // Full: the takers are behind, which is what is measured.
        await to.put('item').catch(() => new Promise((resolve) => setTimeout(resolve, 5)));
      }
    };
    const consume = async (from: WorkQueue) => {
      while (!over.signal.aborted) {
        const item = await from.take({ signal: over.signal }).catch(() => null);
        if (item === null) return;
        await item.done();
        done += 1;
      }
    };
    const beganMs = performance.now();
    const loops = queues.flatMap((each, at) =>
      Array.from({ length: atOnce }, () => (at < 4 ? produce : consume)(each)),
    );
    await new Promise((resolve) => setTimeout(resolve, measureMs));
    const rate = (done * 1_000) / (performance.now() - beganMs);
    over.abort();
    await Promise.all(loops);
    return rate;
  } finally {
    over.abort();
    await Promise.all(clients.map((client) => client.close()));
  }
}

export const patternsBench: Bench = {
  subjects: ['menagerie', 'apache'],
  titles: { menagerie: 'Menagerie', apache: 'Apache 3.8' },
  settings: { subscribers: 1_000 },
  unavailable: whyNotAvailable,
  parts: { publish, naming, lock, queue },
};
