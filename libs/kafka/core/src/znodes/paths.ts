/** Where Kafka keeps what in ZooKeeper (ZkData.scala). */
export const BROKER_IDS = '/brokers/ids';
export const BROKER_TOPICS = '/brokers/topics';
export const BROKER_SEQUENCE = '/brokers/seqid';
export const CONTROLLER = '/controller';
export const CONTROLLER_EPOCH = '/controller_epoch';
export const CLUSTER_ID = '/cluster/id';
export const ISR_CHANGES = '/isr_change_notification';
export const LOG_DIR_EVENTS = '/log_dir_event_notification';
export const CONFIG_CHANGES = '/config/changes';
export const DELETE_TOPICS = '/admin/delete_topics';
export const REASSIGN_PARTITIONS = '/admin/reassign_partitions';
export const PREFERRED_ELECTION = '/admin/preferred_replica_election';
export const PRODUCER_ID_BLOCK = '/latest_producer_id_block';

/** Of all kinds of config; `<default>` is the entity that stands for all. */
export const CONFIG_TYPES = ['topics', 'clients', 'users', 'brokers'] as const;
export type ConfigType = (typeof CONFIG_TYPES)[number];
export const DEFAULT_ENTITY = '<default>';

/** Made at start by whichever broker comes first, persistent and empty. */
export const PERSISTENT_PATHS: readonly string[] = [
  '/consumers',
  BROKER_IDS,
  BROKER_TOPICS,
  CONFIG_CHANGES,
  DELETE_TOPICS,
  BROKER_SEQUENCE,
  ISR_CHANGES,
  PRODUCER_ID_BLOCK,
  LOG_DIR_EVENTS,
  ...CONFIG_TYPES.map((type) => `/config/${type}`),
];

export const brokerPath = (id: number): string => `${BROKER_IDS}/${id}`;
export const topicPath = (topic: string): string => `${BROKER_TOPICS}/${topic}`;
export const partitionsPath = (topic: string): string => `${topicPath(topic)}/partitions`;
export const partitionPath = (topic: string, partition: number): string => `${partitionsPath(topic)}/${partition}`;
export const partitionStatePath = (topic: string, partition: number): string =>
  `${partitionPath(topic, partition)}/state`;
export const configPath = (type: ConfigType, entity: string): string => `/config/${type}/${entity}`;
export const deleteTopicPath = (topic: string): string => `${DELETE_TOPICS}/${topic}`;
export const CONFIG_CHANGE_PREFIX = `${CONFIG_CHANGES}/config_change_`;
export const ISR_CHANGE_PREFIX = `${ISR_CHANGES}/isr_change_`;

/** The number that ZooKeeper put behind a sequential node's name. */
export const sequenceOf = (name: string): number => Number(name.slice(-10));
