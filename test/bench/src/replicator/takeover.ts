/** How long a task is without a core that copies, by what happened. */
import { TestReplicator } from '@menagerie/replicator-testing';
import { waitFor } from '@menagerie/zookeeper-testing';

export const TAKEOVERS = ['kill -9', 'SIGSTOP', 'SIGTERM'] as const;
export type Takeover = (typeof TAKEOVERS)[number];

const TASK = 'bench';
const WAIT = { timeoutMs: 60_000, intervalMs: 10 };

/** @returns milliseconds until the other has applied a row that was written after the fall */
export async function measureTakeover(cause: Takeover): Promise<number> {
  await using replicator = await TestReplicator.start({ sessionTimeoutMs: 2_000 });
  await replicator.makeTask(TASK);
  for (const id of ['host1', 'host2']) await replicator.core(id, { task: TASK });
  const first = await waitFor(() => replicator.running(TASK), { ...WAIT, what: 'a core that runs' });
  await replicator.caughtUp(TASK);
  const beganMs = performance.now();
  if (cause === 'SIGSTOP') first.process.pause();
  else void first.process.end(cause === 'kill -9' ? 'SIGKILL' : 'SIGTERM');
  const [source, target] = [replicator.databases.source.pool(1), replicator.databases.target.pool(1)];
  try {
    // The one that falls may still have applied this one; the next it has not.
    for (let stock = -1; ; stock -= 1) {
      await source.query('UPDATE items SET stock = ? WHERE id = 1', [stock]);
      await waitFor(
        async () => {
          const [rows] = await target.query('SELECT stock FROM items WHERE id = 1');
          return (rows as { stock: number }[])[0]?.stock === stock;
        },
        { ...WAIT, what: 'the row at the target' },
      );
      const now = await replicator.running(TASK);
      if (now !== null && now !== first) return performance.now() - beganMs;
    }
  } finally {
    first.process.resume();
    await Promise.all([source.end(), target.end()]);
  }
}
