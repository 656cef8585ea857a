/** Ids under fire: three naming services give them out while one of them, and the ensemble's leader, are killed. */
import { randomUUID } from 'node:crypto';
import type { MariaDb } from '@menagerie/platform-database';
import { TestPatterns, type TestService } from '@menagerie/platform-testing';
import type { DemoOfItsOwn, DemoStage } from '../demo.js';
import { until } from '../until.js';

const WAIT_MS = 60_000;
const TAKERS = 6;
/** Ids to be seen before the next thing happens. */
const IDS = 200;
const MEASURED = 1_000;
const AT_ONCE = 50;

export const naming: DemoOfItsOwn = {
  name: 'naming',
  title: 'ids are taken from three naming services while one of them and the leader of the ensemble are killed',
  promises: [
    'no id is given twice; what a crash costs are gaps',
    'a name that one service has bound is found through another, and not bound a second time',
    'an id of a type that nobody has registered is refused in one line',
    'measured beside: UUIDs, a key that a database counts, a sequence of a database',
  ],
  standsAlone: true,
  run: async (stage) => {
    await using patterns = await TestPatterns.start({ engine: 'menagerie', sessionTimeoutMs: 6_000 });
    await play(stage, patterns);
  },
};

async function play(stage: DemoStage, patterns: TestPatterns): Promise<void> {
  const { mark, verify, signal } = stage;
  const [one, two, three] = (await Promise.all(
    ['naming1', 'naming2', 'naming3'].map((id) => patterns.service('naming', id)),
  )) as [TestService, TestService, TestService];
  const services = [one, two, three];
  for (const type of ['job', 'order']) await one.put(`/types/${type}`);
  mark('three servers, three naming services, two types');

  const unknown = await two.ask('POST', '/types/jbo/ids', {});
  await one.post('/names/rpc%2Forders', { resource: { url: 'http://127.0.0.1:7000' } });
  await one.post('/names/orders', { link: 'rpc/orders' });
  const found = await until('the name at another service', { timeoutMs: WAIT_MS, signal }, async () => {
    return (await three.get('/names/orders')) as { name: string; resource: { url: string } };
  });
  const again = await two.ask('POST', '/names/rpc%2Forders', { resource: { url: 'http://127.0.0.1:6666' } });

  const given = { sequential: [] as string[], block: [] as string[] };
  let [refused, isOver] = [0, false];
  const takers = Array.from({ length: TAKERS }, async (_, taker) => {
    const way = taker % 2 === 0 ? 'sequential' : 'block';
    for (let n = taker; !isOver; n += 1) {
      try {
        const service = services[n % services.length] as TestService;
        given[way].push(...((await service.post('/types/job/ids', { way, count: 2 })) as { ids: string[] }).ids);
      } catch {
        refused += 1;
      }
    }
  });
  try {
    const more = async (count: number) => {
      const [byNode, byBlock] = [given.sequential.length + count, given.block.length + count];
      await until(`${count} ids each way`, { timeoutMs: WAIT_MS, signal, everyMs: 20 }, async () =>
        given.sequential.length >= byNode && given.block.length >= byBlock ? true : undefined,
      );
    };
    await more(IDS);
    await two.process.end('SIGKILL');
    mark(`kill -9 of naming2, ${given.sequential.length + given.block.length} ids so far`);
    await more(IDS);
    const killed = await patterns.ensemble.killLeader();
    mark(`kill -9 of the ensemble's leader, server ${killed.id}`);
    await more(IDS);
    await patterns.ensemble.start(killed.id);
    await two.process.start();
    mark('both are back');
    await more(IDS);
  } finally {
    isOver = true;
    await Promise.all(takers);
  }
  mark(`${given.sequential.length} ids by sequential nodes, ${given.block.length} out of blocks`);

  const { sequential, block } = given;
  const numbers = sequential.map((id) => Number(id.slice('job-'.length)));
  const highest = Math.max(...numbers);
  verify(
    'no id was given twice',
    new Set(sequential).size === sequential.length && new Set(block).size === block.length,
    `${sequential.length} and ${block.length} ids; ${refused} requests failed; ` +
      `${highest + 1 - sequential.length} numbers of nodes were given to nobody`,
  );
  verify(
    'an unknown type is refused',
    unknown.status === 404 && unknown.body.code === 'NAMING_UNKNOWN_TYPE',
    `${unknown.status} ${unknown.body.message}`,
  );
  verify(
    'a bound name is found everywhere, through a link, and stays bound',
    found.resource.url === 'http://127.0.0.1:7000' && again.status === 409,
    `orders -> ${found.name} -> ${found.resource.url}; a second binding: ${again.status} ${again.body.code}`,
  );
  await compare(stage, patterns, one);
}

async function compare({ mark, verify }: DemoStage, patterns: TestPatterns, service: TestService): Promise<void> {
  const take = (way: string, count: number) => async () =>
    ((await service.post('/types/order/ids', { way, count })) as { ids: string[] }).ids;
  const database = await patterns.database('ids');
  const ways: readonly (readonly [string, number, () => Promise<readonly string[]>])[] = [
    ['a sequential node', 1, take('sequential', 1)],
    ['a block of 1,000', 1, take('block', 1)],
    ['a sequential node, 20 a request', 20, take('sequential', 20)],
    ['a block, 20 a request', 20, take('block', 20)],
    ['UUID', 1, async () => [randomUUID()]],
    ...(await databaseWays(database)),
  ];
  const seen: string[] = [];
  let isUnique = true;
  for (const [name, each, ask] of ways) {
    await ask();
    const ids: string[] = [];
    const beganMs = performance.now();
    const asker = async () => {
      while (ids.length < MEASURED) ids.push(...(await ask()));
    };
    await Promise.all(Array.from({ length: Math.ceil(AT_ONCE / each) }, asker));
    const rate = (ids.length * 1_000) / (performance.now() - beganMs);
    isUnique &&= new Set(ids).size === ids.length;
    seen.push(name);
    mark(`${name}: ${Math.round(rate)} ids/s, such as ${ids[0]}`);
  }
  verify('each way gives each id once', isUnique, seen.join(', '));
}

async function databaseWays(database: MariaDb): Promise<[string, number, () => Promise<readonly string[]>][]> {
  const pool = database.pool(AT_ONCE);
  await pool.query('CREATE TABLE counted (id BIGINT AUTO_INCREMENT PRIMARY KEY)');
  await pool.query('CREATE SEQUENCE numbered');
  return [
    [
      'AUTO_INCREMENT of MariaDB',
      1,
      async () => {
        const [result] = await pool.query('INSERT INTO counted () VALUES ()');
        return [String((result as { insertId: number }).insertId)];
      },
    ],
    [
      'SEQUENCE of MariaDB',
      1,
      async () => {
        const [rows] = await pool.query('SELECT NEXTVAL(numbered) AS id');
        return [String((rows as { id: number }[])[0]?.id)];
      },
    ],
  ];
}
