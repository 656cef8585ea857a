/** The other znodes: controller, cluster id, notifications, configs, blocks of producer ids. */
import { encodeJson, JsonNode } from './json.js';
import {
  CLUSTER_ID,
  CONFIG_CHANGES,
  CONTROLLER,
  CONTROLLER_EPOCH,
  DEFAULT_ENTITY,
  ISR_CHANGES,
  PREFERRED_ELECTION,
  PRODUCER_ID_BLOCK,
  REASSIGN_PARTITIONS,
} from './paths.js';
import { ZnodeError } from '../errors.js';

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export const encodeController = (brokerId: number, timestampMs: number): Buffer =>
  encodeJson({ version: 1, brokerid: brokerId, timestamp: String(timestampMs) });
/** @throws ZnodeError */
export const decodeController = (data: Buffer): number => new JsonNode(CONTROLLER, data).int('brokerid');

export const encodeControllerEpoch = (epoch: number): Buffer => Buffer.from(String(epoch));
/** @throws ZnodeError */
export function decodeControllerEpoch(data: Buffer): number {
  const text = data.toString('utf8');
  if (!/^\d{1,10}$/.test(text)) throw new ZnodeError(CONTROLLER_EPOCH, 'a number', data);
  return Number(text);
}

export const encodeClusterId = (id: string): Buffer => encodeJson({ version: '1', id });
/** @throws ZnodeError */
export const decodeClusterId = (data: Buffer): string => new JsonNode(CLUSTER_ID, data).text('id');

const encodePartitions = (partitions: readonly TopicPartition[]): Buffer =>
  encodeJson({ version: 1, partitions: partitions.map(({ topic, partition }) => ({ topic, partition })) });

function decodePartitions(path: string, data: Buffer): readonly TopicPartition[] {
  return new JsonNode(path, data)
    .objects('partitions')
    .map((json) => ({ topic: json.text('topic'), partition: json.int('partition') }));
}

export const encodeIsrChange = encodePartitions;
/** @throws ZnodeError */
export const decodeIsrChange = (data: Buffer): readonly TopicPartition[] => decodePartitions(ISR_CHANGES, data);
export const encodePreferredElection = encodePartitions;
/** @throws ZnodeError */
export const decodePreferredElection = (data: Buffer): readonly TopicPartition[] =>
  decodePartitions(PREFERRED_ELECTION, data);

export interface Reassignment extends TopicPartition {
  readonly replicas: readonly number[];
}

/** The tool's order of before KIP-455. @throws ZnodeError */
export function decodeReassignments(data: Buffer): readonly Reassignment[] {
  return new JsonNode(REASSIGN_PARTITIONS, data).objects('partitions').map((json) => ({
    topic: json.text('topic'),
    partition: json.int('partition'),
    replicas: json.ints('replicas'),
  }));
}

export const encodeReassignments = (reassignments: readonly Reassignment[]): Buffer =>
  encodeJson({
    version: 1,
    partitions: reassignments.map(({ topic, partition, replicas }) => ({ topic, partition, replicas })),
  });

export type Configs = Readonly<Record<string, string>>;

export const encodeConfig = (config: Configs): Buffer => encodeJson({ version: 1, config });
/** @throws ZnodeError */
export const decodeConfig = (path: string, data: Buffer): Configs =>
  data.length === 0 ? {} : new JsonNode(path, data).textMap('config');

export interface ConfigChange {
  /** `topics`, `brokers`, ... */
  readonly type: string;
  readonly entity: string;
}

export const encodeConfigChange = ({ type, entity }: ConfigChange): Buffer =>
  encodeJson({ version: 2, entity_path: `${type}/${entity}` });

/** Both versions. @throws ZnodeError */
export function decodeConfigChange(data: Buffer): ConfigChange {
  const json = new JsonNode(CONFIG_CHANGES, data);
  if (json.int('version') === 1) return { type: json.text('entity_type'), entity: json.text('entity_name') };
  const [type = '', ...entity] = json.text('entity_path').split('/');
  return { type, entity: entity.join('/') || DEFAULT_ENTITY };
}

export interface ProducerIdBlock {
  readonly brokerId: number;
  readonly first: number;
  /** Inclusive. */
  readonly last: number;
}

const PRODUCER_ID_BLOCK_SIZE = 1000;

export const encodeProducerIdBlock = ({ brokerId, first, last }: ProducerIdBlock): Buffer =>
  encodeJson({ version: 1, broker: brokerId, block_start: String(first), block_end: String(last) });

/** The block behind the one in the znode, which is empty at first. @throws ZnodeError */
export function nextProducerIdBlock(current: Buffer, brokerId: number): ProducerIdBlock {
  const first = current.length === 0 ? 0 : new JsonNode(PRODUCER_ID_BLOCK, current).int('block_end') + 1;
  return { brokerId, first, last: first + PRODUCER_ID_BLOCK_SIZE - 1 };
}
