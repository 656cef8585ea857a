/**
 * Nodes: who is there, what runs on them, and what they are told to stop (ResourceTrackerService, RMNodeImpl).
 *
 * Whether a container may run is decided afresh at each heartbeat, from what the node reports and what is alive here:
 * what is not alive here is to be cleaned up. No list of orders has to survive a failover.
 */
import {
  attemptOfContainer,
  ContainerExitStatus,
  ContainerState,
  type ContainerStatus,
  NodeAction,
  type NodeContainerReport,
  type NodeHeartbeatRequest,
  type NodeHeartbeatResponse,
  NodeState,
  type RegisterMasterRequest,
  type RegisterNodeRequest,
  type RegisterNodeResponse,
} from '@menagerie/yarn-protocol';
import { GrantState } from '../scheduler/container.js';
import type { Application } from './application.js';
import type { ApplicationLife } from './application-life.js';
import type { Attempt } from './attempt.js';
import { endOf, type RmContext, type TrackedNode } from './context.js';
import { HeartbeatAge, heartbeatAge } from './heartbeat.js';

/** Nodes that are gone are kept for the list, the latest of them. */
const MAX_GONE_NODES = 1_000;

const firstResponse: NodeHeartbeatResponse = {
  responseId: 0,
  action: NodeAction.Normal,
  diagnostics: '',
  containersToCleanUp: [],
  applicationsToCleanUp: [],
  containersToForget: [],
};

export class NodeTracker {
  constructor(
    private readonly context: RmContext,
    private readonly life: ApplicationLife,
  ) {}

  /** A node comes, comes back, or says again what it has after a RESYNC. */
  register(request: RegisterNodeRequest, nowMs: number): RegisterNodeResponse {
    const known = this.context.nodes.get(request.nodeId);
    const stays = known?.state === NodeState.Running && known.startedAtMs === request.startedAtMs;
    const node = stays ? known : this.arrive(request, known ?? null, nowMs);
    node.lastHeardMs = nowMs;
    node.lastResponse = firstResponse;
    const containersToCleanUp: string[] = [];
    for (const report of request.containers) {
      if (this.take(node, report, nowMs) === 'clean-up') containersToCleanUp.push(report.containerId);
    }
    this.missMasters(node, request.containers, nowMs);
    this.missExpected((one) => one.nodeId === node.nodeId, `node ${node.nodeId} does not have it`);
    if (stays) this.missRunning(node, request.containers, nowMs);
    for (const applicationId of request.runningApplications) {
      const application = this.context.applications.get(applicationId);
      if (!application || application.isOver) node.applicationsToCleanUp.add(applicationId);
    }
    const { life, config } = this.context;
    return {
      action: NodeAction.Normal,
      diagnostics: '',
      rmIdentifier: life.clusterTimestampMs,
      rmId: life.rmId,
      containerTokenKey: life.containerTokenKey.toString('base64'),
      heartbeatIntervalMs: config.heartbeatIntervalMs,
      containersToCleanUp,
    };
  }

  private arrive(request: RegisterNodeRequest, before: TrackedNode | null, nowMs: number): TrackedNode {
    if (before?.state === NodeState.Running)
      this.leave(before, NodeState.Rebooted, 'its NodeManager was restarted', nowMs);
    const node: TrackedNode = {
      nodeId: request.nodeId,
      httpAddress: request.httpAddress,
      total: request.resource,
      state: NodeState.Running,
      startedAtMs: request.startedAtMs,
      lastHeardMs: nowMs,
      lastResponse: firstResponse,
      applicationsToCleanUp: new Set(),
      forgettable: new Set(),
    };
    this.context.nodes.delete(node.nodeId);
    this.context.nodes.set(node.nodeId, node);
    this.context.scheduler.addNode(node.nodeId, node.httpAddress, node.total);
    this.tellMasters(node, NodeState.Running);
    this.context.note('node registered', { nodeId: node.nodeId, ...node.total, containers: request.containers.length });
    return node;
  }

  /** Takes in what a node says of one container when it registers. */
  private take(node: TrackedNode, report: NodeContainerReport, nowMs: number): 'keep' | 'clean-up' {
    if (this.context.scheduler.container(report.containerId)) {
      return this.heard(node, report, nowMs);
    }
    const found = this.wanted(report.containerId);
    if (report.state === ContainerState.Complete) {
      this.unknownEnd(node, report, found, nowMs);
      return 'keep';
    }
    if (!found || found.attempt.isEnding) return 'clean-up';
    const { application, attempt } = found;
    this.context.scheduler.recover({
      containerId: report.containerId,
      applicationId: application.id,
      attemptId: attempt.attemptId,
      nodeId: node.nodeId,
      resource: report.resource,
      priority: report.priority,
      isMaster: report.containerId === attempt.masterContainer?.containerId,
      createdAtMs: report.creationTimeMs,
      state: GrantState.Running,
    });
    return 'keep';
  }

  /** What of the current attempt this container is; null when nobody wants it any longer. */
  private wanted(containerId: string): { readonly application: Application; readonly attempt: Attempt } | null {
    return this.context.currentAttempt(attemptOfContainer(containerId));
  }

  heartbeat(request: NodeHeartbeatRequest, nowMs: number): NodeHeartbeatResponse {
    const node = this.context.nodes.get(request.nodeId);
    if (node?.state !== NodeState.Running) return resync(`node ${request.nodeId} is not registered`);
    switch (heartbeatAge(request.responseId, node.lastResponse.responseId)) {
      case HeartbeatAge.Fresh:
        break;
      case HeartbeatAge.Duplicate:
        node.lastHeardMs = nowMs;
        return node.lastResponse;
      case HeartbeatAge.TooOld:
        return resync(`expected response id ${node.lastResponse.responseId}, got ${request.responseId}`);
    }
    node.lastHeardMs = nowMs;
    this.confirmed(node, request);
    const containersToCleanUp: string[] = [];
    for (const status of request.containers) {
      if (this.heard(node, status, nowMs) === 'clean-up') containersToCleanUp.push(status.containerId);
    }
    this.assign(node, nowMs);
    node.lastResponse = {
      responseId: node.lastResponse.responseId + 1,
      action: NodeAction.Normal,
      diagnostics: '',
      containersToCleanUp,
      applicationsToCleanUp: [...node.applicationsToCleanUp],
      containersToForget: [...node.forgettable],
    };
    return node.lastResponse;
  }

  /** The node answers our last answer, so what that one said was done. */
  private confirmed(node: TrackedNode, request: NodeHeartbeatRequest): void {
    for (const applicationId of node.lastResponse.applicationsToCleanUp)
      node.applicationsToCleanUp.delete(applicationId);
    const reported = new Set(request.containers.map((one) => one.containerId));
    for (const containerId of node.forgettable) if (!reported.has(containerId)) node.forgettable.delete(containerId);
  }

  private heard(node: TrackedNode, status: ContainerStatus, nowMs: number): 'keep' | 'clean-up' {
    const container = this.context.scheduler.container(status.containerId);
    if (status.state !== ContainerState.Complete) {
      if (container === null || container.nodeId !== node.nodeId) return 'clean-up';
      container.state = GrantState.Running;
      return 'keep';
    }
    if (container?.nodeId === node.nodeId) {
      this.context.scheduler.complete(status.containerId);
      this.life.containerEnded(container, status, nowMs);
    } else if (!node.forgettable.has(status.containerId)) {
      this.unknownEnd(node, status, this.wanted(status.containerId), nowMs);
    }
    const found = this.wanted(status.containerId);
    const somebodyWaits = found && !found.attempt.isOver && !this.isMasterOf(found.attempt, status.containerId);
    if (!somebodyWaits) node.forgettable.add(status.containerId);
    return 'keep';
  }

  private isMasterOf(attempt: Attempt, containerId: string): boolean {
    return attempt.masterContainer?.containerId === containerId;
  }

  /** The end of a container that is not alive here: news after a failover, or something that was told already. */
  private unknownEnd(
    node: TrackedNode,
    status: ContainerStatus,
    found: { readonly attempt: Attempt } | null,
    nowMs: number,
  ): void {
    if (!found || found.attempt.isOver) node.forgettable.add(status.containerId);
    else if (this.isMasterOf(found.attempt, status.containerId)) {
      this.life.masterContainerEnded(found.attempt, status, nowMs);
    } else this.life.tellMaster(found.attempt, status);
  }

  /**
   * A master that was stored as launched on this node, and that the node knows nothing of, was never started or died with
   * its NodeManager. It can no longer start either: its container token names another life of the ResourceManager.
   */
  private missMasters(node: TrackedNode, reports: readonly NodeContainerReport[], nowMs: number): void {
    const reported = new Set(reports.map((one) => one.containerId));
    for (const application of this.context.applications.values()) {
      const attempt = application.attempt;
      const master = attempt?.masterContainer;
      if (!attempt || attempt.isEnding || master?.nodeId !== node.nodeId || reported.has(master.containerId)) continue;
      if (this.context.scheduler.container(master.containerId)) continue;
      const why = `node ${node.nodeId} does not have it`;
      this.life.masterContainerEnded(attempt, endOf(master.containerId, ContainerExitStatus.Aborted, why), nowMs);
    }
  }

  /** A master says which containers it believes in; of those that no node has brought along one is waited for. */
  expect(attempt: Attempt, containers: RegisterMasterRequest['containers'], nowMs: number): void {
    attempt.expected.clear();
    for (const { containerId, nodeId } of containers) {
      if (this.context.scheduler.container(containerId)) continue;
      if (this.context.nodes.get(nodeId)?.state === NodeState.Running) {
        const why = `node ${nodeId} does not have it`;
        this.life.tellMaster(attempt, endOf(containerId, ContainerExitStatus.Aborted, why));
      } else attempt.expected.set(containerId, { nodeId, sinceMs: nowMs });
    }
  }

  private missExpected(isDue: (one: { nodeId: string; sinceMs: number }) => boolean, why: string): void {
    for (const { attempt } of this.context.applications.values()) {
      for (const [containerId, one] of attempt?.expected ?? []) {
        if (!isDue(one)) continue;
        attempt?.expected.delete(containerId);
        if (!attempt || attempt.isEnding || this.context.scheduler.container(containerId)) continue;
        this.life.tellMaster(attempt, endOf(containerId, ContainerExitStatus.Aborted, why));
      }
    }
  }

  /** Containers that ran on a node which registers again without them are gone. */
  private missRunning(node: TrackedNode, reports: readonly NodeContainerReport[], nowMs: number): void {
    const reported = new Set(reports.map((one) => one.containerId));
    for (const container of [...(this.context.scheduler.nodes.get(node.nodeId)?.containers.values() ?? [])]) {
      if (container.state !== GrantState.Running || reported.has(container.containerId)) continue;
      this.life.abort(
        container.containerId,
        ContainerExitStatus.Aborted,
        `node ${node.nodeId} does not have it`,
        nowMs,
      );
    }
  }

  private assign(node: TrackedNode, nowMs: number): void {
    if (nowMs < this.context.schedulingFromMs) return;
    for (const container of this.context.scheduler.assign(node.nodeId, nowMs)) {
      if (container.isMaster) this.life.masterAllocated(container);
    }
  }

  /** A node that says goodbye: its containers have ended with it. */
  unregister(nodeId: string, nowMs: number): void {
    const node = this.context.nodes.get(nodeId);
    if (node?.state === NodeState.Running) this.leave(node, NodeState.Shutdown, 'its NodeManager was stopped', nowMs);
  }

  /** Nodes that have not been heard for too long are lost, and what ran on them with them. */
  expire(nowMs: number): void {
    for (const node of [...this.context.nodes.values()]) {
      if (node.state !== NodeState.Running || nowMs - node.lastHeardMs <= this.context.config.nodeExpiryMs) continue;
      this.leave(node, NodeState.Lost, `not heard for ${nowMs - node.lastHeardMs} ms`, nowMs);
    }
    const tooLong = (one: { sinceMs: number }) => nowMs - one.sinceMs > this.context.config.nodeExpiryMs;
    this.missExpected(tooLong, 'its node did not come back');
  }

  private leave(node: TrackedNode, state: NodeState, why: string, nowMs: number): void {
    node.state = state;
    this.tellMasters(node, state);
    for (const container of this.context.scheduler.removeNode(node.nodeId)) {
      const end = endOf(container.containerId, ContainerExitStatus.Aborted, `node ${node.nodeId}: ${why}`);
      this.life.containerEnded(container, end, nowMs);
    }
    this.context.note('node gone', { nodeId: node.nodeId, state, why });
    const gone = [...this.context.nodes.values()].filter((one) => one.state !== NodeState.Running);
    for (const oldest of gone.slice(0, Math.max(0, gone.length - MAX_GONE_NODES))) {
      this.context.nodes.delete(oldest.nodeId);
    }
  }

  private tellMasters(node: TrackedNode, state: NodeState): void {
    const { nodeId, httpAddress } = node;
    for (const application of this.context.applications.values()) {
      application.attempt?.session?.nodeUpdates.push({ nodeId, httpAddress, state });
    }
  }

  /** The container's end has reached its master: its node may forget it. */
  masterKnows(containerId: string): void {
    for (const node of this.context.nodes.values()) {
      if (node.state === NodeState.Running) node.forgettable.add(containerId);
    }
  }
}

function resync(why: string): NodeHeartbeatResponse {
  return { ...firstResponse, action: NodeAction.Resync, diagnostics: why };
}
