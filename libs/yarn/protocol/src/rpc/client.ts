/**
 * People and programs to ResourceManager: submit, list, kill. Paths, envelopes and field names of what is read are those
 * of YARN's web services (ResourceManagerRest.md), so their tools can read it; what is submitted is our own, plainer JSON.
 */
import { z } from 'zod';
import { applicationIdSchema } from '../ids.js';
import { resourceSchema } from '../resources.js';
import { ApplicationState, FinalStatus, HaState, NodeState } from '../states.js';
import { launchContextSchema } from './container.js';

export const newApplicationSchema = z.object({
  applicationId: applicationIdSchema,
  /** No container, the master's included, can be larger. */
  maximumResource: resourceSchema,
});
export type NewApplication = z.infer<typeof newApplicationSchema>;

export const submitRequestSchema = z.object({
  context: z.object({
    applicationId: applicationIdSchema,
    name: z.string().min(1).max(500),
    queue: z.string().min(1).max(100),
    priority: z.number().int().min(0).max(1_000),
    master: launchContextSchema,
    resource: resourceSchema,
    applicationType: z.string().min(1).max(100),
    maxAttempts: z.number().int().min(0).max(100),
    tags: z.array(z.string().max(100)).max(50),
  }),
  user: z.string().min(1).max(100),
});
export type SubmitRequest = z.infer<typeof submitRequestSchema>;

/** The answer comes before the application is stored: ask until it has left NEW_SAVING. */
export const submitResponseSchema = z.object({ applicationId: applicationIdSchema, state: z.string() });
export type SubmitResponse = z.infer<typeof submitResponseSchema>;

const applicationStateSchema = z.enum(Object.values(ApplicationState) as [ApplicationState, ...ApplicationState[]]);

export const attemptReportSchema = z.object({
  appAttemptId: z.string(),
  attemptState: z.string(),
  containerId: z.string().nullable(),
  nodeId: z.string().nullable(),
  nodeHttpAddress: z.string().nullable(),
  startTime: z.number(),
  finishedTime: z.number(),
  exitStatus: z.number(),
  diagnostics: z.string(),
});
export type AttemptReport = z.infer<typeof attemptReportSchema>;

export const applicationReportSchema = z.object({
  id: applicationIdSchema,
  user: z.string(),
  name: z.string(),
  queue: z.string(),
  state: applicationStateSchema,
  /** The state inside the ResourceManager, with its saving and finishing steps. */
  rmState: z.string(),
  finalStatus: z.enum(Object.values(FinalStatus) as [FinalStatus, ...FinalStatus[]]),
  /** 0 to 100. */
  progress: z.number(),
  trackingUrl: z.string(),
  diagnostics: z.string(),
  clusterId: z.number(),
  applicationType: z.string(),
  priority: z.number(),
  startedTime: z.number(),
  finishedTime: z.number(),
  elapsedTime: z.number(),
  amHostHttpAddress: z.string(),
  currentAttemptId: z.string().nullable(),
  allocatedMB: z.number(),
  allocatedVCores: z.number(),
  runningContainers: z.number(),
  memorySeconds: z.number(),
  vcoreSeconds: z.number(),
  /** What the master counts; empty when the ResourceManager has not heard from it yet. */
  counters: z.record(z.string(), z.number()),
  attempts: z.array(attemptReportSchema),
});
export type ApplicationReport = z.infer<typeof applicationReportSchema>;

export const applicationSchema = z.object({ app: applicationReportSchema });
export const applicationsSchema = z.object({ apps: z.object({ app: z.array(applicationReportSchema) }) });

export const nodeReportSchema = z.object({
  id: z.string(),
  state: z.enum(Object.values(NodeState) as [NodeState, ...NodeState[]]),
  nodeHTTPAddress: z.string(),
  lastHealthUpdate: z.number(),
  numContainers: z.number(),
  usedMemoryMB: z.number(),
  availMemoryMB: z.number(),
  usedVirtualCores: z.number(),
  availableVirtualCores: z.number(),
});
export type NodeReport = z.infer<typeof nodeReportSchema>;
export const nodesSchema = z.object({ nodes: z.object({ node: z.array(nodeReportSchema) }) });

export const killRequestSchema = z.object({
  state: z.literal('KILLED'),
  diagnostics: z.string().max(1_000).optional(),
});

/** Counters of the state store's writes since the process started. */
export const storeCountersSchema = z.object({
  /** Transactions that were committed. */
  committed: z.number().int(),
  /** Transactions refused with NoAuth: another ResourceManager holds the fence. */
  fenced: z.number().int(),
  /** Transactions given up for another reason. */
  failed: z.number().int(),
  /** Writes thrown away because the store was fenced, failed or closed already. */
  dropped: z.number().int(),
  /** Transactions sent again after a lost reply. */
  retried: z.number().int(),
  /** Waiting at the moment. */
  queued: z.number().int(),
});
export type StoreCounters = z.infer<typeof storeCountersSchema>;

/** Who this ResourceManager is and what it believes. Answered by actives and standbys alike. */
export const clusterInfoSchema = z.object({
  id: z.number(),
  startedOn: z.number(),
  state: z.string(),
  haState: z.enum(Object.values(HaState) as [HaState, ...HaState[]]),
  rmId: z.string(),
  clusterId: z.string(),
  pid: z.number().int(),
  rmStateStoreName: z.string(),
  haZooKeeperConnectionState: z.string(),
  /** When it became active last, which names this life; 0 if it never was. */
  clusterTimestamp: z.number(),
  /** The epoch of this life, in the ids of its containers; null while standby. */
  epoch: z.number().nullable(),
  elector: z.object({
    state: z.string(),
    /** `0x...`, as ZooKeeper's own commands print it; null without a session. */
    sessionId: z.string().nullable(),
    joined: z.number().int(),
  }),
  store: z.object({
    state: z.string(),
    sessionId: z.string().nullable(),
    counters: storeCountersSchema,
    lastFailure: z.string().nullable(),
  }),
  /** The last changes of role, oldest first, at most 50. */
  transitions: z.array(z.object({ atMs: z.number(), haState: z.string(), why: z.string(), tookMs: z.number() })),
});
export type ClusterInfo = z.infer<typeof clusterInfoSchema>;
export const clusterInfoEnvelopeSchema = z.object({ clusterInfo: clusterInfoSchema });

export const clusterMetricsSchema = z.object({
  clusterMetrics: z.object({
    appsSubmitted: z.number(),
    appsRunning: z.number(),
    appsPending: z.number(),
    appsCompleted: z.number(),
    appsFailed: z.number(),
    appsKilled: z.number(),
    totalMB: z.number(),
    allocatedMB: z.number(),
    availableMB: z.number(),
    totalVirtualCores: z.number(),
    allocatedVirtualCores: z.number(),
    availableVirtualCores: z.number(),
    containersAllocated: z.number(),
    activeNodes: z.number(),
    lostNodes: z.number(),
  }),
});
export type ClusterMetrics = z.infer<typeof clusterMetricsSchema>['clusterMetrics'];
