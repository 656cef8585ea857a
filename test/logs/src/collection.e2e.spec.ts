import { LogsClient } from '@menagerie/logs-client';
import { type DutiesView, listsAt, logsPaths, readPayload } from '@menagerie/logs-core';
import { TestLogs } from '@menagerie/logs-testing';
import { startTestEnsemble, type TestEnsemble, waitFor } from '@menagerie/zookeeper-testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const FINE = { missing: 0, duplicates: 0, outOfOrder: 0, damaged: 0 };

describe('log collection', () => {
  let ensemble: TestEnsemble;
  let logs: TestLogs;

  beforeAll(async () => {
    ensemble = await startTestEnsemble({ servers: 1, tickTimeMs: 500 });
    logs = await TestLogs.start({ zkConnect: ensemble.connectString });
  });
  afterAll(async () => {
    await logs?.close();
    await ensemble?.close();
  });

  const writeAll = (lines: number): void => {
    for (const writer of logs.writers) writer.write(lines);
  };

  async function everyLineOnce(): Promise<void> {
    for (const check of await logs.collected()) expect(check).toMatchObject(FINE);
  }

  const duties = async (address: string): Promise<DutiesView> =>
    (await (await fetch(`http://${address}/duties`)).json()) as DutiesView;

  it('collects every line of rotated files once and in order', async () => {
    for (let round = 0; round < 40; round++) writeAll(50);
    await everyLineOnce();
    expect(logs.writers.some(({ rotations }) => rotations > 0)).toBe(true);
  });

  it("a killed collector's sources go to the others; a collector that blinks keeps its own", async () => {
    const [victim, blinker] = logs.collectors;
    if (victim === undefined || blinker === undefined) throw new Error('expected collectors');
    const before = await logs.settled();
    await logs.configure({ moveDelayMs: 20_000 });
    await blinker.end('SIGKILL');
    writeAll(20);
    await blinker.start();
    writeAll(20);
    await everyLineOnce();
    expect(await logs.owners()).toEqual(before);

    await logs.configure({ moveDelayMs: 500 });
    await victim.end('SIGKILL');
    writeAll(20);
    await everyLineOnce();
    expect([...(await logs.owners()).values()]).not.toContain(victim.id);
    await victim.start();
    await logs.settled();
  });

  it('a collector that was stopped goes on with its list of today, and writes nothing of yesterday', async () => {
    const [zombie] = logs.collectors;
    if (zombie === undefined) throw new Error('expected collectors');
    await logs.settled();
    const { list: stale } = await duties(zombie.address);
    expect(stale.sources.length).toBeGreaterThan(0);
    zombie.pause();
    await waitFor(async () => !new Set((await logs.owners()).values()).has(zombie.id), {
      timeoutMs: 30_000,
      what: 'its sources with others',
    });
    writeAll(30);
    await everyLineOnce();
    zombie.resume();
    writeAll(30);
    await everyLineOnce();
    await waitFor(async () => (await duties(zombie.address)).list.gen > stale.gen, {
      timeoutMs: 10_000,
      what: 'its list of today',
    });
    await logs.settled();
  });

  it('the leading allocator dies: nothing moves, its successor goes on from the lists', async () => {
    const before = await logs.settled();
    const leader = async (): Promise<string> =>
      readPayload.leader((await logs.zk.getData(logsPaths.leader)).data, logsPaths.leader).id;
    const dead = await leader();
    await logs.allocators.find(({ id }) => id === dead)?.end('SIGKILL');
    await waitFor(async () => (await leader()) !== dead, { timeoutMs: 30_000, what: 'another leader' });
    writeAll(10);
    await everyLineOnce();
    expect(await logs.owners()).toEqual(before);
    await logs.allocators.find(({ id }) => id === dead)?.start();
  });

  it('an agent is killed and started again: the stream goes on where it was', async () => {
    for (const agent of logs.agents) await agent.end('SIGKILL');
    for (let round = 0; round < 40; round++) writeAll(50);
    for (const agent of logs.agents) await agent.start();
    writeAll(10);
    await everyLineOnce();
  });

  it('without an ensemble collection goes on, and nobody is declared dead when it is back', async () => {
    const before = await logs.settled();
    await ensemble.stop(1);
    writeAll(30);
    await everyLineOnce();
    await ensemble.start(1);
    await logs.zk.sync('/');
    writeAll(10);
    await everyLineOnce();
    expect(await logs.owners()).toEqual(before);
  });

  it('two collectors of one name: the one started last goes on, the other ends its work, every line is there once', async () => {
    const [first] = logs.collectors;
    if (first === undefined) throw new Error('expected collectors');
    await logs.settled();
    writeAll(20);
    const twin = await logs.startTwin(first.id);
    await waitFor(async () => (await duties(first.address)).list.sources.length === 0, {
      timeoutMs: 30_000,
      what: 'the first one without work',
    });
    writeAll(20);
    await everyLineOnce();
    expect((await duties(twin.address)).list.sources.length).toBeGreaterThan(0);
    await twin.end('SIGKILL');
    await first.end('SIGKILL');
    await first.start();
    await logs.settled();
  });

  it('the history tells what the lists are, and how they came about', async () => {
    await logs.settled();
    const client = new LogsClient({ allocators: logs.allocators.map(({ address }) => address) });
    const { base, entries } = await client.history();
    const now = listsAt(base, entries, Date.now() + 60_000);
    const told = new Map(
      Object.entries(now?.lists ?? {}).flatMap(([id, of]) => (of ?? []).map((source) => [source, id])),
    );
    expect(told).toEqual(new Map(await logs.owners()));
    expect(entries.flatMap(({ why }) => why)).toContainEqual(expect.stringMatching(/^host\d is dead$/));
    expect(listsAt(base, entries, (entries[0]?.at ?? 1) - 1)?.lists).toEqual({});
  });

  it('a list that makes no sense changes nothing', async () => {
    const before = await logs.settled();
    const [first] = logs.collectors;
    const path = logsPaths.collector(first?.id ?? '');
    const { data } = await logs.zk.getData(path);
    await logs.zk.setData(path, 'nonsense');
    writeAll(10);
    await everyLineOnce();
    await logs.zk.setData(path, data);
    expect(await logs.settled()).toEqual(before);
  });
});
