/**
 * Compares the tree with what others say it should be: the digest that the leader put into each transaction, and the
 * one at the end of a snapshot. A difference means that two servers hold different states after the same history.
 *
 * A snapshot of Apache's is fuzzy: it may hold effects of transactions that are only now replayed, and until the
 * replay has passed them the tree is of no moment at all. So a difference counts only once the state is known to be
 * exact. Even then it may be one transaction ahead of the digest behind it: Apache's changes the tree first and notes
 * the digest after that, while another thread writes the snapshot; of 388 snapshots under load, 2 were such. The next
 * transaction tells the two cases apart. Source: DataTree.compareDigest, compareSnapshotDigests, logZxidDigest.
 */
import { DIGEST_VERSION, type SnapshotDigest, type TxnDigest } from '@menagerie/zookeeper-protocol';

export interface DigestMismatch {
  /** After this transaction. */
  readonly zxid: bigint;
  readonly expected: bigint;
  readonly actual: bigint;
  /**
   * `unproven`: a difference before the state was ever known to be exact, since it may be a fuzzy snapshot still, or one
   * that a mistake of an Apache leader's explains.
   */
  readonly standing: 'proven' | 'unproven';
  /** How many transactions in a row differ, this one included. A state that has gone its own way never agrees again. */
  readonly inSuccession: number;
}

export interface DigestAt {
  readonly zxid: bigint;
  readonly digest: bigint;
}

/** One digest is kept every so many transactions, so that the histories of servers line up. */
const HISTORY_INTERVAL_MASK = 0x7fn;
const HISTORY_LIMIT = 1024;

export class DigestCheck {
  /** The tree is exactly the state after the last transaction. */
  private exact = true;
  /** The state is fuzzy until here; null when it is not, or nobody knows. */
  private fuzzyUntil: SnapshotDigest | null = null;
  /** What the digest of the snapshot spoke against; the next transaction with a digest acquits or condemns it. */
  private suspicion: (DigestAt & { readonly actual: bigint }) | null = null;
  private readonly kept: DigestAt[] = [];
  private mismatchCount = 0;
  private inSuccession = 0;
  /** By how much the leader was found to be mistaken; those behind inherit it. 0n while it is not. */
  private excused = 0n;

  constructor(
    private readonly onMismatch: (mismatch: DigestMismatch) => void,
    /** Whether it is the leader who is mistaken about the transaction just applied. */
    private readonly isLeadersMistake: (expected: bigint, actual: bigint) => boolean = () => false,
  ) {}

  get mismatches(): number {
    return this.mismatchCount;
  }

  /** Oldest first. */
  get history(): readonly DigestAt[] {
    return this.kept;
  }

  /** The state is new and empty. */
  reset(): void {
    this.exact = true;
    this.fuzzyUntil = null;
    this.suspicion = null;
    this.inSuccession = 0;
    this.excused = 0n;
    this.kept.length = 0;
  }

  /** @param digest what stood behind the snapshot, null if nothing did (older servers, and every stream to a learner) */
  loaded(zxid: bigint, digest: SnapshotDigest | null, actual: bigint): void {
    this.reset();
    this.exact = false;
    // Of zxid 0: the server knew none. From before the snapshot: of the last transaction before an (epoch, 0).
    if (digest === null || digest.version !== DIGEST_VERSION || digest.zxid === 0n || digest.zxid < zxid) return;
    this.fuzzyUntil = digest;
    this.passFuzzy(zxid, actual);
  }

  applied(zxid: bigint, digest: TxnDigest | null, actual: bigint): void {
    if (this.fuzzyUntil !== null) {
      this.passFuzzy(zxid, actual);
    } else {
      this.compare(zxid, digest, actual);
      if ((zxid & HISTORY_INTERVAL_MASK) === 0n) this.keep({ zxid, digest: actual });
    }
  }

  private compare(zxid: bigint, digest: TxnDigest | null, actual: bigint): void {
    if (digest === null || digest.version !== DIGEST_VERSION) return;
    if (digest.treeDigest !== actual) return this.differs(zxid, digest.treeDigest, actual);
    this.exact = true;
    this.suspicion = null;
    this.inSuccession = 0;
    this.excused = 0n;
  }

  private differs(zxid: bigint, expected: bigint, actual: bigint): void {
    if (this.suspicion !== null) {
      const { zxid: since, digest, actual: found } = this.suspicion;
      this.suspicion = null;
      this.report(since, digest, found);
    }
    const difference = expected - actual;
    if (difference !== this.excused) this.excused = this.isLeadersMistake(expected, actual) ? difference : 0n;
    this.report(zxid, expected, actual);
  }

  private passFuzzy(zxid: bigint, actual: bigint): void {
    const until = this.fuzzyUntil;
    if (until === null || zxid < until.zxid) return;
    this.fuzzyUntil = null;
    if (zxid > until.zxid) return;
    this.exact = true;
    if (until.treeDigest !== actual) this.suspicion = { zxid, digest: until.treeDigest, actual };
  }

  private report(zxid: bigint, expected: bigint, actual: bigint): void {
    this.mismatchCount++;
    this.inSuccession++;
    const standing = this.exact && this.excused === 0n ? 'proven' : 'unproven';
    this.onMismatch({ zxid, expected, actual, standing, inSuccession: this.inSuccession });
  }

  private keep(entry: DigestAt): void {
    this.kept.push(entry);
    if (this.kept.length > HISTORY_LIMIT) this.kept.shift();
  }
}
