/**
 * No leader for a while: what this server has is shown to clients that have said they would take that, and nothing is
 * changed. Source: ReadOnlyZooKeeperServer.java.
 */
import assert from 'node:assert';
import type { Ensemble, Replication } from '../contract/index.js';
import type { Membership } from '../quorum/membership.js';
import { ensembleOf } from './ensemble-view.js';

export class ReadOnly implements Replication {
  readonly role = 'readOnly';
  readonly ensemble: Ensemble;

  constructor(
    membership: Membership,
    readonly epoch: number,
  ) {
    this.ensemble = ensembleOf(membership);
  }

  nextZxid(): never {
    return refuse();
  }

  propose(): never {
    return refuse();
  }

  forward(): never {
    return refuse();
  }

  revalidate(): never {
    return refuse();
  }

  sync(): never {
    return refuse();
  }
}

function refuse(): never {
  assert.fail('expected nothing to be changed in read-only mode');
}
