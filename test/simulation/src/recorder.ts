/** What the checkers know: everything that servers logged, committed and told clients, in the order it happened. */
import type { Database, Proposal, Replication, RequestServer, ServerId } from '@menagerie/ensemble';
import { proposalOf } from './proposal-of.js';
import { Violation } from './violation.js';

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

/** What an observed server is asked about itself. */
export interface Observed {
  readonly id: ServerId;
  readonly database: Database;
  /** The last transaction on its disk, synced or not. */
  readonly lastLogged: () => bigint;
}

interface Logged {
  readonly bytes: Buffer;
  /** The transaction before it in the history of the leader that proposed it. */
  readonly previous: bigint;
  readonly firstBy: ServerId;
}

const hex = (zxid: bigint) => `0x${zxid.toString(16)}`;
const isTransaction = (zxid: bigint) => (zxid & 0xffff_ffffn) !== 0n;
const MAX_STORY_LINES = 20_000;

export class Recorder {
  /** Of each zxid: the one transaction that any server ever logged under it. */
  private readonly logged = new Map<bigint, Logged>();
  /** The one history: every zxid that is committed, in order. */
  private readonly history: bigint[] = [];
  private readonly committed = new Set<bigint>();
  /** By epoch: its leader, and the last transaction before it. */
  private readonly epochs = new Map<number, { leader: ServerId; begins: bigint }>();
  /** By zxid: what the tree looks like there, and who was there first. */
  private readonly digests = new Map<bigint, { digest: bigint; by: ServerId }>();
  private readonly newestWrite = new Map<string, bigint>();
  private readonly sequences = new Set<string>();
  readonly acknowledged: AcknowledgedWrite[] = [];
  readonly reads: RecordedRead[] = [];
  /** Lines for whoever replays a failing seed. */
  readonly story: string[] = [];

  get commits(): number {
    return this.history.length;
  }

  tell(nowMs: number, line: string): void {
    // A bound, since a life may be long: the end is what explains a failure.
    if (this.story.length >= MAX_STORY_LINES) this.story.splice(0, MAX_STORY_LINES / 2);
    this.story.push(`${nowMs.toFixed(1).padStart(10)}  ${line}`);
  }

  /** A server writes into its log. `previous` is where its log or snapshot ended before. */
  append(by: ServerId, zxid: bigint, bytes: Buffer, previous: bigint): void {
    const known = this.logged.get(zxid);
    // A server alone has no epochs: after a crash it gives what was never committed another meaning.
    const isReplaced = zxid >> 32n === 0n && !this.committed.has(zxid);
    if (known === undefined || isReplaced) this.logged.set(zxid, { bytes, previous, firstBy: by });
    else if (!known.bytes.equals(bytes)) {
      throw new Violation(
        'a zxid is one transaction',
        `${hex(zxid)} is one transaction on server ${known.firstBy} and another on server ${by}`,
      );
    }
  }

  /** A request server that passes everything on and tells us what matters. */
  observe({ id, database, lastLogged }: Observed, server: RequestServer, nowMs: () => number): RequestServer {
    return {
      startServing: (replication: Replication) => {
        const { role, epoch } = replication;
        this.tell(nowMs(), `server ${id} serves as ${role} in epoch ${epoch} at ${hex(database.lastProcessedZxid)}`);
        if (role === 'leader') this.leads(id, epoch, lastLogged());
        else if (role === 'standalone') this.commitHistory(id, lastLogged());
        this.agree(id, database);
        server.startServing(replication);
      },
      stopServing: (reason) => {
        this.tell(nowMs(), `server ${id} stops serving: ${reason}`);
        server.stopServing(reason);
      },
      commit: (proposal) => {
        const before = database.lastProcessedZxid;
        if (proposal.zxid <= before) {
          throw new Violation('commits in order', `server ${id} committed ${hex(proposal.zxid)} after ${hex(before)}`);
        }
        this.commitHistory(id, proposal.zxid);
        this.follows(id, proposal.zxid, before);
        server.commit(proposal);
        this.agree(id, database);
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

  acknowledge(write: AcknowledgedWrite): void {
    this.acknowledged.push(write);
    const newest = this.newestWrite.get(write.path) ?? 0n;
    if (write.zxid > newest) this.newestWrite.set(write.path, write.zxid);
  }

  /** The last write to `path` that any client knows to have succeeded by now. */
  newestAcknowledged(path: string): bigint {
    return this.newestWrite.get(path) ?? 0n;
  }

  read(read: RecordedRead): void {
    this.reads.push(read);
  }

  sequence(client: string, path: string): void {
    if (this.sequences.has(path))
      throw new Violation('sequence numbers are unique', `${client} was given ${path} again`);
    this.sequences.add(path);
  }

  /** The transaction committed under this zxid, if there is one. */
  at(zxid: bigint): Proposal | null {
    return this.committed.has(zxid) ? proposalOf(this.logged.get(zxid)!.bytes) : null;
  }

  /** All that is committed. */
  inOrder(): Proposal[] {
    return this.history.map((zxid) => proposalOf(this.logged.get(zxid)!.bytes));
  }

  private leads(id: ServerId, epoch: number, lastLogged: bigint): void {
    const other = this.epochs.get(epoch);
    if (other !== undefined) {
      throw new Violation('one leader an epoch', `servers ${other.leader} and ${id} both lead epoch ${epoch}`);
    }
    this.commitHistory(id, lastLogged);
    const last = this.history.at(-1) ?? 0n;
    const begins = this.transactionAt(lastLogged);
    if (begins !== last) {
      throw new Violation(
        'a leader has every committed transaction',
        `server ${id} leads epoch ${epoch} from ${hex(begins)} while ${hex(last)} is committed`,
      );
    }
    this.epochs.set(epoch, { leader: id, begins });
  }

  /** `zxid` is committed on `id`, and with it everything before it in the history it belongs to. */
  private commitHistory(id: ServerId, zxid: bigint): void {
    const last = this.history.at(-1) ?? 0n;
    const added: bigint[] = [];
    let at = this.transactionAt(zxid);
    while (at > last) {
      added.push(at);
      at = this.transactionAt(this.logged.get(at)!.previous);
    }
    if (added.length > 0 && at !== last) {
      throw new Violation(
        'one history',
        `server ${id} committed ${hex(zxid)}, whose history passes by ${hex(last)}, which is committed too`,
      );
    }
    if (added.length === 0 && at !== 0n && !this.committed.has(at)) {
      throw new Violation('one history', `server ${id} committed ${hex(at)}, and others went on without it`);
    }
    for (const one of added.reverse()) {
      this.history.push(one);
      this.committed.add(one);
    }
  }

  /** A server commits one transaction after the other and leaves none out (ZOOKEEPER-4925). */
  private follows(id: ServerId, zxid: bigint, before: bigint): void {
    const expected = this.transactionAt(before);
    const previous = this.transactionAt(this.logged.get(zxid)!.previous);
    if (previous === expected) return;
    throw new Violation('no hole', `server ${id} committed ${hex(zxid)} after ${hex(expected)}, not ${hex(previous)}`);
  }

  /** Where two servers are at the same zxid their trees are the same. */
  private agree(id: ServerId, { lastProcessedZxid, treeDigest }: Database): void {
    const zxid = this.transactionAt(lastProcessedZxid);
    const known = this.digests.get(zxid);
    if (known === undefined) this.digests.set(zxid, { digest: treeDigest, by: id });
    else if (known.digest !== treeDigest) {
      throw new Violation('equal trees', `servers ${known.by} and ${id} have different trees at ${hex(zxid)}`);
    }
  }

  /** An (epoch, 0) stands for the last transaction before it. */
  private transactionAt(zxid: bigint): bigint {
    let at = zxid;
    while (!isTransaction(at) && at !== 0n) at = this.epochs.get(Number(at >> 32n))?.begins ?? 0n;
    return at;
  }
}
