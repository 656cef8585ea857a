/** One server alone: what is on its disk is committed. Source: ZooKeeperServer with SyncRequestProcessor. */
import assert from 'node:assert';
import {
  epochOf,
  formatZxid,
  type PeerDescription,
  type Proposal,
  type Replication,
  type Request,
} from '../contract/index.js';
import type { History } from './history.js';
import type { Role, RoleContext, RoleInput } from './role.js';

interface WaitingSync {
  readonly request: Request;
  readonly zxid: bigint;
}

type StandaloneContext = Pick<RoleContext, 'database' | 'history' | 'requestServer' | 'env'>;

export class Standalone implements Role, Replication {
  readonly kind = 'standalone';
  readonly role = 'standalone';
  readonly ensemble = null;
  readonly isServing = true;
  readonly epoch: number;
  /** Limit: the request server's limit of outstanding requests. */
  private syncs: WaitingSync[] = [];
  private readonly history: History;

  constructor(private readonly context: StandaloneContext) {
    this.history = context.history;
    this.epoch = epochOf(context.database.lastProcessedZxid);
  }

  start(): void {
    this.context.requestServer.startServing(this);
  }

  step(input: RoleInput): void {
    if (input.kind !== 'durable') return;
    const { history, requestServer } = this.context;
    let first = history.pending.first();
    while (first !== null && first.zxid <= history.durableZxid) {
      requestServer.commit(history.pending.shift());
      first = history.pending.first();
    }
    this.answerSyncs();
  }

  flush(): void {
    this.answerSyncs();
  }

  wakeAtMs(): null {
    return null;
  }

  end(reason: string): void {
    this.context.requestServer.stopServing(reason);
  }

  describe(): Pick<PeerDescription, 'phase' | 'syncMode' | 'learners' | 'pendingSyncs'> {
    return { phase: 'broadcast', syncMode: 'none', learners: [], pendingSyncs: 0 };
  }

  nextZxid(): bigint {
    const { lastProcessedZxid } = this.context.database;
    const { lastLoggedZxid } = this.history;
    return (lastLoggedZxid > lastProcessedZxid ? lastLoggedZxid : lastProcessedZxid) + 1n;
  }

  propose(proposal: Proposal): void {
    const expected = this.nextZxid();
    if (proposal.zxid !== expected) {
      assert.fail(`expected the proposal ${formatZxid(expected)}, got ${formatZxid(proposal.zxid)}`);
    }
    this.history.append(proposal);
  }

  sync(request: Request): void {
    this.syncs.push({ request, zxid: this.history.lastLoggedZxid });
  }

  forward(): never {
    assert.fail('expected a standalone server to order its requests, got one to forward');
  }

  revalidate(): never {
    assert.fail('expected a standalone server to know its sessions, got one to revalidate');
  }

  private answerSyncs(): void {
    while (this.syncs.length > 0 && this.syncs[0]!.zxid <= this.context.database.lastProcessedZxid) {
      this.context.requestServer.synced(this.syncs.shift()!.request);
    }
  }
}
