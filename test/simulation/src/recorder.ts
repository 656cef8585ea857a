/** What the checkers know: everything that servers committed and clients were told, in the order it happened. */
import { createHash } from 'node:crypto';
import type { Proposal, Replication, RequestServer, ServerId } from '@menagerie/ensemble';

export class Violation extends Error {
  constructor(
    readonly rule: string,
    message: string,
  ) {
    super(`${rule}: ${message}`);
    this.name = 'Violation';
  }
}

export interface RecordedRead {
  readonly client: string;
  readonly path: string;
  readonly value: string;
  readonly mzxid: bigint;
}

export interface AcknowledgedWrite {
  readonly client: string;
  readonly zxid: bigint;
  readonly path: string;
  readonly value: string;
}

const hex = (zxid: bigint) => `0x${zxid.toString(16)}`;

export class Recorder {
  /** Of each zxid: the one transaction that any server ever committed under it. */
  private readonly committed = new Map<bigint, { hash: string; firstBy: ServerId; proposal: Proposal }>();
  private readonly leaderOf = new Map<number, ServerId>();
  readonly acknowledged: AcknowledgedWrite[] = [];
  /** Lines for whoever replays a failing seed. */
  readonly story: string[] = [];
  get commits(): number {
    return this.committed.size;
  }

  tell(nowMs: number, line: string): void {
    // A bound, since a life may be long: the end is what explains a failure.
    if (this.story.length >= 20_000) this.story.splice(0, 10_000);
    this.story.push(`${nowMs.toFixed(1).padStart(10)}  ${line}`);
  }

  /** A request server that passes everything on and tells us what matters. */
  observe(id: ServerId, server: RequestServer, nowMs: () => number): RequestServer {
    let last: bigint | null = null;
    return {
      startServing: (replication: Replication) => {
        last = null;
        this.tell(nowMs(), `server ${id} serves as ${replication.role} in epoch ${replication.epoch}`);
        if (replication.role === 'leader') this.leads(id, replication.epoch);
        server.startServing(replication);
      },
      stopServing: (reason) => {
        this.tell(nowMs(), `server ${id} stops serving: ${reason}`);
        server.stopServing(reason);
      },
      commit: (proposal) => {
        if (last !== null && proposal.zxid <= last) {
          throw new Violation('commits in order', `server ${id} committed ${hex(proposal.zxid)} after ${hex(last)}`);
        }
        last = proposal.zxid;
        this.commit(id, proposal);
        server.commit(proposal);
      },
      learnerRequest: (from, request) => server.learnerRequest(from, request),
      learnerTouched: (from, sessions) => server.learnerTouched(from, sessions),
      learnerRevalidate: (from, sessionId, timeoutMs) => server.learnerRevalidate(from, sessionId, timeoutMs),
      revalidated: (sessionId, valid) => server.revalidated(sessionId, valid),
      takeTouchedSessions: () => server.takeTouchedSessions(),
      synced: (request) => server.synced(request),
      tick: () => server.tick(),
      wakeAtMs: () => server.wakeAtMs(),
    };
  }

  readonly reads: RecordedRead[] = [];
  private readonly sequences = new Set<string>();

  read(read: RecordedRead): void {
    this.reads.push(read);
  }

  sequence(client: string, path: string): void {
    if (this.sequences.has(path))
      throw new Violation('sequence numbers are unique', `${client} was given ${path} again`);
    this.sequences.add(path);
  }

  /** The transaction committed under this zxid, if any server committed one. */
  at(zxid: bigint): Proposal | null {
    return this.committed.get(zxid)?.proposal ?? null;
  }

  /** All that any server committed, in zxid order. */
  inOrder(): Proposal[] {
    return [...this.committed.values()].map(({ proposal }) => proposal).sort((a, b) => (a.zxid < b.zxid ? -1 : 1));
  }

  private leads(id: ServerId, epoch: number): void {
    const other = this.leaderOf.get(epoch);
    if (other !== undefined && other !== id) {
      throw new Violation('one leader an epoch', `servers ${other} and ${id} both lead epoch ${epoch}`);
    }
    this.leaderOf.set(epoch, id);
  }

  private commit(id: ServerId, proposal: Proposal): void {
    const hash = createHash('sha1').update(proposal.bytes).digest('hex');
    const known = this.committed.get(proposal.zxid);
    if (!known) this.committed.set(proposal.zxid, { hash, firstBy: id, proposal });
    else if (known.hash !== hash) {
      throw new Violation(
        'agreement',
        `${hex(proposal.zxid)} is one transaction on server ${known.firstBy} and another on server ${id}`,
      );
    }
  }
}
