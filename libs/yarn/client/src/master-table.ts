/**
 * What a master still wants from the ResourceManager: asks, releases, blacklist (AMRMClientImpl's table).
 *
 * It is kept here, not there, because the ResourceManager keeps it in memory only: after a failover the new active says
 * "not registered", and everything outstanding is sent again from this table.
 */
import type { AllocateRequest, AllocateResponse, Ask, Resource } from '@menagerie/yarn-protocol';

const kindOf = (priority: number, resource: Resource) => `${priority}/${resource.memoryMb}/${resource.vcores}`;

export type AllocateBody = Pick<
  AllocateRequest,
  'responseId' | 'asks' | 'releases' | 'blacklistAdditions' | 'blacklistRemovals'
>;

export class MasterTable {
  private readonly asks = new Map<string, Ask>();
  private readonly changed = new Set<string>();
  /** Released containers whose end has not been reported yet. */
  private readonly releasing = new Set<string>();
  private readonly blacklist = new Set<string>();
  private readonly blacklistChanges = new Map<string, 'add' | 'remove'>();
  /** Invariant: the id of the last answer that was taken in; 0 after registering. */
  private responseId = 0;

  /** How many containers of this kind are wanted in all, not yet granted. */
  want(priority: number, resource: Resource, count: number): void {
    const kind = kindOf(priority, resource);
    if ((this.asks.get(kind)?.count ?? 0) === count) return;
    this.asks.set(kind, { priority, resource, count });
    this.changed.add(kind);
  }

  outstanding(priority: number, resource: Resource): number {
    return this.asks.get(kindOf(priority, resource))?.count ?? 0;
  }

  release(containerId: string): void {
    this.releasing.add(containerId);
  }

  avoid(nodeId: string): void {
    this.blacklist.add(nodeId);
    this.blacklistChanges.set(nodeId, 'add');
  }

  forgive(nodeId: string): void {
    if (this.blacklist.delete(nodeId)) this.blacklistChanges.set(nodeId, 'remove');
  }

  get avoided(): ReadonlySet<string> {
    return this.blacklist;
  }

  /** The next call's body. Calling it twice without an answer in between gives the same, so a lost call is repeated. */
  next(): AllocateBody {
    const changes = [...this.blacklistChanges];
    return {
      responseId: this.responseId,
      asks: [...this.changed].map((kind) => this.asks.get(kind) as Ask),
      releases: [...this.releasing],
      blacklistAdditions: changes.filter(([, change]) => change === 'add').map(([node]) => node),
      blacklistRemovals: changes.filter(([, change]) => change === 'remove').map(([node]) => node),
    };
  }

  /** Takes in the answer to `sent`. What was wanted meanwhile stays to be sent. */
  answered(sent: AllocateBody, response: AllocateResponse): void {
    this.responseId = response.responseId;
    for (const ask of sent.asks) {
      const kind = kindOf(ask.priority, ask.resource);
      if (this.asks.get(kind)?.count === ask.count) this.changed.delete(kind);
    }
    for (const node of sent.blacklistAdditions) this.settleBlacklist(node, 'add');
    for (const node of sent.blacklistRemovals) this.settleBlacklist(node, 'remove');
    for (const grant of response.granted) {
      const kind = kindOf(grant.priority, grant.resource);
      const ask = this.asks.get(kind);
      if (ask && ask.count > 0) this.asks.set(kind, { ...ask, count: ask.count - 1 });
    }
    for (const status of response.completed) this.releasing.delete(status.containerId);
  }

  /** A ResourceManager that has never heard of us: all of it has to be said again. */
  registeredAgain(): void {
    this.responseId = 0;
    this.changed.clear();
    for (const [kind, ask] of this.asks) if (ask.count > 0) this.changed.add(kind);
    this.blacklistChanges.clear();
    for (const node of this.blacklist) this.blacklistChanges.set(node, 'add');
  }

  private settleBlacklist(node: string, sent: 'add' | 'remove'): void {
    if (this.blacklistChanges.get(node) === sent) this.blacklistChanges.delete(node);
  }
}
