/** What a leader's request server orders its writes with. */
import assert from 'node:assert';
import type { Ensemble, Proposal, Replication, Request } from '../../contract/index.js';
import { ensembleOf } from '../ensemble-view.js';
import type { Leader } from './leader.js';

export class LeaderReplication implements Replication {
  readonly role = 'leader';
  readonly ensemble: Ensemble;

  constructor(
    private readonly leader: Leader,
    readonly epoch: number,
  ) {
    this.ensemble = ensembleOf(leader.context.membership, (config) => leader.isQuorumSynced(config));
  }

  nextZxid(): bigint {
    return this.leader.nextZxid();
  }

  propose(proposal: Proposal): void {
    this.leader.propose(proposal);
  }

  sync(request: Request): void {
    this.leader.syncs.add({ request, from: null }, this.leader.lastProposed);
  }

  forward(): never {
    assert.fail('expected a leader to order its requests, got one to forward');
  }

  revalidate(): never {
    assert.fail('expected a leader to know its sessions, got one to revalidate');
  }
}
