import {
  AtomicCounter,
  DoubleBarrier,
  IdBlocks,
  isRecipeError,
  LeaderLatch,
  Lock,
  OncePerTick,
  ReadWriteLock,
  Semaphore,
  WorkQueue,
  type Grant,
} from '@menagerie/zookeeper-recipes';
import { waitFor } from '@menagerie/zookeeper-testing';
import { describe, expect } from 'vitest';
import { onEngine, WAIT } from './__fixtures__/on-engine.js';

/** A resource that more than `capacity` holders at a time would damage, and that refuses old fencing tokens. */
class Guarded {
  private inside = 0;
  most = 0;
  readonly tokens: bigint[] = [];

  async use(grant: Grant): Promise<void> {
    this.inside += 1;
    this.most = Math.max(this.most, this.inside);
    this.tokens.push(grant.fencingToken);
    await new Promise((resolve) => setImmediate(resolve));
    this.inside -= 1;
  }
}

describe.each(['menagerie', 'apache'] as const)('recipes on %s', (engine) => {
  const { test, client, clients, freshPath, expire, children } = onEngine(engine);

  test('an exclusive lock lets one in at a time, with growing fencing tokens, and leaves nothing behind', async () => {
    const path = freshPath();
    const guarded = new Guarded();
    const all = await clients(4);
    // Two tasks of each client: one process is no exception.
    await Promise.all([...all, ...all].map((one) => new Lock(one, path).with((grant) => guarded.use(grant), WAIT)));
    expect(guarded.most).toBe(1);
    expect(guarded.tokens).toHaveLength(8);
    expect([...guarded.tokens].sort((a, b) => (a < b ? -1 : 1))).toEqual(guarded.tokens);
    expect(await children(all[0]!, path)).toEqual([]);
  });

  test('a waiter that gives up leaves no place in line behind', async () => {
    const path = freshPath();
    const [holder, waiter] = await clients(2);
    const grant = await new Lock(holder!, path).acquire(WAIT);
    const late = new Lock(waiter!, path).acquire({ timeoutMs: 50 });
    await expect(late).rejects.toMatchObject({ code: 'RECIPE_TIMEOUT' });
    const abort = new AbortController();
    const aborted = new Lock(waiter!, path).acquire({ signal: abort.signal });
    await waitFor(async () => (await children(holder!, path)).length === 2, {
      ...WAIT,
      what: 'the waiter stands in line',
    });
    abort.abort();
    await expect(aborted).rejects.toMatchObject({ code: 'RECIPE_ABORTED' });
    expect(await children(holder!, path)).toHaveLength(1);
    await grant.release();
    await expect(grant.release()).rejects.toMatchObject({ code: 'RECIPE_RELEASED' });
  });

  test('a holder whose session is ended is told, and the next in line gets a larger token', async () => {
    const path = freshPath();
    const [first, second] = await clients(2);
    const lost = await new Lock(first!, path).acquire(WAIT);
    const next = new Lock(second!, path).acquire(WAIT);
    await expire(first!);
    const grant = await next;
    expect(grant.fencingToken).toBeGreaterThan(lost.fencingToken);
    await waitFor(() => !lost.held, { ...WAIT, what: 'the old holder is told' });
    expect(isRecipeError(lost.signal.reason) && lost.signal.reason.code).toBe('RECIPE_GRANT_LOST');
    await expect(lost.release()).rejects.toMatchObject({ code: 'RECIPE_GRANT_LOST' });
    expect(await children(second!, path)).toHaveLength(1);
    await grant.release();
  });

  test('a waiter whose session is ended stands in line again and is served', async () => {
    const path = freshPath();
    const [holder, waiter] = await clients(2);
    const grant = await new Lock(holder!, path).acquire(WAIT);
    const waiting = new Lock(waiter!, path).acquire(WAIT);
    await waitFor(async () => (await children(holder!, path)).length === 2, {
      ...WAIT,
      what: 'the waiter stands in line',
    });
    await expire(waiter!);
    await grant.release();
    await (await waiting).release();
    await waitFor(async () => (await children(holder!, path)).length === 0, { ...WAIT, what: 'the line is empty' });
  });

  test('a holder whose node an operator deletes is told', async () => {
    const path = freshPath();
    const [holder, operator] = await clients(2);
    const grant = await new Lock(holder!, path).acquire(WAIT);
    await operator!.delete(grant.path);
    await waitFor(() => !grant.held, { ...WAIT, what: 'the holder is told' });
  });

  test('readers share, a writer is alone, and a reader behind a writer waits', async () => {
    const path = freshPath();
    const [a, b, c] = await clients(3);
    const readers = await Promise.all([a!, b!].map((one) => new ReadWriteLock(one, path).read(WAIT)));
    const writing = new ReadWriteLock(c!, path).write(WAIT);
    await waitFor(async () => (await children(a!, path)).length === 3, { ...WAIT, what: 'the writer stands in line' });
    let late: Grant | null = null;
    const lateReader = new ReadWriteLock(a!, path).read(WAIT).then((grant) => (late = grant));
    await waitFor(async () => (await children(a!, path)).length === 4, { ...WAIT, what: 'the reader stands in line' });
    for (const reader of readers) await reader.release();
    const writer = await writing;
    expect(late).toBeNull();
    await writer.release();
    await (await lateReader).release();
  });

  test('of a hundred waiters the improved lock tells 99 and the herd 4,950', async () => {
    const [one] = await clients(1);
    const count = async (herd: boolean) => {
      const path = freshPath();
      let notified = 0;
      const lock = () => new Lock(one!, path, { herd, onNotified: () => (notified += 1) });
      // Replies of one session come in order: what every waiter asked when it was woken is answered by then.
      const allHaveLooked = async () => {
        for (let i = 0; i < 3; i += 1) await one!.getChildren(path);
      };
      const grants = [lock().acquire(WAIT)];
      await grants[0];
      for (let waiters = 1; waiters < 100; waiters += 1) {
        grants.push(lock().acquire(WAIT));
        await waitFor(async () => (await children(one!, path)).length === waiters + 1, {
          ...WAIT,
          what: 'one more in line',
        });
      }
      await allHaveLooked();
      notified = 0;
      for (const [i, granted] of grants.entries()) {
        const grant = await granted;
        await allHaveLooked();
        await grant.release();
        const left = grants.length - 1 - i;
        const expected = herd ? 4950 - (left * (left - 1)) / 2 : Math.min(99, i + 1);
        await waitFor(() => notified >= expected, { ...WAIT, what: `${expected} notifications` });
      }
      return notified;
    };
    expect(await count(false)).toBe(99);
    expect(await count(true)).toBe(4950);
  });

  test('a semaphore of three lets three in at a time', async () => {
    const path = freshPath();
    const guarded = new Guarded();
    const all = await clients(4);
    const work = [...all, ...all].map(async (one) => {
      const grant = await new Semaphore(one, path, 3).acquire(WAIT);
      await guarded.use(grant);
      await grant.release();
    });
    await Promise.all(work);
    expect(guarded.most).toBeLessThanOrEqual(3);
    expect(guarded.tokens).toHaveLength(8);
  });

  test('leadership passes on when the leader closes, and when its session is ended', async () => {
    const path = freshPath();
    const all = await clients(3);
    const latches = all.map((one, i) => new LeaderLatch(one, path, { identity: `n${i}` }));
    for (const latch of latches) latch.start();
    const leader = () => latches.find((latch) => latch.leadership !== null);
    const first = await waitFor(() => leader() ?? null, { ...WAIT, what: 'a leader' });
    expect(await first.leader()).toBe(`n${latches.indexOf(first)}`);
    const { fencingToken, signal } = first.leadership!;
    await first.close();
    expect(signal.aborted).toBe(true);
    const second = await waitFor(() => leader() ?? null, { ...WAIT, what: 'the next leader' });
    expect(second.leadership!.fencingToken).toBeGreaterThan(fencingToken);
    await expire(all[latches.indexOf(second)]!);
    await waitFor(() => latches.some((latch) => latch !== second && latch.leadership !== null), {
      ...WAIT,
      what: 'the third',
    });
    await waitFor(() => second.leadership === null, { ...WAIT, what: 'the second steps down' });
    for (const latch of latches) await latch.close();
  });

  test('five parties start and end together at a double barrier', async () => {
    const path = freshPath();
    const all = await clients(5);
    let entered = 0;
    let finished = 0;
    await Promise.all(
      all.map(async (one, i) => {
        const barrier = new DoubleBarrier(one, path, 5, `p${i}`);
        entered += 1;
        await barrier.enter(WAIT);
        expect(entered).toBe(5);
        finished += 1;
        await barrier.leave(WAIT);
        expect(finished).toBe(5);
      }),
    );
    expect(await children(all[0]!, path)).toEqual([]);
  });

  test('a counter loses no increment under contention, and id blocks never overlap', async () => {
    const path = freshPath();
    const all = await clients(4);
    await Promise.all(
      all.map(async (one) => {
        const counter = new AtomicCounter(one, `${path}/count`);
        for (let i = 0; i < 25; i += 1) await counter.add(1n);
      }),
    );
    expect((await new AtomicCounter(all[0]!, `${path}/count`).get()).value).toBe(100n);
    const ids = await Promise.all(
      all.map(async (one) => {
        const blocks = new IdBlocks(one, `${path}/ids`, { blockSize: 10 });
        return Promise.all(Array.from({ length: 35 }, () => blocks.take()));
      }),
    );
    expect(new Set(ids.flat()).size).toBe(140);
  });

  test('a node that holds no number is named, and not overwritten', async () => {
    const [one] = await clients(1);
    await one!.create(`/foreign-${engine}`, 'hello');
    await expect(new AtomicCounter(one!, `/foreign-${engine}`).add(1n)).rejects.toMatchObject({
      code: 'RECIPE_FOREIGN_DATA',
    });
  });

  test('every item of a work queue is done once, in order, and what a crashed worker claimed comes again', async () => {
    const path = freshPath();
    const [producer, worker, crashing] = await clients(3);
    const queue = new WorkQueue(producer!, path);
    for (let i = 0; i < 5; i += 1) await queue.put(`job ${i}`);
    const claimed = await new WorkQueue(crashing!, path).take(WAIT);
    expect(claimed.data.toString()).toBe('job 0');
    await expire(crashing!);
    const done: string[] = [];
    const mine = new WorkQueue(worker!, path);
    while (done.length < 5) {
      const item = await mine.take(WAIT);
      done.push(item.data.toString());
      await item.done();
    }
    expect(new Set(done)).toEqual(new Set(['job 0', 'job 1', 'job 2', 'job 3', 'job 4']));
    expect(done.filter((job) => job !== 'job 0')).toEqual(['job 1', 'job 2', 'job 3', 'job 4']);
    await expect(mine.take({ timeoutMs: 30 })).rejects.toMatchObject({ code: 'RECIPE_TIMEOUT' });
  });

  test('takers of one queue object do not contend with each other, and get each item once', async () => {
    const one = await client();
    const path = freshPath();
    const queue = new WorkQueue(one, path);
    const takers = Array.from({ length: 8 }, async () => {
      const item = await queue.take(WAIT);
      return { item, text: item.data.toString() };
    });
    for (let n = 0; n < 8; n += 1) await queue.put(`item ${n}`);
    const taken = await Promise.all(takers);
    expect(taken.map(({ text }) => text).sort()).toEqual(Array.from({ length: 8 }, (_, n) => `item ${n}`));
    // One that is given back is free for those beside it, also when they have looked already.
    const waiting = queue.take(WAIT);
    await taken[0]!.item.giveBack();
    const again = await waiting;
    expect(again.data.toString()).toBe(taken[0]!.text);
    await Promise.all([again, ...taken.slice(1).map(({ item }) => item)].map((item) => item.done()));
    expect(await queue.size()).toBe(0);
    expect(await children(one, `${path}/claims`)).toEqual([]);
  });

  test('a full queue refuses one more item', async () => {
    const [one] = await clients(1);
    const queue = new WorkQueue(one!, freshPath(), { limit: 2 });
    await queue.put('a');
    await queue.put('b');
    await expect(queue.put('c')).rejects.toMatchObject({ code: 'RECIPE_LIMIT' });
  });

  test('of three schedulers one runs each tick', async () => {
    const path = freshPath();
    const all = await clients(3);
    const ran: string[] = [];
    for (const tick of [1, 2, 3].map((minute) => new Date(Date.UTC(2026, 0, 1, 0, minute)))) {
      const runs = all.map((one) =>
        new OncePerTick(one, path, { keep: 2 }).run(tick, () => void ran.push(tick.toISOString())),
      );
      expect((await Promise.all(runs)).filter(Boolean)).toHaveLength(1);
    }
    expect(new Set(ran).size).toBe(3);
    expect(ran).toHaveLength(3);
    expect(await children(all[0]!, path)).toHaveLength(2);
  });
});
