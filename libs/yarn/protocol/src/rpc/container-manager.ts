/** Master, or ResourceManager for the master's own container, to NodeManager: start and stop (ContainerManagementProtocol). */
import { z } from 'zod';
import { containerIdSchema } from '../ids.js';
import { containerGrantSchema, containerStatusSchema, launchContextSchema } from './container.js';

/**
 * Variables by which a launch context limits its container and by which a NodeManager tells the program who it is.
 * `TIME_LIMIT_MS` is read from the context; the others are set by the NodeManager and overwrite what the context has.
 */
export const ContainerEnvironment = {
  TimeLimitMs: 'YARN_CONTAINER_TIME_LIMIT_MS',
  ContainerId: 'CONTAINER_ID',
  AttemptId: 'YARN_ATTEMPT_ID',
  ApplicationId: 'YARN_APPLICATION_ID',
  NodeId: 'NM_NODE_ID',
  NodeHttpAddress: 'NM_HTTP_ADDRESS',
  RmAddresses: 'RM_ADDRESSES',
  /** What of this container's files other nodes may read through the NodeManager; lasts until the application ends. */
  OutputDir: 'YARN_OUTPUT_DIR',
  LogDir: 'YARN_LOG_DIR',
  /** Only in a master's container. */
  MasterToken: 'YARN_MASTER_TOKEN',
  ContainerToken: 'YARN_CONTAINER_TOKEN',
} as const;

export const startContainerRequestSchema = z.object({
  grant: containerGrantSchema,
  launch: launchContextSchema,
});
export type StartContainerRequest = z.infer<typeof startContainerRequestSchema>;

export const startContainerResponseSchema = z.object({ containerId: containerIdSchema });
export type StartContainerResponse = z.infer<typeof startContainerResponseSchema>;

/** The token is the one of the grant: only who was given the container may stop it. */
export const stopContainerRequestSchema = z.object({ containerId: containerIdSchema, token: z.string().max(4_096) });
export type StopContainerRequest = z.infer<typeof stopContainerRequestSchema>;

export const containerReportSchema = containerStatusSchema.extend({
  pid: z.number().int().nullable(),
  memoryLimitMb: z.number(),
  /** Resident memory of its process tree at the last look, in MB. */
  memoryUsedMb: z.number(),
  timeLimitMs: z.number(),
  startedAtMs: z.number().int(),
  logDir: z.string(),
});
export type ContainerReport = z.infer<typeof containerReportSchema>;

export const nodeInfoSchema = z.object({
  nodeId: z.string(),
  /** Of the ResourceManager it is registered with; null while it looks for one. */
  registeredWith: z.object({ rmId: z.string(), rmIdentifier: z.number().int() }).nullable(),
  startedAtMs: z.number().int(),
  pid: z.number().int(),
  memoryMb: z.number().int(),
  vcores: z.number().int(),
  registrations: z.number().int(),
  resyncs: z.number().int(),
  containers: z.array(containerReportSchema),
});
export type NodeInfo = z.infer<typeof nodeInfoSchema>;
