/** What handlers work with: the parts of a broker, made once and known to each other by this. */
import type { Logger } from '@menagerie/service';

import type { BrokerConfig } from './config/broker-config.js';
import type { TopicConfigs } from './config/topic-configs.js';
import type { Controller } from './controller/controller.js';
import type { GroupCoordinator } from './group/group-coordinator.js';
import type { MetadataCache } from './metadata/metadata-cache.js';
import type { TopicAdmin } from './metadata/topic-admin.js';
import type { BrokerMetrics } from './admin/broker-metrics.js';
import type { Authorizer } from './security/authorizer.js';
import type { ReplicaManager } from './replica/replica-manager.js';
import type { TransactionCoordinator } from './transaction/transaction-coordinator.js';
import type { KafkaZk } from './zookeeper/kafka-zk.js';

export interface BrokerParts {
  readonly brokerId: number;
  readonly clusterId: string;
  /** The czxid of our znode, as of the present session. */
  readonly brokerEpoch: () => bigint;
  /** Resolves with our first registration. */
  readonly registered: () => Promise<void>;
  readonly config: BrokerConfig;
  readonly topicConfigs: TopicConfigs;
  readonly zk: KafkaZk;
  readonly logger: Logger;
  readonly metrics: BrokerMetrics;
  readonly cache: MetadataCache;
  readonly replicas: ReplicaManager;
  readonly controller: Controller;
  readonly topicAdmin: TopicAdmin;
  readonly groups: GroupCoordinator;
  readonly transactions: TransactionCoordinator;
  /** Null: everybody may do everything. */
  readonly authorizer: Authorizer | null;
}
