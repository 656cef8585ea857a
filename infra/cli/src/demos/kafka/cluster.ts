/** The Kafka of the running system, as its demos see it: clients like anybody's, and znodes for the truth. */
import { randomBytes } from 'node:crypto';
import { findGroup, findProcess, KAFKA_BROKER, type Plan } from '@menagerie/topology';
import { isNoNode, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { Kafka, logLevel } from 'kafkajs';

import type { DemoContext } from '../demo.js';
import { until } from '../until.js';

const READY_MS = 30_000;

/** A process that stands still keeps its connections and answers nothing: kafkajs's own limit of 30 s is a long show. */
const ANSWER_MS = 2_000;

/** Patient: a client of a demo outlives every failure that the demo makes. */
export function kafkaClient(plan: Plan): Kafka {
  const brokers = findGroup(plan, KAFKA_BROKER).processes.map(({ host, ports }) => `${host}:${ports['client']}`);
  const retry = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 100 };
  return new Kafka({
    clientId: 'menagerie-demo',
    brokers,
    retry,
    requestTimeout: ANSWER_MS,
    connectionTimeout: ANSWER_MS,
    logLevel: logLevel.NOTHING,
  });
}

/** A name that no earlier run has used. */
export const freshTopic = (what: string): string => `demo-${what}-${randomBytes(4).toString('hex')}`;

/** The process that is broker N. */
export const processOf = (id: number): string => `kafka${id}`;

export interface PartitionState {
  readonly leader: number;
  readonly leaderEpoch: number;
  readonly isr: readonly number[];
}

async function readJson(zk: ZooKeeperClient, path: string): Promise<Record<string, unknown> | undefined> {
  try {
    return JSON.parse((await zk.getData(path)).data.toString('utf8')) as Record<string, unknown>;
  } catch (error) {
    if (isNoNode(error)) return undefined;
    throw error;
  }
}

/** As ZooKeeper has it; undefined while there is none. */
export async function partitionState(
  zk: ZooKeeperClient,
  topic: string,
  partition = 0,
): Promise<PartitionState | undefined> {
  const json = await readJson(zk, `/brokers/topics/${topic}/partitions/${partition}/state`);
  if (json === undefined) return undefined;
  const { leader, leader_epoch: leaderEpoch, isr } = json;
  return { leader: Number(leader), leaderEpoch: Number(leaderEpoch), isr: isr as number[] };
}

export interface ControllerView {
  readonly brokerId: number;
  readonly epoch: number;
}

/** Who is the controller, and how often one was elected; undefined while there is none. */
export async function controllerView(zk: ZooKeeperClient): Promise<ControllerView | undefined> {
  const json = await readJson(zk, '/controller');
  if (json === undefined) return undefined;
  const epoch = Number((await zk.getData('/controller_epoch')).data.toString('utf8'));
  return { brokerId: Number(json['brokerid']), epoch };
}

/** What a broker says of itself. */
export async function brokerSays(
  plan: Plan,
  id: number,
): Promise<{ readonly controllerId: number; readonly controllerEpoch: number | null }> {
  const { host, ports } = findProcess(plan, processOf(id));
  const response = await fetch(`http://${host}:${ports['http']}/broker`, { signal: AbortSignal.timeout(3_000) });
  return (await response.json()) as { controllerId: number; controllerEpoch: number | null };
}

/** Makes a topic with a copy on each broker, and waits until all copies are in sync. */
export async function createTopic(context: DemoContext, client: Kafka, topic: string, partitions = 1): Promise<void> {
  const admin = client.admin();
  await admin.connect();
  try {
    await admin.createTopics({
      topics: [{ topic, numPartitions: partitions, replicationFactor: 3 }],
      waitForLeaders: true,
    });
  } finally {
    await admin.disconnect();
  }
  await inSync(context, topic, 3);
}

export async function deleteTopic(client: Kafka, topic: string): Promise<void> {
  const admin = client.admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [topic] }).finally(() => admin.disconnect());
}

export function inSync(context: DemoContext, topic: string, count: number): Promise<PartitionState> {
  const { signal, zk } = context;
  return until(`${count} replicas in sync`, { timeoutMs: READY_MS, signal }, async () => {
    const state = await partitionState(zk, topic);
    return state?.isr.length === count ? state : undefined;
  });
}
