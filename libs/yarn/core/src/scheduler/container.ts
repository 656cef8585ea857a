/** A container as the ResourceManager sees it (RMContainerImpl). */
import type { Resource } from '@menagerie/yarn-protocol';

export const GrantState = {
  /** Set aside on a node, not yet told to its master. */
  Allocated: 'ALLOCATED',
  /** Told to its master (or, for the master's own, being launched), not yet seen on the node. */
  Acquired: 'ACQUIRED',
  Running: 'RUNNING',
} as const;
export type GrantState = (typeof GrantState)[keyof typeof GrantState];

export interface LiveContainer {
  readonly containerId: string;
  readonly applicationId: string;
  readonly attemptId: string;
  readonly nodeId: string;
  readonly resource: Resource;
  readonly priority: number;
  readonly isMaster: boolean;
  readonly createdAtMs: number;
  state: GrantState;
}
