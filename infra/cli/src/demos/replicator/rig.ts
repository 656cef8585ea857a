/** What the demos of the replicator share: the stage, and the judgment at the end. */
import { databaseMissing } from '@menagerie/platform-database';
import type { TestService } from '@menagerie/platform-testing';
import type { TableSum } from '@menagerie/replicator-core';
import { ShopLoad, TestReplicator, type TestReplicatorOptions } from '@menagerie/replicator-testing';
import { UsageError } from '../../errors.js';
import type { DemoStage } from '../demo.js';
import { until } from '../until.js';

export const WAIT_MS = 90_000;
export const TASK = 'copy_hot_item';

/** @throws UsageError when there is no MariaDB to be had */
export async function openStage(stage: DemoStage, options: TestReplicatorOptions = {}): Promise<TestReplicator> {
  const missing = databaseMissing();
  if (missing !== null) throw new UsageError(missing);
  const replicator = await TestReplicator.start(options);
  stage.mark('two MariaDB servers, a shop with 200 items, a server and a monitor of the replicator, on free ports');
  return replicator;
}

/** Waits until this one runs the task. */
export async function runs(
  { signal }: DemoStage,
  replicator: TestReplicator,
  key: string,
  not: readonly TestService[] = [],
): Promise<TestService> {
  return await until(`a core that runs ${key}`, { timeoutMs: WAIT_MS, signal, everyMs: 20 }, async () => {
    const core = await replicator.running(key);
    return core === null || not.includes(core) ? undefined : core;
  });
}

/** Waits until so many rows more have arrived. @returns how long that took */
export async function rowsArrive(
  { signal }: DemoStage,
  replicator: TestReplicator,
  key: string,
  more: number,
): Promise<void> {
  const rows = async () => (await replicator.status(key))?.lastCommit?.rows ?? 0;
  const before = await rows();
  await until(`${more} more rows`, { timeoutMs: WAIT_MS, signal, everyMs: 50 }, async () =>
    (await rows()) >= before + more ? true : undefined,
  );
}

/** Ends the load, waits until everything has arrived, and states that both sides are the same. */
export async function verifyEqual(
  stage: DemoStage,
  replicator: TestReplicator,
  keys: readonly string[],
  load: ShopLoad,
): Promise<void> {
  await load.stop();
  for (const key of keys) {
    const { isEqual, isCaughtUp, differences, source, target, targetGtid } = await replicator.caughtUp(key);
    stage.mark(`${load.committed} transactions were committed; ${key} is at ${targetGtid}`);
    stage.verify(
      `${key}: no row is lost, none is there twice: the sums of all tables are equal`,
      isEqual && isCaughtUp,
      isEqual ? `${describe(source)} on both sides` : `${differences.join('; ')}; caught up: ${isCaughtUp}`,
    );
    await verifyOrders(stage, replicator, key, load, target);
  }
}

/** What the customers were told, against what is at the target: the source itself might have lost it. */
async function verifyOrders(
  { verify }: DemoStage,
  replicator: TestReplicator,
  key: string,
  load: ShopLoad,
  sums: readonly TableSum[],
): Promise<void> {
  if (!sums.some(({ table }) => table === 'orders')) return;
  const pool = replicator.databases.target.pool(1);
  const [rows] = await pool.query('SELECT CAST(id AS CHAR) AS id, state FROM orders');
  await pool.end();
  const there = new Map((rows as { id: string; state: string }[]).map(({ id, state }) => [Number(id), state]));
  const wrong = [...load.orders].filter(([id, state]) => !there.has(id) || (state !== null && there.get(id) !== state));
  verify(
    `${key}: every order that a customer was told of is at the target, as it was told`,
    wrong.length === 0,
    `${load.orders.size} orders confirmed, ${wrong.length} missing or in another state`,
  );
}

export const describe = (sums: readonly TableSum[]): string =>
  sums.map(({ table, rows, sum }) => `${table} ${rows} rows ${sum.slice(0, 8)}`).join(', ');

export const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`;
