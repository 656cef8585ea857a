/** A server that has lost its quorum still reads, for those who ask for that. Menagerie's servers have no such mode yet. */
import {
  engineAvailable,
  fourLetterWord,
  startTestEnsemble,
  waitFor,
  type TestEnsemble,
} from '@menagerie/zookeeper-testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { ConnectOptions, StateChange, WatchEvent } from './api.js';
import { ZooKeeper } from './zookeeper.js';

const { available, reason } = engineAvailable('apache');
const patience = (what: string) => ({ timeoutMs: 40_000, what });

describe.skipIf(!available)(`read-only mode (apache)${available ? '' : ` (skipped: ${reason})`}`, () => {
  let ensemble: TestEnsemble;
  beforeAll(async () => {
    ensemble = await startTestEnsemble({
      servers: 3,
      engine: 'apache',
      // Only sessions that one server keeps for itself can be opened without a quorum.
      config: { localSessionsEnabled: 'true', localSessionsUpgradingEnabled: 'true' },
      systemProperties: { 'readonlymode.enabled': 'true' },
    });
  });
  afterAll(() => ensemble?.close());

  const connect = async (options: Partial<ConnectOptions>) => {
    const defaults = { connect: ensemble.connectString, sessionTimeoutMs: 3_000, connectTimeoutMs: 90_000 };
    const client = await ZooKeeper.connect({ ...defaults, ...options });
    onTestFinished(async () => void (await client.close()));
    return client;
  };

  it('reads without a quorum, refuses to write, and finds back to a server that can', async () => {
    const [old, witness] = await Promise.all([connect({ canBeReadOnly: true }), connect({})]);
    await old.create('/before', 'x');
    const changes: StateChange[] = [];
    old.on('state', (change) => changes.push(change));
    await ensemble.kill(2);
    await ensemble.kill(3);
    await waitFor(() => old.state === 'read-only', patience('the client to read only'));
    expect(changes[0]).toMatchObject({ state: 'suspended', previous: 'connected' });
    expect(['suspended', 'lost']).toContain(witness.state);
    const fresh = await connect({ canBeReadOnly: true });
    for (const client of [old, fresh]) {
      expect(client.state).toBe('read-only');
      expect((await client.getData('/before')).data.toString()).toBe('x');
      await expect(client.create('/during')).rejects.toMatchObject({ code: 'ZK_NOT_READ_ONLY', outcome: 'not-done' });
    }
    const events: WatchEvent[] = [];
    await fresh.getData('/before', { watch: (event) => events.push(event) });

    await ensemble.start(2);
    const all = [old, fresh, witness];
    await waitFor(() => all.every(({ state }) => state === 'connected'), patience('all to be able to write'));
    expect(fresh.session!.generation).toBe(1);
    await old.setData('/before', 'y');
    await waitFor(() => events.length > 0, patience('the watch that was left while reading only'));
    expect(changes.slice(-2)).toMatchObject([
      { state: 'connecting' },
      { state: 'connected', reason: 'session-created' },
    ]);
    await ensemble.start(3);
  });

  it('is not for who did not ask for it: no session, and the reason', async () => {
    const leader = await ensemble.waitForLeader();
    const others = ensemble.servers.filter(({ id }) => id !== leader.id);
    for (const { id } of others) await ensemble.kill(id);
    const isRo = async (): Promise<boolean> =>
      (await fourLetterWord(leader.host, leader.clientPort, 'isro')).trim() === 'ro';
    await waitFor(isRo, patience('the server to notice'));
    const connecting = connect({ connect: leader.address, connectTimeoutMs: 3_000 });
    await expect(connecting).rejects.toMatchObject({ code: 'ZK_CONNECT_FAILED' });
    for (const { id } of others) ensemble.launch(id);
    await ensemble.waitForLeader();
  });
});
