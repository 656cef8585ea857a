/**
 * Gives containers to applications, one node's heartbeat at a time.
 *
 * Among queues the one that has the least of its guarantee goes first, within a queue the higher priority and then the
 * earlier application, within an application the more urgent ask. An ask that does not fit on this node lets the next
 * one try: nothing is reserved, so a large request can wait while smaller ones pass.
 *
 * Sources: CapacityScheduler and LeafQueue (ordering, capacities), AbstractYarnScheduler (recovery, maximum allocation).
 */
import { strict as assert } from 'node:assert';
import {
  addResources,
  type Ask,
  fitsIn,
  NO_RESOURCE,
  type Resource,
  subtractResources,
} from '@menagerie/yarn-protocol';
import { GrantState, type LiveContainer } from './container.js';
import { Queue, type QueueConfig } from './queue.js';
import { type AppOrder, SchedulerApp } from './scheduler-app.js';

export interface SchedulerConfig {
  readonly queues: readonly QueueConfig[];
  /** No container is larger, whatever nodes there are (`yarn.scheduler.maximum-allocation-mb`, `-vcores`). */
  readonly maximumAllocation: Resource;
  /** How many containers one heartbeat may bring to a node; small numbers spread an application over nodes. */
  readonly assignmentsPerHeartbeat: number;
  /** How much of a queue masters may fill, in percent. */
  readonly mastersPercent: number;
}

export interface SchedulerNode {
  readonly nodeId: string;
  readonly httpAddress: string;
  readonly total: Resource;
  /** Invariant: the sum of what its live containers have, never more than `total` by our own grants. */
  used: Resource;
  readonly containers: Map<string, LiveContainer>;
}

export class Scheduler {
  readonly nodes = new Map<string, SchedulerNode>();
  private readonly apps = new Map<string, SchedulerApp>();
  private readonly queues: ReadonlyMap<string, Queue>;
  private readonly containers = new Map<string, LiveContainer>();

  constructor(
    private readonly config: SchedulerConfig,
    private readonly epoch: number,
  ) {
    this.queues = new Map(config.queues.map((queue) => [queue.name, new Queue(queue)]));
  }

  hasQueue(name: string): boolean {
    return this.queues.has(name);
  }

  queueNames(): readonly string[] {
    return [...this.queues.keys()];
  }

  /** No container can be larger: what the largest node has, once there are nodes. */
  get maximumResource(): Resource {
    const limit = this.config.maximumAllocation;
    if (this.nodes.size === 0) return limit;
    const nodes = [...this.nodes.values()];
    return {
      memoryMb: Math.min(limit.memoryMb, Math.max(...nodes.map((node) => node.total.memoryMb))),
      vcores: Math.min(limit.vcores, Math.max(...nodes.map((node) => node.total.vcores))),
    };
  }

  get clusterResource(): Resource {
    return [...this.nodes.values()].reduce((sum, node) => addResources(sum, node.total), NO_RESOURCE);
  }

  get usedResource(): Resource {
    return [...this.nodes.values()].reduce((sum, node) => addResources(sum, node.used), NO_RESOURCE);
  }

  get containerCount(): number {
    return this.containers.size;
  }

  addNode(nodeId: string, httpAddress: string, total: Resource): void {
    assert(!this.nodes.has(nodeId), `node ${nodeId} is there already`);
    this.nodes.set(nodeId, { nodeId, httpAddress, total, used: NO_RESOURCE, containers: new Map() });
  }

  /** Takes a node away with all it has; returns the containers that went with it. */
  removeNode(nodeId: string): readonly LiveContainer[] {
    const lost = [...(this.nodes.get(nodeId)?.containers.values() ?? [])];
    for (const container of lost) this.complete(container.containerId);
    this.nodes.delete(nodeId);
    return lost;
  }

  addApp(applicationId: string, attemptId: string, place: AppOrder): SchedulerApp {
    assert(!this.apps.has(applicationId), `${applicationId} is scheduled already`);
    const app = new SchedulerApp(applicationId, attemptId, place, this.epoch);
    this.apps.set(applicationId, app);
    return app;
  }

  app(applicationId: string): SchedulerApp | null {
    return this.apps.get(applicationId) ?? null;
  }

  /** Takes an attempt away with all it has; returns its containers. */
  removeApp(applicationId: string): readonly LiveContainer[] {
    const containers = [...(this.apps.get(applicationId)?.containers.values() ?? [])];
    for (const container of containers) this.complete(container.containerId);
    this.apps.delete(applicationId);
    return containers;
  }

  container(containerId: string): LiveContainer | null {
    return this.containers.get(containerId) ?? null;
  }

  /** Ends a container and frees what it had; null when it is not alive here. */
  complete(containerId: string): LiveContainer | null {
    const container = this.containers.get(containerId);
    if (!container) return null;
    this.containers.delete(containerId);
    const node = this.nodes.get(container.nodeId);
    if (node?.containers.delete(containerId)) node.used = subtractResources(node.used, container.resource);
    const app = this.apps.get(container.applicationId);
    app?.remove(containerId);
    if (app) this.queueOf(app).give(container.resource, container.isMaster);
    return container;
  }

  /** Takes in a container that a node reports as running and that its application still wants. */
  recover(container: LiveContainer): void {
    assert(!this.containers.has(container.containerId), `${container.containerId} is known already`);
    const app = this.apps.get(container.applicationId);
    assert(app !== undefined, `${container.applicationId} is not scheduled`);
    app.recover(container);
    this.book(container, app);
  }

  /** What this node can be given now. Containers for masters are returned like all others and told by `isMaster`. */
  assign(nodeId: string, nowMs: number): readonly LiveContainer[] {
    const node = this.nodes.get(nodeId);
    const assigned: LiveContainer[] = [];
    while (node && assigned.length < this.config.assignmentsPerHeartbeat) {
      const container = this.assignOne(node, nowMs);
      if (container === null) break;
      assigned.push(container);
    }
    return assigned;
  }

  private assignOne(node: SchedulerNode, nowMs: number): LiveContainer | null {
    const free = subtractResources(node.total, node.used);
    const cluster = this.clusterResource;
    for (const app of this.appsInOrder(cluster)) {
      if (app.blacklist.has(node.nodeId)) continue;
      const container = this.tryApp(app, node, free, cluster, nowMs);
      if (container === null) continue;
      this.book(container, app);
      return container;
    }
    return null;
  }

  private tryApp(app: SchedulerApp, node: SchedulerNode, free: Resource, cluster: Resource, nowMs: number) {
    const queue = this.queueOf(app);
    if (app.masterAsk !== null) {
      const wanted = app.masterAsk;
      const may =
        fitsIn(wanted, free) &&
        queue.mayGrow(wanted, cluster) &&
        queue.mayStartMaster(wanted, cluster, this.config.mastersPercent);
      return may ? app.allocateMaster(node.nodeId, nowMs) : null;
    }
    const fits = (ask: Ask) => fitsIn(ask.resource, free) && queue.mayGrow(ask.resource, cluster);
    const ask = app.openAsks().find(fits);
    return ask ? app.allocate(ask, node.nodeId, nowMs) : null;
  }

  /** Enters a container into the books of its node and its queue. */
  private book(container: LiveContainer, app: SchedulerApp): void {
    this.containers.set(container.containerId, container);
    const node = this.nodes.get(container.nodeId);
    assert(node !== undefined, `${container.containerId} is on the unknown node ${container.nodeId}`);
    node.containers.set(container.containerId, container);
    node.used = addResources(node.used, container.resource);
    this.queueOf(app).take(container.resource, container.isMaster);
  }

  private appsInOrder(cluster: Resource): readonly SchedulerApp[] {
    const use = new Map([...this.queues].map(([name, queue]) => [name, queue.relativeUse(cluster)]));
    return [...this.apps.values()]
      .filter((app) => app.pendingContainers > 0)
      .sort(
        (a, b) =>
          (use.get(a.place.queue) ?? 0) - (use.get(b.place.queue) ?? 0) ||
          a.place.queue.localeCompare(b.place.queue) ||
          b.place.priority - a.place.priority ||
          a.place.order - b.place.order,
      );
  }

  private queueOf(app: SchedulerApp): Queue {
    const queue = this.queues.get(app.place.queue);
    assert(queue !== undefined, `queue ${app.place.queue} does not exist`);
    return queue;
  }

  /** Containers that were granted but not seen running since `beforeMs`. */
  unstartedSince(beforeMs: number): readonly LiveContainer[] {
    return [...this.containers.values()].filter(
      (one) => one.state !== GrantState.Running && one.createdAtMs < beforeMs,
    );
  }
}
