import { CreateMode, ZooKeeper, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { startTestEnsemble, type TestEnsemble } from '@menagerie/zookeeper-testing';
import { type LeaderIsr, encodePartitionState, partitionPath, partitionStatePath } from '@menagerie/kafka-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { KafkaZk } from '../zookeeper/kafka-zk.js';
import { IsrStore } from './isr-store.js';

let zookeeper: TestEnsemble;
let client: ZooKeeperClient;
let store: IsrStore;
let partition = -1;

beforeAll(async () => {
  zookeeper = await startTestEnsemble();
  client = await ZooKeeper.connect({ connect: zookeeper.connectString, sessionTimeoutMs: 30_000 });
  store = new IsrStore(new KafkaZk(client));
});

afterAll(async () => {
  store?.close();
  await client?.close();
  await zookeeper?.close();
});

/** What broker 1 was told: version 0. */
const told: LeaderIsr = { leader: 1, leaderEpoch: 4, controllerEpoch: 2, isr: [1, 2, 3] };

/** A partition of which broker 1 was told, and then `states` were written, of which it knows nothing. */
async function written(...states: readonly LeaderIsr[]) {
  partition++;
  const path = partitionStatePath('t', partition);
  await client.mkdirp(partitionPath('t', partition));
  await client.create(path, encodePartitionState(told), { mode: CreateMode.persistent });
  for (const state of states) await client.setData(path, encodePartitionState(state));
  return { topic: 't', partition };
}

describe('the ISR as its leader writes it', () => {
  it('is written on the condition of the version that the leader was told', async () => {
    const at = await written();
    expect(await store.write(at, { ...told, isr: [1, 2] }, 0)).toEqual({ kind: 'written', zkVersion: 1 });
  });

  it('is there already when only the answer was lost', async () => {
    const at = await written({ ...told, isr: [1, 2] });
    expect(await store.write(at, { ...told, isr: [1, 2] }, 0)).toEqual({ kind: 'written', zkVersion: 1 });
  });

  it('KAFKA-2729: replaces an earlier write of the same leader epoch whose answer was lost', async () => {
    const at = await written({ ...told, isr: [1, 2] });
    expect(await store.write(at, { ...told, isr: [1, 3] }, 0)).toEqual({ kind: 'written', zkVersion: 2 });
  });

  it('is left alone when a controller has begun another leader epoch, whoever leads in it', async () => {
    for (const leader of [1, 2]) {
      const at = await written({ leader, leaderEpoch: 5, controllerEpoch: 3, isr: [1, 2] });
      expect(await store.write(at, { ...told, isr: [1, 3] }, 0)).toEqual({ kind: 'outdated' });
    }
  });
});
