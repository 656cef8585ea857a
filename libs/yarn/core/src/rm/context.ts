/** What the parts of the active services share: one active life of a ResourceManager. */
import {
  applicationOfAttempt,
  type ContainerGrant,
  type ContainerStatus,
  MAX_DIAGNOSTICS_CHARS,
  mintContainerToken,
  type NodeHeartbeatResponse,
  type NodeState,
  type Resource,
} from '@menagerie/yarn-protocol';
import type { LiveContainer } from '../scheduler/container.js';
import { Scheduler } from '../scheduler/scheduler.js';
import type { Application } from './application.js';
import type { Attempt } from './attempt.js';
import type { RmConfig } from './config.js';
import type { RmEffect } from './effects.js';

/** What makes one active life different from every other. */
export interface RmLife {
  readonly rmId: string;
  /** When it began; names it, and the applications it gives ids to. */
  readonly clusterTimestampMs: number;
  /** How often a ResourceManager had become active on this store before. */
  readonly epoch: number;
  /** Random; signs container tokens of this life. */
  readonly containerTokenKey: Buffer;
}

export interface TrackedNode {
  readonly nodeId: string;
  readonly httpAddress: string;
  readonly total: Resource;
  state: NodeState;
  startedAtMs: number;
  lastHeardMs: number;
  /** Invariant: its id is the last one given to this node. */
  lastResponse: NodeHeartbeatResponse;
  readonly applicationsToCleanUp: Set<string>;
  /** Completed containers whose masters know. */
  readonly forgettable: Set<string>;
}

export class RmContext {
  readonly applications = new Map<string, Application>();
  readonly nodes = new Map<string, TrackedNode>();
  readonly scheduler: Scheduler;
  /** Nothing new is given before this time. */
  schedulingFromMs = 0;
  private effects: RmEffect[] = [];

  constructor(
    readonly config: RmConfig,
    readonly life: RmLife,
  ) {
    this.scheduler = new Scheduler(config.scheduler, life.epoch);
  }

  emit(effect: RmEffect): void {
    this.effects.push(effect);
  }

  note(message: string, fields: Readonly<Record<string, unknown>>): void {
    this.emit({ kind: 'note', message, fields });
  }

  takeEffects(): readonly RmEffect[] {
    const effects = this.effects;
    this.effects = [];
    return effects;
  }

  /** The application whose current attempt this is, or null. */
  currentAttempt(attemptId: string): { readonly application: Application; readonly attempt: Attempt } | null {
    const application = this.applications.get(applicationOfAttempt(attemptId));
    const attempt = application?.attempt;
    return application && attempt?.attemptId === attemptId ? { application, attempt } : null;
  }

  grant(container: LiveContainer): ContainerGrant {
    const { containerId, nodeId, resource, priority } = container;
    const expiresAtMs = container.createdAtMs + this.config.grantExpiryMs;
    const claim = { containerId, nodeId, resource, rmIdentifier: this.life.clusterTimestampMs, expiresAtMs };
    return {
      containerId,
      nodeId,
      nodeHttpAddress: this.scheduler.nodes.get(nodeId)?.httpAddress ?? '',
      resource,
      priority,
      token: mintContainerToken(claim, this.life.containerTokenKey),
    };
  }
}

/** Adds what a container used to its attempt's account. */
export function account(attempt: Attempt, container: LiveContainer, nowMs: number): void {
  const seconds = Math.max(0, nowMs - container.createdAtMs) / 1_000;
  attempt.memorySeconds += container.resource.memoryMb * seconds;
  attempt.vcoreSeconds += container.resource.vcores * seconds;
}

export function endOf(containerId: string, exitStatus: number, diagnostics: string): ContainerStatus {
  return { containerId, state: 'COMPLETE', exitStatus, diagnostics };
}

/** Diagnostics from outside are cut: one report of 20 MB once kept two ResourceManagers from staying active. */
export function cut(diagnostics: string): string {
  if (diagnostics.length <= MAX_DIAGNOSTICS_CHARS) return diagnostics;
  const note = '... (cut)';
  return diagnostics.slice(0, MAX_DIAGNOSTICS_CHARS - note.length) + note;
}
