/**
 * NodeManager to ResourceManager: `registerNodeManager`, `nodeHeartbeat`, `unRegisterNodeManager` (ResourceTracker).
 *
 * A heartbeat carries the id of the last answer. The ResourceManager repeats that answer to a duplicate and sends RESYNC
 * to a node it does not know or that fell further behind; the node then registers again and, since restart preserves
 * work, keeps its containers and reports them.
 */
import { z } from 'zod';
import { applicationIdSchema, containerIdSchema } from '../ids.js';
import { resourceSchema } from '../resources.js';
import {
  addressSchema,
  containerStatusSchema,
  MAX_CONTAINERS_PER_MESSAGE,
  nodeContainerReportSchema,
  nodeIdSchema,
} from './container.js';

export const registerNodeRequestSchema = z.object({
  nodeId: nodeIdSchema,
  httpAddress: addressSchema,
  resource: resourceSchema,
  /** When this NodeManager process started: another value means that its containers are gone. */
  startedAtMs: z.number().int(),
  containers: z.array(nodeContainerReportSchema).max(MAX_CONTAINERS_PER_MESSAGE),
  runningApplications: z.array(applicationIdSchema).max(MAX_CONTAINERS_PER_MESSAGE),
});
export type RegisterNodeRequest = z.infer<typeof registerNodeRequestSchema>;

export const NodeAction = { Normal: 'NORMAL', Resync: 'RESYNC', Shutdown: 'SHUTDOWN' } as const;
export type NodeAction = (typeof NodeAction)[keyof typeof NodeAction];

export const registerNodeResponseSchema = z.object({
  action: z.enum([NodeAction.Normal, NodeAction.Shutdown]),
  diagnostics: z.string(),
  /** The active life of the ResourceManager (its cluster timestamp): containers of another life may not be started. */
  rmIdentifier: z.number().int(),
  rmId: z.string(),
  /** Key that signs container tokens, base64. */
  containerTokenKey: z.string(),
  heartbeatIntervalMs: z.number().int().positive(),
  /** Containers that the ResourceManager does not know as living: end them. */
  containersToCleanUp: z.array(containerIdSchema),
});
export type RegisterNodeResponse = z.infer<typeof registerNodeResponseSchema>;

export const nodeHeartbeatRequestSchema = z.object({
  nodeId: nodeIdSchema,
  /** Of the last answer received; 0 after registering. */
  responseId: z.number().int().min(0),
  /** All containers that run, and all completed ones not yet acknowledged. */
  containers: z.array(containerStatusSchema).max(MAX_CONTAINERS_PER_MESSAGE),
});
export type NodeHeartbeatRequest = z.infer<typeof nodeHeartbeatRequestSchema>;

export const nodeHeartbeatResponseSchema = z.object({
  responseId: z.number().int(),
  action: z.enum([NodeAction.Normal, NodeAction.Resync, NodeAction.Shutdown]),
  diagnostics: z.string(),
  containersToCleanUp: z.array(containerIdSchema),
  /** Their files may go. */
  applicationsToCleanUp: z.array(applicationIdSchema),
  /** Completed containers whose end has reached their master: they need not be reported any longer. */
  containersToForget: z.array(containerIdSchema),
});
export type NodeHeartbeatResponse = z.infer<typeof nodeHeartbeatResponseSchema>;

export const unregisterNodeRequestSchema = z.object({ nodeId: nodeIdSchema });
export type UnregisterNodeRequest = z.infer<typeof unregisterNodeRequestSchema>;
