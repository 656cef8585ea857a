/**
 * One history for all: what any server logs, commits and leads with is compared with what all others did.
 *
 * One leader an epoch, one transaction a zxid, every commit descends from all commits before it, none is left out, a
 * leader has every committed transaction, and equal zxids mean equal trees. A committed transaction is never forgotten,
 * so an acknowledged write that some later leader lacks is found as soon as that one leads.
 */
import type { ServerId } from '@menagerie/ensemble';
import { Violation } from '../engine/violation.js';
import { epochOfZxid, hexZxid, isTransaction } from './zxids.js';

interface Logged {
  readonly bytes: Buffer;
  /** The transaction before it in the history of the leader that proposed it. */
  readonly previous: number;
  readonly firstBy: ServerId;
  /** Who ever had it in its log. */
  readonly by: Set<ServerId>;
}

export class Agreement {
  /** Of each zxid: the one transaction that any server ever logged under it. */
  private readonly logged = new Map<number, Logged>();
  private readonly committed = new Set<number>();
  private readonly history: number[] = [];
  private last = 0;
  /** By epoch: its leader, and the last transaction before it. */
  private readonly epochs = new Map<number, { leader: ServerId; begins: number }>();
  /** By zxid: what the tree looks like there, and who was there first. */
  private readonly digests = new Map<number, { digest: bigint; by: ServerId }>();

  constructor(private readonly onCommit: (zxid: number, bytes: Buffer) => void) {}

  get commits(): number {
    return this.committed.size;
  }

  get lastCommitted(): number {
    return this.last;
  }

  get lastEpoch(): number {
    return Math.max(0, ...this.epochs.keys());
  }

  /** A server writes into its log. `previous` is where its log or snapshot ended before. */
  logs(by: ServerId, zxid: number, bytes: Buffer, previous: number): void {
    const known = this.logged.get(zxid);
    // A server alone has no epochs: after a crash it gives what was never committed another meaning.
    const isReplaced = epochOfZxid(zxid) === 0 && !this.committed.has(zxid);
    if (known === undefined || isReplaced) this.logged.set(zxid, { bytes, previous, firstBy: by, by: new Set([by]) });
    else if (!known.bytes.equals(bytes)) {
      throw new Violation(
        'a zxid is one transaction',
        `${hexZxid(zxid)} is one transaction on server ${known.firstBy} and another on server ${by}`,
      );
    } else known.by.add(by);
  }

  /** Who has had it in its log; null if it is committed already. */
  loggersOf(zxid: number): ReadonlySet<ServerId> | null {
    return this.committed.has(zxid) ? null : (this.logged.get(zxid)?.by ?? new Set());
  }

  /** A server begins to lead, and to serve. */
  leads(id: ServerId, epoch: number, lastLogged: number): void {
    const other = this.epochs.get(epoch);
    if (other !== undefined) {
      throw new Violation('one leader an epoch', `servers ${other.leader} and ${id} both lead epoch ${epoch}`);
    }
    this.follow(id, lastLogged);
    const begins = this.transactionAt(lastLogged);
    const last = this.lastBefore(epoch);
    if (begins !== last) {
      throw new Violation(
        'a leader has every committed transaction',
        `server ${id} leads epoch ${epoch} from ${hexZxid(begins)} while ${hexZxid(last)} is committed`,
      );
    }
    this.epochs.set(epoch, { leader: id, begins });
  }

  /** One alone serves: what is on its disk is committed. */
  standsAlone(id: ServerId, lastLogged: number): void {
    this.follow(id, lastLogged);
    if (this.transactionAt(lastLogged) === this.last) return;
    throw new Violation(
      'no acknowledged write is lost',
      `server ${id} alone has ${hexZxid(lastLogged)} while ${hexZxid(this.last)} is committed`,
    );
  }

  commit(id: ServerId, zxid: number, before: number): void {
    if (zxid <= before) {
      throw new Violation('commits in order', `server ${id} committed ${hexZxid(zxid)} after ${hexZxid(before)}`);
    }
    this.follow(id, zxid);
    const expected = this.transactionAt(before);
    const previous = this.transactionAt(this.logged.get(zxid)!.previous);
    if (previous === expected) return;
    throw new Violation(
      'no hole',
      `server ${id} committed ${hexZxid(zxid)} after ${hexZxid(expected)}, not ${hexZxid(previous)}`,
    );
  }

  /** Where two servers are at the same zxid their trees are the same. */
  hasTree(id: ServerId, zxid: number, digest: bigint): void {
    const at = this.transactionAt(zxid);
    const known = this.digests.get(at);
    if (known === undefined) this.digests.set(at, { digest, by: id });
    else if (known.digest !== digest) {
      throw new Violation('equal trees', `servers ${known.by} and ${id} have different trees at ${hexZxid(at)}`);
    }
  }

  /**
   * The last commit of an earlier epoch. A leader may be told late that a quorum has its history, when others lead later
   * epochs already: it begins where those began, and will not commit anything.
   */
  private lastBefore(epoch: number): number {
    return this.history.findLast((zxid) => epochOfZxid(zxid) < epoch) ?? 0;
  }

  /** `zxid` is committed on `id`, and with it everything before it in the history it belongs to. */
  private follow(id: ServerId, zxid: number): void {
    const { last } = this;
    const at = this.transactionAt(zxid);
    if (at <= last) {
      if (at === 0 || this.committed.has(at)) return;
      throw new Violation('one history', `server ${id} committed ${hexZxid(at)}, and others went on without it`);
    }
    const added: number[] = [];
    let one = at;
    while (one > last) {
      added.push(one);
      one = this.transactionAt(this.logged.get(one)!.previous);
    }
    if (one !== last) {
      throw new Violation(
        'one history',
        `server ${id} committed ${hexZxid(at)}, whose history passes by ${hexZxid(last)}, which is committed too`,
      );
    }
    for (const each of added.reverse()) {
      this.committed.add(each);
      this.history.push(each);
      this.last = each;
      this.onCommit(each, this.logged.get(each)!.bytes);
    }
  }

  /** An (epoch, 0) stands for the last transaction before it. */
  transactionAt(zxid: number): number {
    let at = zxid;
    while (at !== 0 && !isTransaction(at)) at = this.epochs.get(epochOfZxid(at))?.begins ?? 0;
    return at;
  }
}
