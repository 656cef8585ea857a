/** What one running attempt wants and has, in the scheduler's eyes (SchedulerApplicationAttempt). */
import { type Ask, formatContainerId, parseAttemptId, type Resource } from '@menagerie/yarn-protocol';
import { GrantState, type LiveContainer } from './container.js';

const kindOf = (priority: number, resource: Resource) => `${priority}/${resource.memoryMb}/${resource.vcores}`;

export interface AppOrder {
  readonly queue: string;
  /** Higher first. */
  readonly priority: number;
  /** Then earlier first. */
  readonly order: number;
}

export class SchedulerApp {
  private readonly asks = new Map<string, Ask>();
  /** Invariant: state ALLOCATED, not yet handed to the master. */
  private granted: LiveContainer[] = [];
  readonly containers = new Map<string, LiveContainer>();
  readonly blacklist = new Set<string>();
  /** What the master itself needs; null once it has been given. */
  masterAsk: Resource | null = null;
  private lastContainer = 0;

  constructor(
    readonly applicationId: string,
    readonly attemptId: string,
    readonly place: AppOrder,
    private readonly epoch: number,
  ) {}

  /**
   * Takes in an absolute ask. Its sender cannot know of grants that wait here to be handed over, so those count as given:
   * otherwise each ask that crosses a grant would yield one container too many.
   */
  setAsk(ask: Ask): void {
    const kind = kindOf(ask.priority, ask.resource);
    const unseen = this.granted.filter((one) => kindOf(one.priority, one.resource) === kind).length;
    const count = Math.max(0, ask.count - unseen);
    if (count === 0) this.asks.delete(kind);
    else this.asks.set(kind, { ...ask, count });
  }

  /** Open asks, the most urgent first. */
  openAsks(): readonly Ask[] {
    return [...this.asks.values()].sort((a, b) => a.priority - b.priority || b.resource.memoryMb - a.resource.memoryMb);
  }

  get pendingContainers(): number {
    let count = this.masterAsk === null ? 0 : 1;
    for (const ask of this.asks.values()) count += ask.count;
    return count;
  }

  allocateMaster(nodeId: string, nowMs: number): LiveContainer {
    const resource = this.masterAsk as Resource;
    this.masterAsk = null;
    return this.add({ nodeId, resource, priority: 0, isMaster: true, createdAtMs: nowMs });
  }

  allocate(ask: Ask, nodeId: string, nowMs: number): LiveContainer {
    const kind = kindOf(ask.priority, ask.resource);
    if (ask.count <= 1) this.asks.delete(kind);
    else this.asks.set(kind, { ...ask, count: ask.count - 1 });
    const { resource, priority } = ask;
    const container = this.add({ nodeId, resource, priority, isMaster: false, createdAtMs: nowMs });
    this.granted.push(container);
    return container;
  }

  private add(
    part: Pick<LiveContainer, 'nodeId' | 'resource' | 'priority' | 'isMaster' | 'createdAtMs'>,
  ): LiveContainer {
    const containerId = formatContainerId({
      ...parseAttemptId(this.attemptId),
      epoch: this.epoch,
      container: ++this.lastContainer,
    });
    const { applicationId, attemptId } = this;
    const container: LiveContainer = { containerId, applicationId, attemptId, ...part, state: GrantState.Allocated };
    this.containers.set(containerId, container);
    return container;
  }

  /** A container that runs already, from before this ResourceManager became active. */
  recover(container: LiveContainer): void {
    this.containers.set(container.containerId, container);
    if (container.isMaster) this.masterAsk = null;
  }

  remove(containerId: string): LiveContainer | null {
    const container = this.containers.get(containerId) ?? null;
    this.containers.delete(containerId);
    this.granted = this.granted.filter((one) => one.containerId !== containerId);
    return container;
  }

  /** Hands over what was granted since the last time. */
  takeGranted(): readonly LiveContainer[] {
    const granted = this.granted;
    this.granted = [];
    for (const container of granted) container.state = GrantState.Acquired;
    return granted;
  }
}
