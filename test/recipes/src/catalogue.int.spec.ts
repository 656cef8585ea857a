/** The rest of the catalogue on real servers: what each recipe promises when nothing fails, and its own bad input. */
import {
  Barrier,
  ConfigStore,
  ClusterCron,
  DelayQueue,
  every,
  ExclusiveLock,
  Gate,
  Group,
  LeaderSelector,
  MasterElection,
  MultiLock,
  PersistentNode,
  PriorityQueue,
  ProcessQueue,
  RevocableLock,
  SequentialNames,
  ServiceDiscovery,
  SharedCounter,
} from '@menagerie/zookeeper-recipes';
import { waitFor } from '@menagerie/zookeeper-testing';
import { describe, expect } from 'vitest';
import { nextOf, onEngine, WAIT } from './__fixtures__/on-engine.js';

describe.each(['menagerie', 'apache'] as const)('the catalogue on %s', (engine) => {
  const { test, client, clients, freshPath, expire, children } = onEngine(engine);

  test('the simple exclusive lock has one node, and everybody wakes for it', async () => {
    const path = freshPath();
    const all = await clients(4);
    let notified = 0;
    const locks = all.map((one) => new ExclusiveLock(one, path, { onNotified: () => (notified += 1) }));
    let inside = 0;
    const tokens: bigint[] = [];
    await Promise.all(
      locks.map(async (lock) => {
        const grant = await lock.acquire(WAIT);
        expect((inside += 1)).toBe(1);
        expect(await children(all[0]!, path)).toEqual(['lock']);
        tokens.push(grant.fencingToken);
        inside -= 1;
        await grant.release();
      }),
    );
    expect([...tokens].sort((a, b) => (a < b ? -1 : 1))).toEqual(tokens);
    expect(notified).toBeGreaterThanOrEqual(3);
    expect(await children(all[0]!, path)).toEqual([]);
  });

  test('several locks are had together or not at all', async () => {
    const [one, two] = await clients(2);
    const paths = [freshPath(), freshPath()];
    const first = await new MultiLock(one!, paths).acquire(WAIT);
    expect([...first.fencingTokens.keys()].sort()).toEqual([...paths].sort());
    const late = new MultiLock(two!, [...paths].reverse()).acquire({ timeoutMs: 50 });
    await expect(late).rejects.toMatchObject({ code: 'RECIPE_TIMEOUT' });
    await first.release();
    for (const path of paths) expect(await children(two!, path)).toEqual([]);
    const second = await new MultiLock(two!, [...paths].reverse()).acquire(WAIT);
    await expire(two!);
    await waitFor(() => !second.held, { ...WAIT, what: 'the holder is told' });
    await expect(second.release()).rejects.toMatchObject({ code: 'RECIPE_GRANT_LOST' });
    expect(() => new MultiLock(one!, [paths[0]!, paths[0]!])).toThrow(/distinct/);
  });

  test('the holder of a revocable lock is asked for it, and decides', async () => {
    const [holder, other] = await clients(2);
    const path = freshPath();
    const grant = await new RevocableLock(holder!, path).acquire(WAIT);
    const wanted = new RevocableLock(other!, path);
    expect(await wanted.requestRevocation()).toBe(true);
    await waitFor(() => grant.revoked.aborted, { ...WAIT, what: 'the holder is asked' });
    expect(grant.held).toBe(true);
    await grant.release();
    await (await wanted.acquire(WAIT)).release();
    expect(await wanted.requestRevocation()).toBe(false);
  });

  test('a day has one master, and everybody shares its result', async () => {
    const path = freshPath();
    const all = await clients(4);
    let computed = 0;
    const results = await Promise.all(
      all.map((one, i) => {
        const election = new MasterElection(one, path, { identity: `n${i}` });
        return election.result(
          '2026-01-31',
          async ({ fencingToken }) => {
            computed += 1;
            return `by n${i} with ${fencingToken}`;
          },
          WAIT,
        );
      }),
    );
    expect(computed).toBe(1);
    expect(new Set(results.map(({ data }) => data.toString())).size).toBe(1);
    expect(results.filter(({ computedHere }) => computedHere)).toHaveLength(1);
    const late = await new MasterElection(all[0]!, path).result('2026-01-31', () => Promise.reject(new Error('no')));
    expect(late.data).toEqual(results[0]!.data);
  });

  test('a master that lost its session while it computed publishes nothing', async () => {
    const path = freshPath();
    const [late, next] = await clients(2);
    let goOn: () => void = () => undefined;
    const paused = new Promise<void>((resolve) => (goOn = resolve));
    const election = new MasterElection(late!, path);
    const old = election.result('2026-02-01', () => paused.then(() => 'late'), WAIT);
    await waitFor(async () => (await election.master('2026-02-01')) !== null, { ...WAIT, what: 'a master' });
    await expire(late!);
    const result = await new MasterElection(next!, path).result('2026-02-01', async () => 'in time', WAIT);
    goOn();
    expect(await old).toEqual({ data: result.data, computedHere: false });
    expect((await next!.getData(`${path}/2026-02-01/result`)).data.toString()).toBe('in time');
  });

  test('leadership is handed over when the work is done, and when it is asked to end', async () => {
    const path = freshPath();
    const all = await clients(3);
    const turns: string[] = [];
    const selectors = all.map(
      (one, i) =>
        new LeaderSelector(one, path, {
          identity: `n${i}`,
          lead: async ({ signal }) => {
            turns.push(`n${i}`);
            await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
          },
        }),
    );
    for (const selector of selectors) selector.start();
    for (let turn = 1; turn <= 4; turn += 1) {
      await waitFor(() => turns.length >= turn, { ...WAIT, what: `turn ${turn}` });
      expect(selectors.filter((selector) => selector.isLeader)).toHaveLength(1);
      selectors.find((selector) => selector.isLeader)!.handOver();
    }
    for (const selector of selectors) await selector.close();
    expect(new Set(turns.slice(0, 3)).size).toBe(3);
    expect(await children(all[0]!, path)).toEqual([]);
  });

  test('processes in a queue act one after the other', async () => {
    const path = freshPath();
    const all = await clients(3);
    const order: number[] = [];
    const grants = [];
    for (const [i, one] of all.entries()) {
      const queue = new ProcessQueue(one, path, `host${10 - i}`);
      grants.push(
        queue.turn(WAIT).then(async (turn) => {
          order.push(i);
          await turn.release();
        }),
      );
      await waitFor(async () => (await one.exists(path)) && (await queue.line()).length + order.length > i, {
        ...WAIT,
        what: 'a place in line',
      });
    }
    await Promise.all(grants);
    expect(order).toEqual([0, 1, 2]);
  });

  test('the most urgent item comes first, and a delayed one when it is due', async () => {
    const one = await client();
    const urgent = new PriorityQueue(one, freshPath());
    for (const [name, priority] of [
      ['c', 9],
      ['a', 1],
      ['b', 1],
    ] as const) {
      await urgent.put(name, priority);
    }
    const taken: string[] = [];
    for (let i = 0; i < 3; i += 1) {
      const item = await urgent.take(WAIT);
      taken.push(item.data.toString());
      await item.done();
      await expect(item.done()).rejects.toMatchObject({ code: 'RECIPE_RELEASED' });
    }
    expect(taken).toEqual(['a', 'b', 'c']);
    await expect(urgent.put('x', -1)).rejects.toMatchObject({ code: 'RECIPE_MISUSED' });

    const delayed = new DelayQueue(one, freshPath());
    const dueAt = new Date(Date.now() + 300);
    await delayed.put('later', dueAt);
    const item = await delayed.take(WAIT);
    expect(Date.now()).toBeGreaterThanOrEqual(dueAt.getTime());
    await item.giveBack();
    expect((await delayed.take(WAIT)).data.toString()).toBe('later');
  });

  test('a barrier opens when all are there, and stays open for the slow', async () => {
    const path = freshPath();
    const all = await clients(3);
    const barriers = all.map((one, i) => new Barrier(one, path, 3, `p${i}`));
    const early = barriers[0]!.wait({ timeoutMs: 50 });
    await expect(early).rejects.toMatchObject({ code: 'RECIPE_TIMEOUT' });
    expect(await children(all[0]!, path)).toEqual([]);
    await Promise.all(barriers.map((barrier) => barrier.wait(WAIT).then(() => barrier.leave())));
    await barriers[0]!.wait(WAIT);
    await barriers[0]!.leave();
    await barriers[0]!.reset();
    expect(await children(all[0]!, path)).toEqual([]);
  });

  test('a gate holds back until it is opened', async () => {
    const [one, two] = await clients(2);
    const path = freshPath();
    const gate = new Gate(one!, path);
    await gate.shut();
    await gate.shut();
    await expect(new Gate(two!, path).pass({ timeoutMs: 50 })).rejects.toMatchObject({ code: 'RECIPE_TIMEOUT' });
    const passing = new Gate(two!, path).pass(WAIT);
    await gate.open();
    await passing;
  });

  test('a shared counter is changed only by who has seen it, and followed', async () => {
    const [one, two] = await clients(2);
    const path = freshPath();
    const [mine, theirs] = [new SharedCounter(one!, path), new SharedCounter(two!, path)];
    const seen = await mine.get();
    expect(await theirs.trySet(await theirs.get(), 7)).toMatchObject({ value: 7 });
    expect(await mine.trySet(seen, 1)).toBeNull();
    const values = mine.follow();
    expect((await nextOf(values)).value).toBe(7);
    await theirs.set(8);
    expect((await nextOf(values)).value).toBe(8);
    await values.return();
    await one!.setData(path, 'not a number');
    await expect(mine.get()).rejects.toMatchObject({ code: 'RECIPE_FOREIGN_DATA' });
  });

  test('a persistent node comes back after a deletion and after a lost session, and goes when closed', async () => {
    const [one, operator] = await clients(2);
    const path = freshPath();
    const node = new PersistentNode(one!, path, 'first');
    node.start();
    const owner = async () => (await operator!.exists(path))?.ephemeralOwner ?? null;
    await waitFor(async () => (await owner()) !== null, { ...WAIT, what: 'the node' });
    await operator!.delete(path);
    await waitFor(async () => (await owner()) !== null, { ...WAIT, what: 'the node again' });
    node.setData('second');
    await waitFor(async () => (await operator!.getData(path)).data.toString() === 'second', {
      ...WAIT,
      what: 'the new data',
    });
    const before = await owner();
    await expire(one!);
    await waitFor(async () => ![null, before].includes(await owner()), { ...WAIT, what: 'the node of a new session' });
    expect((await operator!.getData(path)).data.toString()).toBe('second');
    await node.close();
    expect(await owner()).toBeNull();
  });

  test('members see each other come and go', async () => {
    const [one, two] = await clients(2);
    const path = freshPath();
    const first = new Group(one!, path, 'first', { data: '1' });
    await first.start();
    const second = new Group(two!, path, 'second', { data: '2' });
    await second.start();
    await waitFor(() => first.members.size === 2 && second.members.size === 2, { ...WAIT, what: 'both members' });
    expect(first.members.get('second')?.toString()).toBe('2');
    await second.close();
    await waitFor(() => first.members.size === 1, { ...WAIT, what: 'the second gone' });
    await first.close();
  });

  test('a configuration is followed, and a value that is no good is not applied', async () => {
    const [one, publisher] = await clients(2);
    const path = freshPath();
    const store = new ConfigStore(publisher!, path);
    const rejected: unknown[] = [];
    const limits = new ConfigStore(one!, path).follow<number>('limit', {
      parse: (data) => JSON.parse(data.toString()) as number,
      fallback: 1,
      onRejected: (error) => rejected.push(error),
    });
    expect((await nextOf(limits)).value).toBe(1);
    await store.publish('limit', '2');
    expect((await nextOf(limits)).value).toBe(2);
    await store.publish('limit', 'nonsense');
    const after = nextOf(limits);
    await waitFor(() => rejected.length === 1, { ...WAIT, what: 'the rejection' });
    await store.publish('limit', '3');
    expect((await after).value).toBe(3);
    const { version } = (await store.get('limit'))!;
    await store.publish('limit', '4', version);
    await expect(store.publish('limit', '5', version)).rejects.toMatchObject({ code: 'RECIPE_FENCED' });
    await expect(store.publish('a/b', '')).rejects.toMatchObject({ code: 'RECIPE_MISUSED' });
    await store.publishAll(new Map([['a', { value: '1' }], ['b', { value: '2' }]])); // prettier-ignore
    expect(await store.keys()).toEqual(['a', 'b', 'limit']);
    await limits.return();
  });

  test('names are unique, say their type, and are tidied up', async () => {
    const all = await clients(3);
    const path = freshPath();
    const names = await Promise.all(
      all.flatMap((one) => {
        const naming = new SequentialNames(one, path);
        return Array.from({ length: 5 }, () => naming.take('job'));
      }),
    );
    expect(new Set(names).size).toBe(15);
    expect(names[0]).toMatch(/^job-\d{10}$/);
    const naming = new SequentialNames(all[0]!, path);
    expect(await naming.trim('job', 2)).toBe(13);
    const next = await naming.take('job');
    expect(names).not.toContain(next);
    await expect(naming.take('a/b')).rejects.toMatchObject({ code: 'RECIPE_MISUSED' });
  });

  test('services find each other, and are gone when they withdraw', async () => {
    const [server, caller] = await clients(2);
    const path = freshPath();
    const discovery = new ServiceDiscovery(server!, path);
    const registrations = ['a', 'b'].map((id) =>
      discovery.register({ name: 'orders', id, address: '127.0.0.1', port: 8080 }),
    );
    const provider = new ServiceDiscovery(caller!, path).provider('orders', { failuresAllowed: 1 });
    await provider.start();
    await waitFor(() => provider.instances.length === 2, { ...WAIT, what: 'both instances' });
    provider.noteFailure(provider.instances[0]!);
    expect([provider.pick()!.id, provider.pick()!.id]).toEqual(['b', 'b']);
    await registrations[1]!.withdraw();
    await waitFor(() => provider.instances.length === 1, { ...WAIT, what: 'one instance' });
    expect(provider.pick()!.id).toBe('a');
    await registrations[0]!.withdraw();
    await waitFor(() => provider.pick() === null, { ...WAIT, what: 'nobody' });
    await provider.close();
  });

  test('of three processes on one schedule one runs each tick', async () => {
    const all = await clients(3);
    const root = freshPath();
    const ran: string[] = [];
    const crons = all.map((one) => {
      return new ClusterCron(one, 'tidy', every(100), ({ fireTime }) => void ran.push(fireTime.toISOString()), {
        root,
      });
    });
    for (const cron of crons) cron.start();
    await waitFor(() => ran.length >= 5, { ...WAIT, what: 'five ticks' });
    for (const cron of crons) await cron.close();
    expect(new Set(ran).size).toBe(ran.length);
    expect((await crons[0]!.history()).map((time) => time.toISOString())).toEqual([...ran].sort());
  });
});
