/** What a ResourceManager is told by its environment. Beside each variable stands YARN's own property. */
import { env, serviceEnv, serviceSettings } from '@menagerie/service';
import {
  DEFAULT_ELECTION_BASE,
  DEFAULT_STORE_PARENT,
  DEFAULT_ZNODE_LIMIT_BYTES,
  defaultRmConfig,
  parseQueues,
  SPLIT_INDEXES,
  type SplitIndex,
} from '@menagerie/yarn-core';
import { z } from 'zod';

const path = (standard: string) =>
  z
    .string()
    .regex(/^(\/[^/\s]+)+$/, 'expected a path like /rmstore')
    .default(standard);

const queues = z.string().transform((text, context) => {
  try {
    return parseQueues(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
    return z.NEVER;
  }
});

const standard = defaultRmConfig;

export const config = z
  .object({
    ...serviceEnv,
    RM_ID: env.text(),
    RM_HTTP_PORT: env.port(),
    /** All ResourceManagers, this one among them: `rm1=127.0.0.1:8088,rm2=127.0.0.1:8089`. */
    RM_ADDRESSES: env.addresses(),
    /** `yarn.resourcemanager.cluster-id` */
    YARN_CLUSTER_ID: env.text(),
    ZK_CONNECT: env.zkConnect(),
    /** `yarn.resourcemanager.zk-timeout-ms`: of both sessions, and how long to stay neutral. */
    YARN_ZK_SESSION_TIMEOUT_MS: env.millis().default(10_000),
    /** For how long a write to the store is tried again while ZooKeeper is away. */
    YARN_ZK_RETRY_MS: env.millis().default(60_000),
    /** How long stepping down waits for a write that is under way, before it breaks it off. */
    YARN_STORE_DRAIN_MS: env.integer(0, 60_000).default(5_000),
    YARN_STORE_PARENT: path(DEFAULT_STORE_PARENT),
    YARN_ELECTION_BASE: path(DEFAULT_ELECTION_BASE),
    /** `yarn.resourcemanager.zk-appid-node.split-index` */
    YARN_APPID_SPLIT_INDEX: env
      .integer(0, 4)
      .default(0)
      .transform((index) => SPLIT_INDEXES[index] as SplitIndex),
    /** `yarn.resourcemanager.zk-max-znode-size.bytes` */
    YARN_ZNODE_LIMIT_BYTES: env.integer(131_072, DEFAULT_ZNODE_LIMIT_BYTES).default(DEFAULT_ZNODE_LIMIT_BYTES),
    /** `name:percent[:maximum],...`, the capacity scheduler's queues. */
    YARN_QUEUES: queues.default(() => standard.scheduler.queues),
    /** `yarn.scheduler.maximum-allocation-mb` and `-vcores` */
    YARN_MAX_ALLOCATION_MB: env.integer(1, 0x7fffffff).default(standard.scheduler.maximumAllocation.memoryMb),
    YARN_MAX_ALLOCATION_VCORES: env.integer(1, 0x7fffffff).default(standard.scheduler.maximumAllocation.vcores),
    YARN_ASSIGNMENTS_PER_HEARTBEAT: env.integer(1, 1_000).default(standard.scheduler.assignmentsPerHeartbeat),
    /** `yarn.scheduler.capacity.maximum-am-resource-percent` */
    YARN_MASTERS_PERCENT: env.integer(1, 100).default(standard.scheduler.mastersPercent),
    /** `yarn.resourcemanager.am.max-attempts` */
    YARN_AM_MAX_ATTEMPTS: env.integer(1, 100).default(standard.maxAttempts),
    /** `yarn.nm.liveness-monitor.expiry-interval-ms` */
    YARN_NM_EXPIRY_MS: env.millis().default(standard.nodeExpiryMs),
    /** `yarn.am.liveness-monitor.expiry-interval-ms` */
    YARN_AM_EXPIRY_MS: env.millis().default(standard.masterExpiryMs),
    /** `yarn.resourcemanager.rm.container-allocation.expiry-interval-ms` */
    YARN_GRANT_EXPIRY_MS: env.millis().default(standard.grantExpiryMs),
    /** `yarn.resourcemanager.nodemanagers.heartbeat-interval-ms` */
    YARN_NM_HEARTBEAT_MS: env.millis().default(standard.heartbeatIntervalMs),
    /** `yarn.resourcemanager.work-preserving-recovery.scheduling-wait-ms` */
    YARN_SCHEDULING_WAIT_MS: env.integer(0, 3_600_000).default(standard.schedulingWaitMs),
    /** `yarn.resourcemanager.max-completed-applications` */
    YARN_MAX_COMPLETED_APPLICATIONS: env.integer(0, 100_000).default(standard.maxCompletedApplications),
  })
  .refine((e) => e.RM_ADDRESSES.has(e.RM_ID), {
    error: 'expected to find RM_ID among its ids',
    path: ['RM_ADDRESSES'],
  })
  .transform((e) => ({
    ...serviceSettings(e, e.RM_HTTP_PORT),
    rmId: e.RM_ID,
    clusterId: e.YARN_CLUSTER_ID,
    zkConnect: e.ZK_CONNECT,
    sessionTimeoutMs: e.YARN_ZK_SESSION_TIMEOUT_MS,
    /** `host:port` by which this ResourceManager is known, also in the fence. */
    rmAddress: addressOf(e.RM_ADDRESSES.get(e.RM_ID)),
    electionBase: e.YARN_ELECTION_BASE,
    store: {
      parent: e.YARN_STORE_PARENT,
      splitIndex: e.YARN_APPID_SPLIT_INDEX,
      znodeLimitBytes: e.YARN_ZNODE_LIMIT_BYTES,
      retryMs: e.YARN_ZK_RETRY_MS,
      drainMs: e.YARN_STORE_DRAIN_MS,
    },
    rm: {
      ...standard,
      scheduler: {
        queues: e.YARN_QUEUES,
        maximumAllocation: { memoryMb: e.YARN_MAX_ALLOCATION_MB, vcores: e.YARN_MAX_ALLOCATION_VCORES },
        assignmentsPerHeartbeat: e.YARN_ASSIGNMENTS_PER_HEARTBEAT,
        mastersPercent: e.YARN_MASTERS_PERCENT,
      },
      maxAttempts: e.YARN_AM_MAX_ATTEMPTS,
      nodeExpiryMs: e.YARN_NM_EXPIRY_MS,
      masterExpiryMs: e.YARN_AM_EXPIRY_MS,
      grantExpiryMs: e.YARN_GRANT_EXPIRY_MS,
      heartbeatIntervalMs: e.YARN_NM_HEARTBEAT_MS,
      schedulingWaitMs: e.YARN_SCHEDULING_WAIT_MS,
      maxCompletedApplications: e.YARN_MAX_COMPLETED_APPLICATIONS,
    },
  }));

export type ResourceManagerConfig = z.infer<typeof config>;

const addressOf = (address: { readonly host: string; readonly port: number } | undefined): string =>
  `${address?.host}:${address?.port}`;
