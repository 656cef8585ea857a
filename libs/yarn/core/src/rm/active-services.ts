/**
 * One active life of a ResourceManager, whole and pure: applications, nodes, masters, scheduler.
 *
 * Each verb takes the time as an argument, changes memory and leaves effects behind. Whoever runs it must carry out the
 * effects in their order, store effects strictly one after the other, and answer those that want an answer. It is
 * thrown away when the ResourceManager becomes standby; the next life starts from the store.
 */
import { strict as assert } from 'node:assert';
import {
  type AllocateRequest,
  type AllocateResponse,
  type ApplicationReport,
  type ClusterMetrics,
  ContainerExitStatus,
  type FinishMasterRequest,
  type FinishMasterResponse,
  type NewApplication,
  type NodeHeartbeatRequest,
  type NodeHeartbeatResponse,
  type NodeReport,
  type RegisterMasterRequest,
  type RegisterMasterResponse,
  type RegisterNodeRequest,
  type RegisterNodeResponse,
  type SubmissionContext,
  YarnRequestError,
} from '@menagerie/yarn-protocol';
import type { Application } from './application.js';
import { ApplicationLife } from './application-life.js';
import type { RmConfig } from './config.js';
import { RmContext, type RmLife } from './context.js';
import type { RmEffect } from './effects.js';
import { MasterService } from './master-service.js';
import { NodeTracker } from './node-tracker.js';
import { recover, type StoredApplication } from './recovery.js';
import { applicationReport, clusterMetrics, nodeReports } from './reports.js';

/** Ticks further apart than this mean that this process slept, not that everybody else died. */
const PAUSE_MS = 5_000;

export class ActiveServices {
  private readonly context: RmContext;
  private readonly life: ApplicationLife;
  private readonly nodes: NodeTracker;
  private readonly masters: MasterService;
  private lastTickMs: number | null = null;

  constructor(config: RmConfig, life: RmLife) {
    this.context = new RmContext(config, life);
    this.life = new ApplicationLife(this.context);
    this.nodes = new NodeTracker(this.context, this.life);
    this.masters = new MasterService(this.context, this.life, this.nodes);
  }

  get rmLife(): RmLife {
    return this.context.life;
  }

  /** What is to be done since the last time; each effect is handed out once. */
  takeEffects(): readonly RmEffect[] {
    return this.context.takeEffects();
  }

  /** Before anything else, and once. */
  recover(stored: readonly StoredApplication[], nowMs: number): void {
    assert(this.context.applications.size === 0, 'recovered twice');
    recover(this.context, this.life, stored, nowMs);
  }

  // People and programs.

  newApplication(): NewApplication {
    return {
      applicationId: this.life.newApplicationId(),
      maximumResource: this.context.scheduler.maximumResource,
    };
  }

  /** @throws YarnRequestError when it could never run, or there are too many */
  submit(submission: SubmissionContext, user: string, nowMs: number): ApplicationReport {
    return applicationReport(this.context, this.life.submit(submission, user, nowMs), nowMs);
  }

  kill(applicationId: string, why: string, nowMs: number): ApplicationReport {
    const application = this.find(applicationId);
    this.life.kill(application, why, nowMs);
    return applicationReport(this.context, application, nowMs);
  }

  application(applicationId: string, nowMs: number): ApplicationReport {
    return applicationReport(this.context, this.find(applicationId), nowMs);
  }

  applications(nowMs: number): readonly ApplicationReport[] {
    return [...this.context.applications.values()].map((one) => applicationReport(this.context, one, nowMs));
  }

  nodeReports(): readonly NodeReport[] {
    return nodeReports(this.context);
  }

  metrics(): ClusterMetrics {
    return clusterMetrics(this.context);
  }

  // Nodes.

  registerNode(request: RegisterNodeRequest, nowMs: number): RegisterNodeResponse {
    return this.nodes.register(request, nowMs);
  }

  nodeHeartbeat(request: NodeHeartbeatRequest, nowMs: number): NodeHeartbeatResponse {
    return this.nodes.heartbeat(request, nowMs);
  }

  unregisterNode(nodeId: string, nowMs: number): void {
    this.nodes.unregister(nodeId, nowMs);
  }

  // Masters.

  registerMaster(request: RegisterMasterRequest, nowMs: number): RegisterMasterResponse {
    return this.masters.register(request, nowMs);
  }

  allocate(request: AllocateRequest, nowMs: number): AllocateResponse {
    return this.masters.allocate(request, nowMs);
  }

  finishMaster(request: FinishMasterRequest, nowMs: number): FinishMasterResponse {
    return this.masters.finish(request, nowMs);
  }

  // Answers to effects.

  applicationStored(applicationId: string, nowMs: number): void {
    this.life.applicationStored(applicationId, nowMs);
  }

  applicationRejected(applicationId: string, why: string, nowMs: number): void {
    this.life.applicationRejected(applicationId, why, nowMs);
  }

  applicationUpdated(applicationId: string): void {
    this.life.applicationUpdated(applicationId);
  }

  attemptStored(attemptId: string): void {
    this.life.attemptStored(attemptId);
  }

  attemptUpdated(attemptId: string, nowMs: number): void {
    this.life.attemptUpdated(attemptId, nowMs);
  }

  masterLaunched(attemptId: string, nowMs: number): void {
    this.life.masterLaunched(attemptId, nowMs);
  }

  masterLaunchFailed(attemptId: string, why: string, nowMs: number): void {
    this.life.masterLaunchFailed(attemptId, why, nowMs);
  }

  // Time.

  /** Looks who has been silent for too long. After a pause of its own it gives that time back to everybody. */
  tick(nowMs: number): void {
    const sleptMs = this.lastTickMs === null ? 0 : nowMs - this.lastTickMs;
    this.lastTickMs = nowMs;
    if (sleptMs > PAUSE_MS) this.forgive(sleptMs);
    this.nodes.expire(nowMs);
    this.masters.expire(nowMs);
    for (const container of this.context.scheduler.unstartedSince(nowMs - this.context.config.grantExpiryMs)) {
      const why = 'it was not started in time';
      this.life.abort(container.containerId, ContainerExitStatus.Aborted, why, nowMs);
    }
  }

  private forgive(sleptMs: number): void {
    this.context.note('this process slept', { sleptMs });
    for (const node of this.context.nodes.values()) node.lastHeardMs += sleptMs;
    for (const { attempt } of this.context.applications.values()) {
      if (attempt?.session) attempt.session.lastHeardMs += sleptMs;
      if (attempt?.awaitedSinceMs) attempt.awaitedSinceMs += sleptMs;
    }
  }

  private find(applicationId: string): Application {
    const application = this.context.applications.get(applicationId);
    if (!application) {
      throw new YarnRequestError('YARN_APPLICATION_NOT_FOUND', `${applicationId} is not known here`);
    }
    return application;
  }
}
