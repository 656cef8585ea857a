import { setTimeout as momentOfDeath } from 'node:timers/promises';
import { ZooKeeper, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { startTestEnsemble, type TestEnsemble } from '@menagerie/zookeeper-testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStorage, storageConfig } from '../__fixtures__/disk.js';
import { seeded } from '../__fixtures__/seeded.js';

/** Writes in flight at a time: enough for a group commit to hold several. */
const WRITERS = 16;

async function connect(ensemble: TestEnsemble): Promise<ZooKeeperClient> {
  const client = await ZooKeeper.connect({ connect: ensemble.connectString, sessionTimeoutMs: 10_000 });
  onTestFinished(async () => void (await client[Symbol.asyncDispose]()));
  return client;
}

/** Creates nodes until told to stop; `acknowledged` holds those that the client knows to be there. */
function writeNodes(client: ZooKeeperClient, round: number, acknowledged: Set<string>): { stop(): Promise<void> } {
  let next = 0;
  let isOver = false;
  const writer = async (): Promise<void> => {
    while (!isOver) {
      const path = `/r${round}-${next++}`;
      await client.create(path, path).then(
        () => void acknowledged.add(path),
        // Not acknowledged: it may be there or not. While there is no connection calls fail at once.
        () => new Promise((resolve) => setTimeout(resolve, 5)),
      );
    }
  };
  const writers = Array.from({ length: WRITERS }, writer);
  return {
    async stop() {
      isOver = true;
      await Promise.all(writers);
    },
  };
}

async function missing(client: ZooKeeperClient, paths: ReadonlySet<string>): Promise<string[]> {
  const { children } = await client.getChildren('/');
  const there = new Set(children.map((child) => `/${child}`));
  return [...paths].filter((path) => !there.has(path));
}

describe('kill -9', () => {
  const { seed, between } = seeded();

  it(`of a server alone at random moments, while it takes snapshots, loses nothing acknowledged (SEED=${seed})`, async () => {
    const ensemble = await startTestEnsemble({ engine: 'menagerie', config: { snapCount: '100', preAllocSize: '64' } });
    onTestFinished(() => ensemble.close());
    const acknowledged = new Set<string>();
    const client = await connect(ensemble);
    for (let round = 0; round < 12; round++) {
      const writing = writeNodes(client, round, acknowledged);
      await momentOfDeath(between(1, 250));
      await ensemble.kill(1);
      await ensemble.start(1);
      await writing.stop();
      expect(await missing(client, acknowledged), `after round ${round}`).toEqual([]);
    }
    expect(acknowledged.size).toBeGreaterThan(0);
  });

  it(`of leaders and followers in turn loses nothing acknowledged, and all disks end the same (SEED=${seed})`, async () => {
    const ensemble = await startTestEnsemble({
      servers: 3,
      engine: 'menagerie',
      config: { snapCount: '200', preAllocSize: '64' },
    });
    onTestFinished(() => ensemble.close());
    const acknowledged = new Set<string>();
    const client = await connect(ensemble);
    const writing = writeNodes(client, 0, acknowledged);
    for (let round = 0; round < 6; round++) {
      const leader = await ensemble.waitForLeader();
      const victim = round % 2 === 0 ? leader.id : (leader.id % 3) + 1;
      await momentOfDeath(between(50, 400));
      await ensemble.kill(victim);
      await ensemble.waitForLeader();
      await momentOfDeath(between(0, 300));
      await ensemble.start(victim);
    }
    await writing.stop();
    await client.sync('/');
    expect(acknowledged.size).toBeGreaterThan(0);
    expect(await missing(client, acknowledged)).toEqual([]);
    await client.close();
    await Promise.all([1, 2, 3].map((id) => ensemble.stop(id)));
    const states = await Promise.all(ensemble.servers.map(({ dataDir }) => stateOnDisk(dataDir)));
    expect(new Set(states).size, states.join(' ')).toBe(1);
  });
});

async function stateOnDisk(dataDir: string): Promise<string> {
  const { database, storage } = await openStorage(storageConfig(dataDir));
  const { lastProcessedZxid, treeDigest } = database;
  await storage.close();
  return `${lastProcessedZxid.toString(16)}:${treeDigest}`;
}
