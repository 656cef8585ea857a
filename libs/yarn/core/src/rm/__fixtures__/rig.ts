/** A cluster without sockets: active services, a store that outlives them, and nodes that do as they are told. */
import {
  type AllocateResponse,
  type ApplicationRecord,
  type AttemptRecord,
  applicationOfAttempt,
  type Ask,
  type ContainerGrant,
  type ContainerStatus,
  FinalStatus,
  type NodeContainerReport,
  type NodeHeartbeatResponse,
  type SubmissionContext,
} from '@menagerie/yarn-protocol';
import { ActiveServices } from '../active-services.js';
import { defaultRmConfig, type RmConfig } from '../config.js';
import type { RmEffect } from '../effects.js';

export const small = { memoryMb: 256, vcores: 1 };

export const submission = (applicationId: string, more: Partial<SubmissionContext> = {}): SubmissionContext => ({
  applicationId,
  name: 'job',
  queue: 'default',
  priority: 0,
  master: { command: ['run'], environment: {} },
  resource: small,
  applicationType: 'TEST',
  maxAttempts: 0,
  tags: [],
  ...more,
});

export class Rig {
  nowMs = 1_000_000;
  epoch = 0;
  rm: ActiveServices;
  readonly config: RmConfig;
  readonly store = new Map<string, { application: ApplicationRecord; attempts: Map<string, AttemptRecord> }>();
  /** Effects since the last look, in short. */
  readonly written: string[] = [];
  /** Masters that were launched, by attempt. */
  readonly launched = new Map<string, ContainerGrant>();
  /** Applications that the store refuses to hold. */
  readonly tooLarge = new Set<string>();
  /** Keeps store effects waiting, as a slow store does. */
  holdStore = false;
  private held: RmEffect[] = [];
  readonly nodes: RigNode[] = [];

  constructor(config: Partial<RmConfig> = {}) {
    this.config = { ...defaultRmConfig, schedulingWaitMs: 0, ...config };
    this.rm = this.life();
  }

  private life(): ActiveServices {
    const clusterTimestampMs = this.nowMs;
    const containerTokenKey = Buffer.from(`key ${this.epoch}`);
    return new ActiveServices(this.config, { rmId: 'rm1', clusterTimestampMs, epoch: this.epoch, containerTokenKey });
  }

  /** Another ResourceManager takes over: all that was in memory or on its way to the store is gone. */
  failOver(): void {
    this.epoch++;
    this.nowMs += 1;
    this.held = [];
    this.launched.clear();
    this.rm = this.life();
    const stored = [...this.store.values()].map((one) => ({
      application: one.application,
      attempts: [...one.attempts.values()],
    }));
    this.rm.recover(stored, this.nowMs);
    this.drain();
  }

  node(name: string, resource = { memoryMb: 1_024, vcores: 4 }): RigNode {
    const node = new RigNode(this, `${name}:1`, resource);
    this.nodes.push(node);
    return node;
  }

  /** Submits and stores. */
  submit(more: Partial<SubmissionContext> = {}): string {
    const { applicationId } = this.rm.newApplication();
    this.rm.submit(submission(applicationId, more), 'alice', this.nowMs);
    this.drain();
    return applicationId;
  }

  report(applicationId: string) {
    return this.rm.application(applicationId, this.nowMs);
  }

  later(ms: number): void {
    this.nowMs += ms;
    this.rm.tick(this.nowMs);
    this.drain();
  }

  /** Carries out all effects, and those that follow from their answers. */
  drain(): void {
    for (let round = 0; round < 100; round++) {
      const effects = [...this.held, ...this.rm.takeEffects()];
      this.held = [];
      if (effects.length === 0) return;
      for (const effect of effects) {
        if (this.holdStore && effect.kind !== 'note' && effect.kind !== 'launch-master') this.held.push(effect);
        else this.carryOut(effect);
      }
      if (this.holdStore) return;
    }
    throw new Error('effects without end');
  }

  private carryOut(effect: RmEffect): void {
    if (effect.kind !== 'note')
      this.written.push(`${effect.kind} ${'attemptId' in effect ? effect.attemptId : effect.applicationId}`);
    switch (effect.kind) {
      case 'note':
        return;
      case 'store-application':
        if (this.tooLarge.has(effect.applicationId)) {
          return this.rm.applicationRejected(effect.applicationId, 'too large', this.nowMs);
        }
        this.store.set(effect.applicationId, { application: effect.record, attempts: new Map() });
        return this.rm.applicationStored(effect.applicationId, this.nowMs);
      case 'update-application':
        this.stored(effect.applicationId).application = effect.record;
        return this.rm.applicationUpdated(effect.applicationId);
      case 'store-attempt':
        this.stored(applicationOfAttempt(effect.attemptId)).attempts.set(effect.attemptId, effect.record);
        return this.rm.attemptStored(effect.attemptId);
      case 'update-attempt':
        this.stored(applicationOfAttempt(effect.attemptId)).attempts.set(effect.attemptId, effect.record);
        return this.rm.attemptUpdated(effect.attemptId, this.nowMs);
      case 'remove-application':
        this.store.delete(effect.applicationId);
        return;
      case 'launch-master': {
        const node = this.nodes.find((one) => one.nodeId === effect.grant.nodeId);
        if (!node?.start(effect.grant)) return this.rm.masterLaunchFailed(effect.attemptId, 'node down', this.nowMs);
        this.launched.set(effect.attemptId, effect.grant);
        return this.rm.masterLaunched(effect.attemptId, this.nowMs);
      }
      default:
        effect satisfies never;
    }
  }

  private stored(applicationId: string) {
    const found = this.store.get(applicationId);
    if (!found) throw new Error(`${applicationId} is not in the store`);
    return found;
  }

  /** Brings an application so far that its master runs and is registered; returns the master. */
  running(more: Partial<SubmissionContext> = {}): RigMaster {
    const applicationId = this.submit(more);
    for (const node of this.nodes) node.heartbeat();
    const attemptId = this.report(applicationId).currentAttemptId as string;
    const master = new RigMaster(this, attemptId);
    master.register();
    return master;
  }
}

export class RigNode {
  up = true;
  startedAtMs: number;
  responseId = 0;
  readonly containers = new Map<string, NodeContainerReport>();
  readonly applications = new Set<string>();
  registrations = 0;

  constructor(
    private readonly rig: Rig,
    readonly nodeId: string,
    readonly resource: { memoryMb: number; vcores: number },
  ) {
    this.startedAtMs = rig.nowMs;
    this.register();
  }

  register(): void {
    this.registrations++;
    this.responseId = 0;
    const response = this.rig.rm.registerNode(
      {
        nodeId: this.nodeId,
        httpAddress: '127.0.0.1:1',
        resource: this.resource,
        startedAtMs: this.startedAtMs,
        containers: [...this.containers.values()],
        runningApplications: [...this.applications],
      },
      this.rig.nowMs,
    );
    for (const containerId of response.containersToCleanUp) this.end(containerId, -106);
    this.rig.drain();
  }

  /** Killed and started again: nothing runs any longer. */
  restart(): void {
    this.startedAtMs = this.rig.nowMs + 1;
    this.containers.clear();
    this.register();
  }

  start(grant: ContainerGrant): boolean {
    if (!this.up) return false;
    const { containerId, resource, priority } = grant;
    this.applications.add(containerId.replace(/^container_(?:e\d+_)?(\d+_\d+)_.*$/, 'application_$1'));
    this.containers.set(containerId, {
      containerId,
      state: 'RUNNING',
      exitStatus: -1000,
      diagnostics: '',
      resource,
      priority,
      creationTimeMs: this.rig.nowMs,
    });
    return true;
  }

  end(containerId: string, exitStatus = 0): void {
    const container = this.containers.get(containerId);
    if (container?.state === 'RUNNING')
      this.containers.set(containerId, { ...container, state: 'COMPLETE', exitStatus });
  }

  request() {
    const containers = [...this.containers.values()].map(({ containerId, state, exitStatus, diagnostics }) => ({
      containerId,
      state,
      exitStatus,
      diagnostics,
    }));
    return { nodeId: this.nodeId, responseId: this.responseId, containers };
  }

  heartbeat(): NodeHeartbeatResponse {
    const response = this.rig.rm.nodeHeartbeat(this.request(), this.rig.nowMs);
    if (response.action === 'RESYNC') this.register();
    else {
      this.responseId = response.responseId;
      for (const containerId of response.containersToCleanUp) this.end(containerId, -106);
      for (const containerId of response.containersToForget) this.containers.delete(containerId);
      for (const applicationId of response.applicationsToCleanUp) this.applications.delete(applicationId);
    }
    this.rig.drain();
    return response;
  }

  get runningIds(): string[] {
    return [...this.containers.values()].filter((one) => one.state === 'RUNNING').map((one) => one.containerId);
  }
}

export class RigMaster {
  responseId = 0;

  constructor(
    private readonly rig: Rig,
    readonly attemptId: string,
  ) {}

  get applicationId(): string {
    return applicationOfAttempt(this.attemptId);
  }

  get containerId(): string {
    return this.rig.report(this.applicationId).attempts.at(-1)?.containerId as string;
  }

  register(containers: readonly { containerId: string; nodeId: string }[] = []) {
    this.responseId = 0;
    const request = { attemptId: this.attemptId, trackingUrl: '', containers: [...containers] };
    const response = this.rig.rm.registerMaster(request, this.rig.nowMs);
    this.rig.drain();
    return response;
  }

  request(asks: readonly Ask[] = [], releases: readonly string[] = []) {
    return {
      attemptId: this.attemptId,
      responseId: this.responseId,
      asks: [...asks],
      releases: [...releases],
      blacklistAdditions: [],
      blacklistRemovals: [],
      progress: 0.5,
      counters: { tasks: 1 },
    };
  }

  allocate(asks: readonly Ask[] = [], releases: readonly string[] = []): AllocateResponse {
    const response = this.rig.rm.allocate(this.request(asks, releases), this.rig.nowMs);
    this.responseId = response.responseId;
    this.rig.drain();
    return response;
  }

  finish(finalStatus: FinalStatus = FinalStatus.Succeeded): boolean {
    const { attemptId } = this;
    const request = { attemptId, finalStatus, diagnostics: 'done', trackingUrl: '' };
    const response = this.rig.rm.finishMaster(request, this.rig.nowMs);
    this.rig.drain();
    return response.unregistered;
  }
}

export const ask = (count: number, resource = small, priority = 20): Ask => ({ priority, resource, count });
export const ids = (list: readonly (ContainerGrant | ContainerStatus)[]) => list.map((one) => one.containerId);
