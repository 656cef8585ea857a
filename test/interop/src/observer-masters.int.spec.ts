/** Observers that observe through followers, of either kind, and what their clients notice of it: nothing. */
import { CreateMode } from '@menagerie/zookeeper-protocol';
import {
  allocatePort,
  engineAvailable,
  fourLetterWord,
  releasePort,
  startTestEnsemble,
  waitFor,
  type Engine,
  type TestEnsemble,
  type TestServer,
} from '@menagerie/zookeeper-testing';
import { clientOf, treeOf, WritingLoad } from '@menagerie/zookeeper-witness';
import { expect, it, onTestFinished } from 'vitest';
import { isExtended } from './extended.js';

const OBSERVER = 4;

/** Three voters and an observer, each with an address of its own, since the port for observers is the same on all. */
async function ensembleOf(voters: Engine, observer: Engine): Promise<TestEnsemble> {
  const port = await allocatePort();
  onTestFinished(() => releasePort(port));
  const ensemble = await startTestEnsemble({
    servers: 4,
    observers: [OBSERVER],
    engine: [voters, voters, voters, observer],
    place: (id) => ({ host: `127.0.0.${id + 1}` }),
    config: { observerMasterPort: String(port) },
  });
  onTestFinished(() => ensemble.close());
  return ensemble;
}

async function observersOf(server: TestServer): Promise<number> {
  const text = await fourLetterWord(server.host, server.clientPort, 'mntr');
  return Number(/^zk_synced_observers\t(\d+)/m.exec(text)?.[1]);
}

/** The last is the one that asks most of us: our masters, somebody else's observer. */
const engines: readonly [voters: Engine, observer: Engine][] = [
  ['menagerie', 'menagerie'],
  ['apache', 'menagerie'],
  ['menagerie', 'apache'],
];

for (const [voters, observer] of isExtended ? engines : engines.slice(-1)) {
  const absent = [voters, observer].map(engineAvailable).find(({ available }) => !available);
  const title = `an observer (${observer}) observes through followers (${voters}), and finds another when its own dies`;
  it.skipIf(absent !== undefined)(absent === undefined ? title : `${title} (skipped: ${absent.reason})`, async () => {
    const ensemble = await ensembleOf(voters, observer);
    const leader = await ensemble.waitForLeader();
    expect(await observersOf(leader)).toBe(0);
    const watching = ensemble.server(OBSERVER);
    const load = await WritingLoad.start(watching.address, '/through');
    onTestFinished(() => load.close());
    const elsewhere = await clientOf(leader.address);
    onTestFinished(async () => void (await elsewhere.close()));
    await elsewhere.create('/seen', 'x');
    const client = await clientOf(watching.address);
    await client.sync('/');
    expect((await client.getData('/seen')).data.toString()).toBe('x');
    await client.create('/seen/e', '', { mode: CreateMode.ephemeral });
    await client.close();
    await elsewhere.sync('/');
    expect(await elsewhere.exists('/seen/e')).toBeNull();
    await load.more();
    for (const follower of ensemble.servers.filter(({ id }) => id !== OBSERVER && id !== leader.id)) {
      await ensemble.kill(follower.id);
      await waitFor(async () => (await watching.mode()) === 'observer', { timeoutMs: 30_000, what: 'another master' });
      await load.more();
      await ensemble.start(follower.id);
    }
    expect(await load.end()).toMatchObject({ sessionKept: true, ephemeralKept: true, wrongAnswers: [] });
    expect(await treeOf(watching)).toEqual(await treeOf(leader));
  });
}
