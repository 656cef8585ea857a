/**
 * Who is in the ensemble, as one server knows it: the configuration that is committed, and while it is being changed the
 * one that was proposed. Whatever takes a quorum takes one of each of the two then, so that at no moment two quorums
 * exist which do not know of each other.
 *
 *   current --(proposed, or told by a leader: see)--> current + next --(committed: activate)--> next is current
 *                                                        '--(a leader knows no such change)--> current
 *
 * Source: QuorumPeer.setLastSeenQuorumVerifier, setQuorumVerifier, processReconfig; SyncedLearnerTracker.java;
 * Shraer et al., Dynamic Reconfiguration of Primary/Backup Clusters, USENIX ATC 2012.
 */
import { counterOf, type ServerId } from '../contract/index.js';
import { formatQuorumConfig, parseQuorumConfigText } from './config-text.js';
import { formatServerValue } from './server-value.js';
import { type EnsembleMember, LearnerRole, type QuorumConfig } from './types.js';
import { createQuorumVerifier, type QuorumVerifier } from './verifier.js';

/** Where a server keeps what it knows, so that it knows it after a crash too. Nothing here may call back. */
export interface MembershipStore {
  /** It was proposed and may be committed; null: nothing is. */
  seeConfig(next: QuorumConfig | null): void;
  /** It is committed, and what was seen before it is of no use any more. */
  activateConfig(config: QuorumConfig): void;
}

/** What became of whom a server knows when a configuration was activated. */
export interface MembershipChange {
  readonly before: QuorumConfig;
  readonly after: QuorumConfig;
  /** False for the same servers under a later version. */
  readonly isDifferent: boolean;
}

export class Membership {
  private committed: QuorumConfig;
  private committedText: string;
  private committedVerifier: QuorumVerifier;
  /** Invariant: null or of a later version than the committed one. */
  private proposed: QuorumConfig | null = null;
  private proposedVerifier: QuorumVerifier | null = null;
  /** Of both, in ascending order. */
  private allVoters: readonly ServerId[];

  /** @param store null: the configuration is the operator's, and stays as it is (`reconfigEnabled=false`) */
  constructor(
    private readonly self: ServerId,
    config: QuorumConfig,
    private readonly store: MembershipStore | null,
  ) {
    this.committed = config;
    this.committedText = formatQuorumConfig(config);
    this.committedVerifier = createQuorumVerifier(config);
    this.allVoters = this.committedVerifier.voters;
  }

  get isDynamic(): boolean {
    return this.store !== null;
  }

  get current(): QuorumConfig {
    return this.committed;
  }

  /** Null while nothing is being changed. */
  get next(): QuorumConfig | null {
    return this.proposed;
  }

  get lastSeen(): QuorumConfig {
    return this.proposed ?? this.committed;
  }

  /** Of the current one, as it stands in /zookeeper/config and in notifications. */
  get text(): string {
    return this.committedText;
  }

  get verifier(): QuorumVerifier {
    return this.committedVerifier;
  }

  get nextVerifier(): QuorumVerifier | null {
    return this.proposedVerifier;
  }

  /** Whoever votes in the current configuration or in the next. */
  get voters(): readonly ServerId[] {
    return this.allVoters;
  }

  /**
   * As what to come to a leader. One that will vote once the change is committed comes as a participant: its word is
   * needed to commit it, and a leader does not ask observers. Who is in no configuration is a participant without a vote.
   */
  get ownRole(): LearnerRole {
    const role = roleOf(this.self, this.committed);
    return role === LearnerRole.observer && this.proposedVerifier?.voters.includes(this.self) === true
      ? LearnerRole.participant
      : role;
  }

  get isVoter(): boolean {
    return this.committedVerifier.voters.includes(this.self);
  }

  /** In the current configuration, else in the next; null for a stranger. */
  member(server: ServerId): EnsembleMember | null {
    return memberOf(this.committed, server) ?? (this.proposed === null ? null : memberOf(this.proposed, server));
  }

  /** 0: it can not be elected. */
  weightOf(server: ServerId): number {
    return this.committedVerifier.weightOf(server) || (this.proposedVerifier?.weightOf(server) ?? 0);
  }

  /** Of every configuration that counts at the moment. */
  hasQuorum(servers: ReadonlySet<ServerId>): boolean {
    if (!this.committedVerifier.containsQuorum(servers)) return false;
    return this.proposedVerifier === null || this.proposedVerifier.containsQuorum(servers);
  }

  /** What a server that starts has found on its disk, in a file or in the log; it may have been committed or not. */
  restore(seen: QuorumConfig): void {
    if (this.isDynamic && seen.version > this.lastSeen.version) this.setNext(seen);
  }

  /** A change is proposed. One that was proposed before the current one was made says nothing new. */
  see(config: QuorumConfig): void {
    if (!this.isDynamic || config.version <= this.committed.version) return;
    this.keepNext(config);
  }

  /** A leader's word on what is to come: a change that only we have seen is not, for it is not in that history. */
  seeLeaders(config: QuorumConfig): void {
    if (this.isDynamic) this.keepNext(config.version > this.committed.version ? config : null);
  }

  /**
   * An election begins, with a history that ends at `lastZxid`. A change behind that was announced to us and never logged
   * by us, so our word is not in what may have committed it: who has it in the log counts by it, we do not. Apache's
   * servers do, and lead by members that stand in no transaction. One with the counter 0 is no change, see `Leader`.
   */
  forgetAfter(lastZxid: bigint): void {
    const { proposed } = this;
    if (proposed !== null && proposed.version > lastZxid && counterOf(proposed.version) !== 0) this.keepNext(null);
  }

  /** @returns null if it is not new, or may not be taken */
  activate(config: QuorumConfig): MembershipChange | null {
    const before = this.committed;
    if (!this.isDynamic || config.version <= before.version) return null;
    this.committed = config;
    this.committedText = formatQuorumConfig(config);
    this.committedVerifier = createQuorumVerifier(config);
    this.setNext(this.proposed !== null && this.proposed.version > config.version ? this.proposed : null);
    this.store?.activateConfig(config);
    return { before, after: config, isDifferent: !sameMembers(before, config) };
  }

  private keepNext(config: QuorumConfig | null): void {
    if (config?.version === this.proposed?.version) return;
    this.setNext(config);
    this.store?.seeConfig(config);
  }

  private setNext(config: QuorumConfig | null): void {
    this.proposed = config;
    this.proposedVerifier = config === null ? null : createQuorumVerifier(config);
    const voters = new Set([...this.committedVerifier.voters, ...(this.proposedVerifier?.voters ?? [])]);
    this.allVoters = [...voters].sort((one, other) => one - other);
  }
}

export const memberOf = (config: QuorumConfig, server: ServerId): EnsembleMember | null =>
  config.members.find(({ id }) => id === server) ?? null;

/** Whether nobody could tell the two apart but by their version. */
export function sameMembers(one: QuorumConfig, other: QuorumConfig): boolean {
  const lines = (config: QuorumConfig) => formatQuorumConfig({ ...config, version: 0n });
  return lines(one) === lines(other);
}

/** Whether a learner of the one configuration finds that server where the other says it is, as a voter. */
export function isSameVoter(server: ServerId, one: QuorumConfig, other: QuorumConfig): boolean {
  const [before, after] = [memberOf(one, server), memberOf(other, server)];
  if (before?.role !== LearnerRole.participant || after?.role !== LearnerRole.participant) return false;
  return before.quorum.host === after.quorum.host && before.quorum.port === after.quorum.port;
}

/** @throws QuorumConfigError */
export const configOfTxn = (data: Buffer | null): QuorumConfig =>
  parseQuorumConfigText((data ?? Buffer.alloc(0)).toString('utf8'));

/** For the log. */
export const describeMembers = (config: QuorumConfig): string =>
  config.members.map((member) => `${member.id}=${formatServerValue(member)}`).join(' ');

function roleOf(server: ServerId, config: QuorumConfig): LearnerRole {
  return memberOf(config, server)?.role ?? LearnerRole.participant;
}
