/**
 * The replicated state and the history that made it: tree, sessions, last transactions, and how far it all goes.
 * Source: ZKDatabase.java, DataTree.java.
 */
import assert from 'node:assert';
import type { SnapshotDigest } from '@menagerie/zookeeper-protocol';
import type { Database, Proposal, SnapshotSink, SnapshotSource } from '../contract/index.js';
import { DataTree, type DataTreeOptions, type TreeObserver } from '../tree/data-tree.js';
import { CONFIG_NODE } from '../tree/paths.js';
import { isApachesMistake } from './apache-digests.js';
import { applyTxn, type ReplicatedState, type TxnResults } from './apply-txn.js';
import { DEFAULT_COMMIT_LOG_COUNT, RecentProposals } from './committed-log.js';
import { DigestCheck, type DigestMismatch } from './digest-check.js';
import { SnapshotLoad, startSnapshot } from './snapshot-io.js';

export interface DatabaseOptions {
  /** TTL nodes (`zookeeper.extendedTypesEnabled`). Must be the same on all servers. */
  readonly extendedTypes?: boolean;
  /** `zookeeper.commitLogCount`; transactions kept for learners. */
  readonly commitLogCount?: number;
  /** Of the hash by which nodes are found: any number, which clients should not know; 0 if not given. */
  readonly hashSeed?: number;
  /**
   * This server's state is not what another says it is. `proven`: it must not serve on; `unproven`: it was loaded from a
   * snapshot that may be fuzzy, and the difference may go away.
   */
  readonly onDigestMismatch?: (mismatch: DigestMismatch) => void;
}

export const createDatabase = (options: DatabaseOptions = {}): ReplicatedDatabase => new ReplicatedDatabase(options);

export class ReplicatedDatabase implements Database, ReplicatedState {
  readonly committedLog: RecentProposals;
  readonly digests: DigestCheck;
  private state: ReplicatedState;
  private processedZxid = 0n;
  /** Between `beginLoad` and its `finish` there is no state to speak of. */
  private loading = false;
  private lastApplied: Proposal | null = null;
  private observer: TreeObserver | null = null;
  private readonly extendedTypes: boolean;
  private readonly hashSeed: number;

  constructor(options: DatabaseOptions) {
    this.extendedTypes = options.extendedTypes ?? false;
    this.hashSeed = options.hashSeed ?? 0;
    this.committedLog = new RecentProposals(options.commitLogCount ?? DEFAULT_COMMIT_LOG_COUNT);
    this.digests = new DigestCheck(
      options.onDigestMismatch ?? (() => {}),
      (expected, actual) =>
        this.lastApplied !== null && isApachesMistake(this.tree, this.lastApplied, expected, actual),
    );
    this.state = { tree: DataTree.initial(this.treeOptions()), sessions: new Map() };
  }

  get lastProcessedZxid(): bigint {
    return this.processedZxid;
  }

  get tree(): DataTree {
    return this.state.tree;
  }

  get sessions(): Map<bigint, number> {
    return this.state.sessions;
  }

  get treeDigest(): bigint {
    return this.state.tree.digest.value;
  }

  /** Who is told of changes to nodes; stays across loads. */
  observe(observer: TreeObserver | null): void {
    this.observer = observer;
    this.state.tree.observer = observer;
  }

  apply(proposal: Proposal): void {
    this.applyWithResults(proposal, null);
  }

  /** `lastProcessedZxid` moves when all of the transaction is in (ZOOKEEPER-3127). */
  applyWithResults(proposal: Proposal, results: TxnResults | null): void {
    const { zxid } = proposal;
    assert(!this.loading, 'expected a loaded database, a snapshot is still coming in');
    // By the meaning of lastProcessedZxid it is in the state; doing it again could undo what came after it.
    if (zxid <= this.processedZxid) return;
    applyTxn(this.state, proposal.header, proposal.txn, results);
    this.processedZxid = zxid;
    this.lastApplied = proposal;
    this.committedLog.add(proposal);
    this.digests.applied(zxid, proposal.digest, this.state.tree.digest.value);
  }

  advanceTo(zxid: bigint): void {
    if (zxid < this.processedZxid) {
      assert.fail(`expected to advance from 0x${this.processedZxid.toString(16)}, got 0x${zxid.toString(16)}`);
    }
    this.processedZxid = zxid;
  }

  clear(): void {
    this.replaceState(DataTree.initial(this.treeOptions()));
    this.loading = false;
  }

  adopt(other: Database, zxid: bigint): void {
    assert(other instanceof ReplicatedDatabase, 'expected a database of this kind');
    assert(!this.loading && !other.loading, 'expected both databases to be loaded');
    assert(zxid >= this.processedZxid, `expected 0x${this.processedZxid.toString(16)} or later`);
    const { tree, sessions } = other.state;
    this.replaceState(tree);
    this.state = { tree, sessions };
    tree.observer = this.observer;
    this.processedZxid = zxid;
  }

  beginSnapshot(): SnapshotSource | null {
    assert(!this.loading, 'expected a loaded database, a snapshot is still coming in');
    return startSnapshot(this.state, this.processedZxid);
  }

  beginLoad(): SnapshotSink {
    this.replaceState(DataTree.empty(this.treeOptions()));
    this.loading = true;
    const target = this.state;
    return new SnapshotLoad(target, (zxid, digest) => {
      assert(this.state === target, 'expected the load that was begun last to finish');
      this.finishLoad(zxid, digest);
    });
  }

  /**
   * The ensemble's configuration as text, which each server puts into the tree by itself when it takes up a role.
   * @param version zxid of the transaction that made it
   */
  setConfig(text: string, version: bigint, timeMs: number): void {
    if (this.tree.get(CONFIG_NODE) === undefined) this.tree.addConfigNode();
    this.tree.setData(CONFIG_NODE, Buffer.from(text, 'utf8'), -1, version, timeMs);
  }

  private finishLoad(zxid: bigint, digest: SnapshotDigest | null): void {
    this.loading = false;
    this.processedZxid = zxid;
    this.tree.quotas.rebuild();
    this.digests.loaded(zxid, digest, this.treeDigest);
  }

  private replaceState(tree: DataTree): void {
    this.state.tree.walks.endAll();
    this.state = { tree, sessions: new Map() };
    this.processedZxid = 0n;
    this.committedLog.clear();
    this.digests.reset();
  }

  private treeOptions(): DataTreeOptions {
    return { extendedTypes: this.extendedTypes, hashSeed: this.hashSeed, observer: this.observer ?? null };
  }
}
