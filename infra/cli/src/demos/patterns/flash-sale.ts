/** A flash sale with the lock, under kill -9 and a pause that is longer than a session; then without the lock. */
import type { MariaDb } from '@menagerie/platform-database';
import { TestPatterns, type TestService } from '@menagerie/platform-testing';
import { sequenceOf } from '@menagerie/zookeeper-recipes';
import type { DemoOfItsOwn, DemoStage } from '../demo.js';
import { until } from '../until.js';

const WAIT_MS = 90_000;
const PIECES = 100;
const BUYERS = 300;
const AT_ONCE = 12;
const SESSION_MS = 2_000;
/** A holder is nearly always between its look and its sale. */
const THINK_MS = 80;
/** A pause may fall between two holders of the same shop; then once more. */
const MAX_PAUSES = 4;

export const flashSale: DemoOfItsOwn = {
  name: 'flash-sale',
  title: 'three shops sell 100 pieces to 300 buyers: one is killed, one stands still; and the same without the lock',
  promises: [
    'with the lock, exactly what is there is sold, whoever is killed',
    'a shop that stood still for longer than its session is refused by its fencing token',
    'without the lock, the same shops sell more than there is',
  ],
  standsAlone: true,
  run: async (stage) => {
    await using patterns = await TestPatterns.start({ sessionTimeoutMs: SESSION_MS });
    const database = await patterns.database('sale');
    await locked(stage, patterns, database);
    await unlocked(stage, patterns, database);
  },
};

const uri = ({ address: { host, port, database, user, password } }: MariaDb): string =>
  `mysql://${user}:${password}@${host}:${port}/${database}`;

async function locked(stage: DemoStage, patterns: TestPatterns, database: MariaDb): Promise<void> {
  const { mark, verify, signal } = stage;
  const environment = { SALE_DATABASE: uri(database), SALE_THINK_MS: String(THINK_MS) };
  const shops: TestService[] = [];
  for (const id of ['shop1', 'shop2', 'shop3']) shops.push(await patterns.service('flash-sale', id, environment));
  const [first, second] = shops as [TestService, TestService];
  await first.put('/items/console', { pieces: PIECES });
  mark(`three shops, ${PIECES} pieces, ${BUYERS} buyers`);
  const crowd = new Crowd(shops, 'console');
  try {
    await crowd.bought(20, stage);
    await second.process.end('SIGKILL');
    mark('kill -9 of shop2');
    await crowd.bought(20, stage);
    await second.process.start();
    mark('shop2 is back');
    for (let pauses = 1; !crowd.isSoldOut && pauses <= MAX_PAUSES && !crowd.answers.has('SALE_FENCED'); pauses += 1) {
      await pauseHolder(stage, patterns, shops, crowd);
    }
    await until('the end of the sale', { timeoutMs: WAIT_MS, signal }, async () =>
      crowd.answered >= BUYERS || (crowd.answers.get('SALE_SOLD_OUT') ?? 0) > AT_ONCE ? true : undefined,
    );
  } finally {
    await crowd.stop();
  }
  const standing = (await first.get('/items/console')) as { remaining: number; orders: number };
  const tokens = await tokensOf(database, 'console');
  mark(crowd.describe());
  verify(
    'exactly what there was is sold',
    standing.orders === PIECES && standing.remaining === 0,
    `${PIECES} pieces: ${standing.orders} orders, ${standing.remaining} remain`,
  );
  const answered = crowd.answers.get('sold') ?? 0;
  verify(
    'who was told that he has one has one',
    answered <= standing.orders,
    `${answered} were told so; ${standing.orders - answered} sold by a shop that was killed or stopped before it could`,
  );
  const inOrder = tokens.every((token, at) => at === 0 || token > (tokens[at - 1] as bigint));
  verify(
    'each sale has a larger token than the one before, and the late one was refused',
    inOrder && (crowd.answers.get('SALE_FENCED') ?? 0) > 0,
    `${tokens.length} tokens, in order: ${inOrder}; refused as too late: ${crowd.answers.get('SALE_FENCED') ?? 0}`,
  );
  await Promise.all(shops.map(({ process }) => process.end('SIGTERM')));
}

/** Stops the shop whose writer is first in line until others have sold past it, then lets it go on. */
async function pauseHolder(stage: DemoStage, patterns: TestPatterns, shops: readonly TestService[], crowd: Crowd) {
  const { mark, signal } = stage;
  const holder = await until('a holder', { timeoutMs: WAIT_MS, signal, everyMs: 5 }, async () => {
    const { children } = await patterns.zk.getChildren('/shared_lock/console');
    const [name] = [...children].sort((a, b) => (sequenceOf(a) ?? 0) - (sequenceOf(b) ?? 0));
    if (name === undefined) return undefined;
    const { data } = await patterns.zk.getData(`/shared_lock/console/${name}`);
    return shops.find(({ id }) => data.toString().includes(id));
  });
  holder.process.pause();
  const pausedMs = performance.now();
  mark(`${holder.id} holds the lock and stands still`);
  try {
    await crowd.bought(5, stage, [holder]);
    mark(`the others sell again after ${((performance.now() - pausedMs) / 1_000).toFixed(1)} s; ${holder.id} goes on`);
  } finally {
    holder.process.resume();
  }
  const before = crowd.answeredBy(holder);
  await until(`${holder.id} to answer`, { timeoutMs: WAIT_MS, signal, everyMs: 20 }, async () =>
    crowd.answeredBy(holder) > before ? true : undefined,
  );
  mark(`answers so far: ${crowd.describe()}`);
}

async function unlocked({ mark, verify }: DemoStage, patterns: TestPatterns, database: MariaDb): Promise<void> {
  const environment = { SALE_DATABASE: uri(database), SALE_THINK_MS: String(THINK_MS), SALE_LOCK: 'off' };
  const shops = await Promise.all(
    ['free1', 'free2', 'free3'].map((id) => patterns.service('flash-sale', id, environment)),
  );
  const [first] = shops as [TestService];
  await first.put('/items/phone', { pieces: PIECES });
  const crowd = new Crowd(shops, 'phone');
  await crowd.all();
  const { orders, remaining } = (await first.get('/items/phone')) as { remaining: number; orders: number };
  mark(`without the lock: ${crowd.describe()}`);
  verify(
    'control: without the lock more is sold than there is',
    orders > PIECES,
    `${PIECES} pieces: ${orders} orders, ${orders - PIECES} too many; the stock says ${remaining}`,
  );
}

async function tokensOf(database: MariaDb, item: string): Promise<readonly bigint[]> {
  const pool = database.pool(1);
  try {
    const [rows] = await pool.execute('SELECT CAST(token AS CHAR) AS token FROM orders WHERE item = ? ORDER BY id', [
      item,
    ]);
    return (rows as { token: string }[]).map(({ token }) => BigInt(token));
  } finally {
    await pool.end();
  }
}

/** Buyers, one piece each, some at a time. */
class Crowd {
  readonly answers = new Map<string, number>();
  answered = 0;
  private next = 1;
  private isOver = false;
  private readonly sales = new Map<TestService, number>();
  private readonly replies = new Map<TestService, number>();
  private readonly buying: Promise<unknown>;

  constructor(
    private readonly shops: readonly TestService[],
    private readonly item: string,
  ) {
    this.buying = Promise.all(Array.from({ length: AT_ONCE }, (_, at) => this.buy(at)));
  }

  /** Waits until so many more were sold, by others than those named, or all. */
  async bought(count: number, { signal }: DemoStage, except: readonly TestService[] = []): Promise<void> {
    const sold = () => [...this.sales].reduce((sum, [shop, sales]) => (except.includes(shop) ? sum : sum + sales), 0);
    const goal = sold() + count;
    await until(`${count} more sales`, { timeoutMs: WAIT_MS, signal, everyMs: 10 }, async () =>
      sold() >= goal || this.isSoldOut ? true : undefined,
    );
  }

  get isSoldOut(): boolean {
    return this.answers.has('SALE_SOLD_OUT');
  }

  answeredBy(shop: TestService): number {
    return this.replies.get(shop) ?? 0;
  }

  async all(): Promise<void> {
    await this.buying;
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.buying;
  }

  describe(): string {
    return [...this.answers].map(([answer, count]) => `${count} ${answer}`).join(', ');
  }

  private async buy(at: number): Promise<void> {
    for (let n = at; !this.isOver && this.next <= BUYERS; n += 1) {
      const buyer = `buyer-${this.next++}`;
      const shop = this.shops[n % this.shops.length] as TestService;
      const answer = await shop
        .ask('POST', `/items/${this.item}/orders`, { buyer })
        .then(({ status, body }) => (status === 201 ? 'sold' : String(body.code)))
        .catch(() => 'no answer');
      this.answers.set(answer, (this.answers.get(answer) ?? 0) + 1);
      if (answer === 'sold') this.sales.set(shop, (this.sales.get(shop) ?? 0) + 1);
      if (answer !== 'no answer') this.replies.set(shop, (this.replies.get(shop) ?? 0) + 1);
      this.answered += 1;
    }
  }
}
