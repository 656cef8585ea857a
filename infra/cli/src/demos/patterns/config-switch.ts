/** The database switch: orders come in all the time, and two databases are exchanged under the shops that take them. */
import type { MariaDb } from '@menagerie/platform-database';
import { TestPatterns, type TestService } from '@menagerie/platform-testing';
import { digestId, isNoAuth, ZooKeeper } from '@menagerie/zookeeper-client';
import { configPaths } from '@menagerie/platform-core';
import type { DemoOfItsOwn, DemoStage } from '../demo.js';
import { until } from '../until.js';
import { OrderLoad } from './order-load.js';

const WAIT_MS = 30_000;
/** Each phase of the load lasts until so many more orders are in. */
const ORDERS = 150;
const CREDENTIALS = 'shop:orders-of-the-day';

const SCHEMA = {
  type: 'object',
  required: ['host', 'port', 'database', 'user'],
  properties: {
    host: { type: 'string' },
    port: { type: 'integer', minimum: 1, maximum: 65_535 },
    database: { type: 'string' },
    user: { type: 'string' },
  },
};

export const configSwitch: DemoOfItsOwn = {
  name: 'config-switch',
  title: 'two databases are exchanged under two shops while orders come in; nobody restarts',
  promises: [
    'every order is taken, in exactly one database, the one that its answer names',
    'database and log level switch in running processes, and back by a rollback',
    'a document that its schema refuses changes nothing, and a secret is for its reader only',
    'shops go on with what they have when the config center is killed',
  ],
  standsAlone: true,
  run: async (stage) => {
    await using patterns = await TestPatterns.start();
    await play(stage, patterns);
  },
};

async function play(stage: DemoStage, patterns: TestPatterns): Promise<void> {
  const { mark, verify, signal } = stage;
  const [a, b] = await Promise.all([patterns.database('a'), patterns.database('b')]);
  const secretFile = `${patterns.folder}/center.secret`;
  const center = await patterns.service('config-center', 'config1', { CONFIG_SECRET_FILE: secretFile });
  await center.put('/apps/shop/readers', { readers: [digestId(CREDENTIALS).id] });
  await center.put('/apps/shop/schemas/db.json', { schema: SCHEMA });
  await publish(center, a, 'info', 'the beginning');
  const shops = await Promise.all(
    ['shop1', 'shop2'].map((id) => patterns.service('shop', id, { SHOP_CREDENTIALS: CREDENTIALS })),
  );
  await inForce(stage, shops, a, 'info');
  const pids = await settings(shops);
  mark(`two databases, two shops; orders go to ${addressOf(a)}`);

  await using load = new OrderLoad(shops);
  await load.more(ORDERS, stage);
  const refused = await center.ask('POST', '/apps/shop/revisions', {
    by: 'demo',
    changes: [{ key: 'db.json', text: JSON.stringify({ ...a.address, port: 'the usual' }) }],
  });
  mark(`a document with the port "the usual": ${refused.status} ${refused.body.message}`);
  const untouched = await settings(shops);

  const switchedMs = performance.now();
  await publish(center, b, 'debug', 'database b takes over');
  await inForce(stage, shops, b, 'debug');
  mark(`published ${addressOf(b)} and log level debug; in force in both after ${since(switchedMs)} ms`);
  await load.more(ORDERS, stage);
  await center.post('/apps/shop/rollback', { to: 1, by: 'demo', comment: 'b is slow' });
  await inForce(stage, shops, a, 'info');
  mark('rolled back to revision 1');
  await load.more(ORDERS, stage);

  await center.process.end('SIGKILL');
  await b.kill();
  mark('kill -9 of the config center and of the database that is not in use');
  await load.more(ORDERS, stage);
  await b.start();
  await center.process.start();
  await publish(center, b, 'info', 'b again');
  await inForce(stage, shops, b, 'info');
  mark('both are back, and so is the switch');
  await load.more(ORDERS, stage);
  const orders = await load.stop();

  const [inA, inB] = [await ordersIn(a), await ordersIn(b)];
  const wrong = orders.taken.filter(({ id, database }) => {
    const [has, hasNot] = database === addressOf(a) ? [inA, inB] : [inB, inA];
    return !has.has(id) || hasNot.has(id);
  });
  verify(
    'every order was taken, into the database its answer names and no other',
    orders.failed.length === 0 && wrong.length === 0 && inA.size + inB.size === orders.taken.length,
    `${orders.taken.length} orders: ${inA.size} in a, ${inB.size} in b; ${orders.failed.length} failed` +
      `${orders.failed.length > 0 ? ` (${orders.failed[0]})` : ''}, ${wrong.length} elsewhere`,
  );
  const after = await settings(shops);
  verify(
    'no process was restarted',
    after.every(({ pid }, at) => pid === pids[at]?.pid),
    `pids ${pids.map(({ pid }) => pid).join(', ')} then, ${after.map(({ pid }) => pid).join(', ')} now`,
  );
  verify(
    'what the schema refuses changes nothing',
    refused.status === 422 && untouched.every(({ database }) => database === addressOf(a)),
    `${refused.body.code}; both shops stayed with ${addressOf(a)}`,
  );
  await verifySecret(stage, patterns, center, a);
  const revisions = (await center.get('/apps/shop/revisions')) as { number: number; by: string; comment: string }[];
  verify(
    'the audit has every change',
    revisions.map(({ comment }) => comment).join('; ') === 'the beginning; database b takes over; b is slow; b again',
    revisions.map(({ number, by, comment }) => `${number} ${by}: ${comment}`).join('; '),
  );
  signal.throwIfAborted();
}

async function verifySecret({ verify }: DemoStage, patterns: TestPatterns, center: TestService, a: MariaDb) {
  const path = configPaths.value('shop', 'db.password');
  const stranger = await patterns.zk.getData(path).then(
    () => 'read it',
    (error: unknown) => (isNoAuth(error) ? 'refused' : String(error)),
  );
  await using reader = await ZooKeeper.connect({
    connect: patterns.ensemble.connectString,
    sessionTimeoutMs: 10_000,
    auth: [{ scheme: 'digest', credentials: CREDENTIALS }],
  });
  const isReadable = (await reader.getData(path)).data.length > 0;
  const said = JSON.stringify([await center.get('/apps/shop'), await center.get('/apps/shop/revisions')]);
  verify(
    'the password is for its reader only',
    stranger === 'refused' && isReadable && !said.includes(a.address.password),
    `a stranger: ${stranger}; the shop reads it; the config center shows ${said.includes('********') ? '********' : said}`,
  );
}

async function publish(center: TestService, to: MariaDb, level: string, comment: string): Promise<void> {
  const { password, ...place } = to.address;
  await center.post('/apps/shop/revisions', {
    by: 'demo',
    comment,
    changes: [
      { key: 'db.json', text: JSON.stringify(place) },
      { key: 'db.password', text: password, isSecret: true },
      { key: 'log.properties', text: `level=${level}` },
    ],
  });
}

interface InForce {
  readonly pid: number;
  readonly database: string | null;
  readonly logLevel: string;
}

const settings = (shops: readonly TestService[]): Promise<InForce[]> =>
  Promise.all(shops.map(async (shop) => (await shop.get('/settings')) as InForce));

async function inForce({ signal }: DemoStage, shops: readonly TestService[], at: MariaDb, level: string) {
  await until(`${addressOf(at)} in force`, { timeoutMs: WAIT_MS, signal, everyMs: 10 }, async () => {
    const all = await settings(shops);
    return all.every(({ database, logLevel }) => database === addressOf(at) && logLevel === level) ? all : undefined;
  });
}

const addressOf = ({ address: { host, port } }: MariaDb): string => `${host}:${port}`;
const since = (ms: number): string => (performance.now() - ms).toFixed(0);

async function ordersIn(database: MariaDb): Promise<ReadonlySet<string>> {
  const pool = database.pool(1);
  try {
    const [rows] = await pool.query('SELECT id FROM orders');
    return new Set((rows as { id: string }[]).map(({ id }) => id));
  } finally {
    await pool.end();
  }
}
