/**
 * One learner as its leader sees it.
 *
 *   connected --FOLLOWERINFO / OBSERVERINFO--> joined --(epoch proposed: LEADERINFO)--> informed
 *     --ACKEPOCH--> promised --(epoch agreed: how to synchronize is decided)--> synchronizing
 *     --(NEWLEADER sent) ACK--> acknowledged --(leader established: UPTODATE)--> upToDate
 *
 * While the log on disk is read for it, what it is sent waits in `backlog`: it takes part in the broadcast from the
 * moment of the decision, and nothing that is proposed meanwhile can be missing or come twice.
 *
 * What is broadcast between NEWLEADER and UPTODATE waits too, in `afterNewLeader`. A learner owes nothing of it before
 * it is up to date; and a follower of Apache 3.8.0 that meets a COMMIT there, of a proposal it had before NEWLEADER,
 * fails, joins again, and logs the same transactions twice (ZOOKEEPER-4394).
 */
import assert from 'node:assert';
import { PacketType } from '@menagerie/zookeeper-protocol';
import type { LearnerLink, PeerEffects, ServerId } from '../../contract/index.js';
import { encodePacket } from '../packets.js';

const STAGES = ['connected', 'joined', 'informed', 'promised', 'synchronizing', 'acknowledged', 'upToDate'] as const;
export type LearnerStage = (typeof STAGES)[number];

/** What may wait for one log to be read, where a snapshot is the way out, and for one NEWLEADER to be acknowledged. */
export const MAX_BACKLOG_BYTES = 64 << 20;

export class LearnerSession {
  private currentStage: LearnerStage = 'connected';
  serverId: ServerId = -1;
  isObserver = false;
  /** Last logged zxid, as it said in ACKEPOCH. */
  lastZxid = 0n;
  lastHeardMs: number;
  /** While we read its part of the log. */
  private backlog: Buffer[] | null = null;
  /** From NEWLEADER to UPTODATE. */
  private afterNewLeader: Buffer[] | null = null;
  /** In both. */
  private backlogBytes = 0;

  /** Counters of PINGs. Invariant: answered <= sent; answers come in the order of the questions. */
  pingsSent = 0;
  pingsAnswered = 0;
  /** The PING whose answer proves that it still follows us; null: it was not asked in this round. */
  proofPing: number | null = null;

  /** The oldest proposal known to be unacknowledged, or a little younger; null if there may be none. */
  private sampleZxid: bigint | null = null;
  private sampleAtMs = 0;

  constructor(
    readonly link: LearnerLink,
    readonly remoteAddress: string,
    private readonly effects: PeerEffects,
    nowMs: number,
  ) {
    this.lastHeardMs = nowMs;
  }

  get stage(): LearnerStage {
    return this.currentStage;
  }

  /** Whether it has said that our history is on its disk. */
  get hasHistory(): boolean {
    return this.currentStage === 'acknowledged' || this.currentStage === 'upToDate';
  }

  become(stage: LearnerStage): void {
    const expected = STAGES[STAGES.indexOf(this.currentStage) + 1];
    if (stage !== expected) assert.fail(`expected ${expected} after ${this.currentStage}, got ${stage}`);
    this.currentStage = stage;
  }

  send(bytes: Buffer): void {
    const waiting = this.afterNewLeader ?? this.backlog;
    if (waiting === null) return this.effects.sendToLearner(this.link, bytes);
    waiting.push(bytes);
    this.backlogBytes += bytes.length;
  }

  sendNewLeader(bytes: Buffer): void {
    this.send(bytes);
    this.afterNewLeader = [];
  }

  sendUpToDate(bytes: Buffer): void {
    assert(this.backlog === null, 'expected the log to be read before UPTODATE');
    const waiting = this.afterNewLeader ?? [];
    this.afterNewLeader = null;
    for (const each of [bytes, ...waiting]) this.effects.sendToLearner(this.link, each);
  }

  ping(lastProposed: bigint): void {
    this.pingsSent++;
    this.send(encodePacket(PacketType.PING, lastProposed));
  }

  holdBack(): void {
    assert(this.backlog === null, 'expected no backlog, got one');
    this.backlog = [];
    this.backlogBytes = 0;
  }

  /** Whether NEWLEADER still waits for the log to be read. */
  get isHeldBack(): boolean {
    return this.backlog !== null;
  }

  get isBacklogFull(): boolean {
    return this.backlogBytes > MAX_BACKLOG_BYTES;
  }

  /** Forgets what waited: it is in the snapshot that follows. */
  dropBacklog(): void {
    this.backlog = null;
    this.afterNewLeader = null;
  }

  releaseBacklog(): void {
    const { backlog } = this;
    this.backlog = null;
    for (const bytes of backlog ?? []) this.effects.sendToLearner(this.link, bytes);
  }

  proposed(zxid: bigint, nowMs: number): void {
    if (this.sampleZxid !== null || this.currentStage === 'synchronizing') return;
    this.sampleZxid = zxid;
    this.sampleAtMs = nowMs;
  }

  /** @param lastProposed what it may still owe us */
  acked(zxid: bigint, lastProposed: bigint, nowMs: number): void {
    if (this.sampleZxid === null || zxid < this.sampleZxid) return;
    this.sampleZxid = zxid < lastProposed ? lastProposed : null;
    this.sampleAtMs = nowMs;
  }

  /** Since when it has owed an acknowledgement; null: it owes none. */
  owesSinceMs(): number | null {
    return this.sampleZxid === null ? null : this.sampleAtMs;
  }
}
