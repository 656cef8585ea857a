/** Containers as the parts of YARN tell each other about them. */
import { z } from 'zod';
import { containerIdSchema } from '../ids.js';
import { resourceSchema } from '../resources.js';
import { ContainerState } from '../states.js';

/** Diagnostics longer than this are cut at the source, so that no report can outgrow a message or a znode. */
export const MAX_DIAGNOSTICS_CHARS = 16_384;
/** Containers named in one message. */
export const MAX_CONTAINERS_PER_MESSAGE = 10_000;

export const nodeIdSchema = z.string().regex(/^[A-Za-z0-9._-]{1,200}:\d{1,5}$/, 'expected name:port');
/** `host:port`; IPv6 hosts stand in brackets. */
export const addressSchema = z.string().regex(/^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):\d{1,5}$/, 'expected host:port');

const environmentSchema = z
  .record(z.string().min(1).max(256), z.string().max(32_768))
  .refine((value) => Object.keys(value).length <= 256, 'at most 256 variables');

export const launchContextSchema = z.object({
  command: z.array(z.string().min(1).max(8_192)).min(1).max(256),
  environment: environmentSchema,
});

export const containerStatusSchema = z.object({
  containerId: containerIdSchema,
  state: z.enum([ContainerState.New, ContainerState.Running, ContainerState.Complete]),
  /** An exit code of the program, or one of `ContainerExitStatus`; -1000 while it runs. */
  exitStatus: z.number().int(),
  diagnostics: z.string().max(MAX_DIAGNOSTICS_CHARS),
});
export type ContainerStatus = z.infer<typeof containerStatusSchema>;

/** What a NodeManager says of a container when it registers (NMContainerStatus): enough to rebuild the scheduler. */
export const nodeContainerReportSchema = containerStatusSchema.extend({
  resource: resourceSchema,
  priority: z.number().int(),
  creationTimeMs: z.number().int(),
});
export type NodeContainerReport = z.infer<typeof nodeContainerReportSchema>;

/** A place to run something, given by the ResourceManager. The token is what the NodeManager believes. */
export const containerGrantSchema = z.object({
  containerId: containerIdSchema,
  nodeId: nodeIdSchema,
  nodeHttpAddress: addressSchema,
  resource: resourceSchema,
  priority: z.number().int(),
  token: z.string().max(4_096),
});
export type ContainerGrant = z.infer<typeof containerGrantSchema>;
