/**
 * Master to ResourceManager: `registerApplicationMaster`, `allocate`, `finishApplicationMaster`
 * (ApplicationMasterProtocol). Every call carries the attempt's token in `authorization: Bearer`.
 *
 * Asks are absolute: an ask of 3 containers of a kind replaces the one before of that kind. So a master may send all it
 * still wants to a ResourceManager which has just taken over, and nothing is asked twice.
 */
import { z } from 'zod';
import { attemptIdSchema, containerIdSchema } from '../ids.js';
import { resourceSchema } from '../resources.js';
import { FinalStatus, NodeState } from '../states.js';
import {
  addressSchema,
  containerGrantSchema,
  containerStatusSchema,
  MAX_CONTAINERS_PER_MESSAGE,
  MAX_DIAGNOSTICS_CHARS,
  nodeIdSchema,
} from './container.js';

/** Kinds of asks in one call. */
export const MAX_ASKS = 1_000;
/** Containers of one kind. */
export const MAX_CONTAINERS_PER_ASK = 100_000;

export const registerMasterRequestSchema = z.object({
  attemptId: attemptIdSchema,
  /** Where the master answers, if it does: for its own tasks and for people. */
  trackingUrl: z.string().max(2_048),
  /**
   * Containers that it believes to be running. A ResourceManager which has just taken over learns of living ones from
   * their nodes; those that died unseen in between it can only learn from their master, who would wait for them for ever.
   */
  containers: z
    .array(z.object({ containerId: containerIdSchema, nodeId: nodeIdSchema }))
    .max(MAX_CONTAINERS_PER_MESSAGE),
});
export type RegisterMasterRequest = z.infer<typeof registerMasterRequestSchema>;

export const registerMasterResponseSchema = z.object({
  /** No container can be larger than this. */
  maximumResource: resourceSchema,
  queue: z.string(),
  /** Containers of this attempt that live on from before the ResourceManager's restart. */
  containersFromPreviousLife: z.array(containerGrantSchema),
});
export type RegisterMasterResponse = z.infer<typeof registerMasterResponseSchema>;

export const askSchema = z.object({
  /** Lower goes first within the application, as in YARN. Together with the resource it names the kind. */
  priority: z.number().int().min(0).max(1_000_000),
  resource: resourceSchema,
  /** How many of them are wanted in all, not yet granted. */
  count: z.number().int().min(0).max(MAX_CONTAINERS_PER_ASK),
});
export type Ask = z.infer<typeof askSchema>;

export const allocateRequestSchema = z.object({
  attemptId: attemptIdSchema,
  /** Of the last answer received; 0 after registering. */
  responseId: z.number().int().min(0),
  asks: z.array(askSchema).max(MAX_ASKS),
  releases: z.array(containerIdSchema).max(10_000),
  /** Nodes on which this application wants nothing more. */
  blacklistAdditions: z.array(nodeIdSchema).max(10_000),
  blacklistRemovals: z.array(nodeIdSchema).max(10_000),
  progress: z.number().min(0).max(1),
  /** Whatever the master likes to count (tasks done, for instance); shown with the application, never stored. */
  counters: z
    .record(z.string().max(100), z.number())
    .refine((value) => Object.keys(value).length <= 100, 'at most 100 counters'),
});
export type AllocateRequest = z.infer<typeof allocateRequestSchema>;

export const nodeUpdateSchema = z.object({
  nodeId: nodeIdSchema,
  httpAddress: addressSchema,
  state: z.enum([NodeState.Running, NodeState.Lost, NodeState.Shutdown, NodeState.Rebooted]),
});
export type NodeUpdate = z.infer<typeof nodeUpdateSchema>;

export const allocateResponseSchema = z.object({
  responseId: z.number().int(),
  granted: z.array(containerGrantSchema),
  completed: z.array(containerStatusSchema),
  /** Nodes that went or came since the last answer: what their containers left on their disks may be gone. */
  nodeUpdates: z.array(nodeUpdateSchema),
  nodeCount: z.number().int(),
  available: resourceSchema,
});
export type AllocateResponse = z.infer<typeof allocateResponseSchema>;

export const finishMasterRequestSchema = z.object({
  attemptId: attemptIdSchema,
  finalStatus: z.enum([FinalStatus.Succeeded, FinalStatus.Failed, FinalStatus.Killed, FinalStatus.Undefined]),
  diagnostics: z.string().max(MAX_DIAGNOSTICS_CHARS),
  trackingUrl: z.string().max(2_048),
});
export type FinishMasterRequest = z.infer<typeof finishMasterRequestSchema>;

export const finishMasterResponseSchema = z.object({
  /** False until the end is in the store: the master repeats the call and stays alive until it is. */
  unregistered: z.boolean(),
});
export type FinishMasterResponse = z.infer<typeof finishMasterResponseSchema>;
