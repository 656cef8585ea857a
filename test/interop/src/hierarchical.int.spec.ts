/** Quorums of groups and weights, on servers that die: what may be lost is not a number of servers. */
import { ZooKeeper } from '@menagerie/zookeeper-client';
import {
  apacheAvailable,
  type Engine,
  startTestEnsemble,
  type TestEnsemble,
  waitFor,
} from '@menagerie/zookeeper-testing';
import { describe, expect, it } from 'vitest';
import { isExtended, leftOut } from './extended.js';

const PATIENCE_MS = 30_000;

/** A new session, and a write through it. */
async function write(ensemble: TestEnsemble, ids: readonly number[], path: string): Promise<void> {
  const connect = ids.map((id) => ensemble.server(id).address).join(',');
  const client = await ZooKeeper.connect({ connect, sessionTimeoutMs: 8000, connectTimeoutMs: PATIENCE_MS });
  try {
    await client.create(path, 'x');
  } finally {
    await client.close();
  }
}

async function serves(ensemble: TestEnsemble, ids: readonly number[], expected: boolean): Promise<void> {
  const all = async (): Promise<boolean> => {
    const modes = await Promise.all(ids.map((id) => ensemble.server(id).mode()));
    return modes.every((mode) => (mode !== null) === expected);
  };
  await waitFor(all, { timeoutMs: PATIENCE_MS, what: `${ids.join(', ')} ${expected ? '' : 'not '}to serve` });
}

describe('nine servers in three groups', () => {
  it('serve with four, two of each of two groups, and not with five of which only one group has its majority', async () => {
    await using ensemble = await startTestEnsemble({
      servers: 9,
      tickTimeMs: 200,
      config: { 'group.1': '1:2:3', 'group.2': '4:5:6', 'group.3': '7:8:9' },
    });
    // A whole group, and one of each other: the four that are left are a quorum.
    await Promise.all([7, 8, 9, 3, 6].map((id) => ensemble.kill(id)));
    const four = [1, 2, 4, 5];
    await serves(ensemble, four, true);
    await write(ensemble, four, '/by-four');
    // One group complete and one of each other: five servers, and no quorum.
    await ensemble.kill(5);
    await serves(ensemble, [1, 2, 4], false);
    ensemble.launch(3);
    ensemble.launch(9);
    await waitFor(() => Promise.resolve(ensemble.server(9).running), { timeoutMs: PATIENCE_MS, what: 'server 9' });
    await serves(ensemble, [1, 2, 3, 4, 9], false);
    ensemble.launch(6);
    await serves(ensemble, [1, 2, 3, 4, 6, 9], true);
    await write(ensemble, [1, 4, 9], '/by-six');
  }, 120_000);
});

const embedded: readonly Engine[] = ['embedded', 'embedded', 'embedded'];
const mixed: readonly Engine[] = ['menagerie', 'apache', 'menagerie'];
const kinds = isExtended && apacheAvailable().available ? [embedded, mixed] : [embedded];

describe(`a server without weight${leftOut}`, () => {
  it.each(kinds)(
    'does not count, and does not lead (%s, %s, %s)',
    async (...engine) => {
      await using ensemble = await startTestEnsemble({
        servers: 3,
        engine,
        config: { 'group.1': '1:2:3', 'weight.1': '1', 'weight.2': '1', 'weight.3': '0' },
      });
      // It has the highest id, and would win any vote of equals.
      expect((await ensemble.waitForLeader()).id).not.toBe(3);
      await ensemble.kill(3);
      await serves(ensemble, [1, 2], true);
      await write(ensemble, [1, 2], '/without-it');
      await ensemble.start(3);
      await ensemble.kill(2);
      await serves(ensemble, [1, 3], false);
      await ensemble.start(2);
      await serves(ensemble, [1, 2, 3], true);
      await write(ensemble, [3], '/again');
    },
    120_000,
  );
});
