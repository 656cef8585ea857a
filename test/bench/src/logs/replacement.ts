/** How long a killed collector's sources are without one. */
import { countMoves } from '@menagerie/logs-core';
import { LogsClient } from '@menagerie/logs-client';
import { TestLogs } from '@menagerie/logs-testing';
import { startTestEnsemble, waitFor } from '@menagerie/zookeeper-testing';

const WAIT_MS = 60_000;
const LOOK_EVERY_MS = 20;

export interface Replacement {
  readonly noticedMs: number;
  readonly movedMs: number;
  /** Sources that have another collector. */
  readonly moved: number;
  /** Sources that the dead one had. */
  readonly had: number;
}

export async function measureReplacement(): Promise<Replacement> {
  await using ensemble = await startTestEnsemble({ servers: 1 });
  await using logs = await TestLogs.start({ zkConnect: ensemble.connectString, environment: { LOG_LEVEL: 'warn' } });
  const client = new LogsClient({ allocators: logs.allocators.map(({ address }) => address) });
  const before = await logs.settled();
  const [victim] = logs.collectors;
  if (victim === undefined) throw new Error('expected a collector');
  const had = [...before.values()].filter((owner) => owner === victim.id).length;
  const beganMs = performance.now();
  await victim.end('SIGKILL');
  const wait = { timeoutMs: WAIT_MS, intervalMs: LOOK_EVERY_MS };
  await waitFor(async () => (await client.reign()).collectors.find(({ id }) => id === victim.id)?.verdict !== 'alive', {
    ...wait,
    what: 'its silence noticed',
  });
  const noticedMs = performance.now() - beganMs;
  const after = await waitFor(
    async () => {
      const owners = await logs.owners();
      return owners.size === before.size && ![...owners.values()].includes(victim.id) ? owners : null;
    },
    { ...wait, what: 'its sources with others' },
  );
  return { noticedMs, movedMs: performance.now() - beganMs, moved: countMoves(before, after), had };
}
