/** What a follower's or observer's request server has for its writes: the way to the leader. */
import assert from 'node:assert';
import { encodeLearnerRequest, encodeRevalidate, PacketType } from '@menagerie/zookeeper-protocol';
import type { Ensemble, LearnerLink, Replication, Request } from '../../contract/index.js';
import { ensembleOf } from '../ensemble-view.js';
import type { Learner } from './learner.js';

/** The zxid of packets that are about none. */
const NO_ZXID = -1n;

export class LearnerReplication implements Replication {
  readonly role: 'follower' | 'observer';
  readonly ensemble: Ensemble;
  /** Answered in order by the leader. Limit: the request server's limit of outstanding requests. */
  private readonly pendingSyncs: { readonly request: Request; readonly observer: LearnerLink | null }[] = [];

  constructor(
    private readonly learner: Learner,
    readonly epoch: number,
  ) {
    this.ensemble = ensembleOf(learner.context.membership);
    this.role = learner.isObserver ? 'observer' : 'follower';
  }

  forward(request: Request): void {
    this.learner.toLeader.add(PacketType.REQUEST, NO_ZXID, encodeLearnerRequest(request), request.authInfo);
  }

  revalidate(sessionId: bigint, timeoutMs: number): void {
    this.learner.toLeader.add(PacketType.REVALIDATE, NO_ZXID, encodeRevalidate({ sessionId, timeoutMs }));
  }

  sync(request: Request): void {
    this.pendingSyncs.push({ request, observer: null });
    this.forward(request);
  }

  /** For a client of one of our observers. */
  syncFor(request: Request, observer: LearnerLink): void {
    this.pendingSyncs.push({ request, observer });
    this.forward(request);
  }

  syncAnswered(): void {
    const sync = this.pendingSyncs.shift();
    if (sync === undefined) this.learner.context.env.log.warn('a SYNC came that nobody asked for');
    else if (sync.observer === null) this.learner.context.requestServer.synced(sync.request);
    else this.learner.observers?.synced(sync.observer);
  }

  nextZxid(): never {
    assert.fail('expected a learner to forward its requests, got one to order');
  }

  propose(): never {
    assert.fail('expected a learner to forward its requests, got one to propose');
  }
}
