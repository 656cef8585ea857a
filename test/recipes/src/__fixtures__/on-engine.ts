/** What the suites share: clients that are closed again, fresh paths, sessions that end. */
import { ZooKeeper, type ConnectOptions, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { engineAvailable, startTestEnsemble, type Engine, type TestEnsemble } from '@menagerie/zookeeper-testing';
import { afterAll, beforeAll, it, onTestFinished } from 'vitest';

const SESSION_TIMEOUT_MS = 4000;
export const WAIT = { timeoutMs: 20_000 };

/** Call it inside a `describe`. @param options of all clients: another driver, for instance */
export function onEngine(engine: Engine, options: Pick<ConnectOptions, 'driver'> = {}) {
  const availability = engineAvailable(engine);
  // Skipped where the engine is not installed; the reason stands in the output.
  const missing = availability.available ? null : availability.reason;
  let ensemble: TestEnsemble;
  let nextPath = 0;
  beforeAll(async () => {
    if (missing === null) ensemble = await startTestEnsemble({ engine });
  });
  afterAll(() => ensemble?.close());

  const client = async (): Promise<ZooKeeperClient> => {
    const made = await ZooKeeper.connect({
      ...options,
      connect: ensemble.connectString,
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
    });
    onTestFinished(async () => void (await made.close()));
    return made;
  };
  return {
    test: it.skipIf(missing !== null),
    client,
    clients: (count: number) => Promise.all(Array.from({ length: count }, client)),
    freshPath: () => `/recipe-${(nextPath += 1)}/dir`,
    expire: (one: ZooKeeperClient) => ensemble.expireSession(one.session!.id, one.session!.password),
    children: async (one: ZooKeeperClient, path: string) => (await one.getChildren(path)).children,
  };
}

/** An iterator's next value. */
export async function nextOf<T>(iterator: AsyncIterator<T>): Promise<T> {
  const { done, value } = await iterator.next();
  if (done) throw new Error('expected one more value, the iteration has ended');
  return value;
}
