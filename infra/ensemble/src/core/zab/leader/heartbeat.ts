/**
 * Time as a leader sees it: how long a phase may take, who has been silent for too long, whether a quorum is left, and
 * whether one has proved that we lead. PINGs go out twice a tick, only to learners which are up to date: Apache's
 * learners answer none before that. Source: Leader.lead (its loop), LearnerHandler.ping, SyncLimitCheck.
 */
import type { ServerId, ZabPhase } from '../../contract/index.js';
import type { RoleContext } from '../role.js';
import type { LearnerSession } from './learner.js';

export interface Verdict {
  readonly drop: readonly { session: LearnerSession; reason: string }[];
  readonly abandon: string | null;
}

const ALL_IS_WELL: Verdict = { drop: [], abandon: null };

export class Heartbeat {
  private phaseStartedMs: number;
  private nextBeatMs: number;
  /** Whether a quorum is left is looked at every other beat, once a tick, and whenever somebody is dropped. */
  private isOffBeat = false;

  constructor(
    private readonly context: RoleContext,
    nowMs: number,
  ) {
    this.phaseStartedMs = nowMs;
    this.nextBeatMs = nowMs + context.timing.tickTimeMs / 2;
  }

  beginPhase(): void {
    this.phaseStartedMs = this.context.env.monotonicMs();
  }

  phaseAgeMs(): number {
    return this.context.env.monotonicMs() - this.phaseStartedMs;
  }

  wakeAtMs(phase: ZabPhase): number {
    return phase === 'broadcast' ? this.nextBeatMs : Math.min(this.nextBeatMs, this.phaseStartedMs + this.initLimitMs);
  }

  tick(phase: ZabPhase, sessions: Iterable<LearnerSession>, lastProposed: bigint): Verdict {
    const nowMs = this.context.env.monotonicMs();
    if (phase !== 'broadcast' && nowMs - this.phaseStartedMs >= this.initLimitMs) {
      return { drop: [], abandon: `no quorum through ${phase} in ${this.initLimitMs} ms` };
    }
    if (nowMs < this.nextBeatMs) return ALL_IS_WELL;
    this.nextBeatMs = nowMs + this.context.timing.tickTimeMs / 2;
    this.isOffBeat = !this.isOffBeat;
    const drop: { session: LearnerSession; reason: string }[] = [];
    const present = new Set<ServerId>([this.context.self]);
    for (const session of sessions) {
      const reason = this.faultOf(session, nowMs);
      if (reason !== null) {
        drop.push({ session, reason });
        continue;
      }
      if (session.stage === 'upToDate') session.ping(lastProposed);
      if (!session.isObserver) present.add(session.serverId);
    }
    // Who has gone may be back by the next beat. Who was dropped has not been heard of for so long that another may lead,
    // and whoever is answered from now on would be answered by a leader of the past.
    const mayWait = this.isOffBeat && drop.length === 0;
    const isQuorumLeft = mayWait || phase !== 'broadcast' || this.context.membership.hasQuorum(present);
    return { drop, abandon: isQuorumLeft ? null : `no quorum left, only ${[...present].join(',')}` };
  }

  /** Asks everyone who is up to date. */
  beginProof(sessions: Iterable<LearnerSession>, lastProposed: bigint): void {
    for (const session of sessions) {
      session.proofPing = null;
      if (session.stage !== 'upToDate') continue;
      session.ping(lastProposed);
      session.proofPing = session.pingsSent;
    }
  }

  isProved(sessions: Iterable<LearnerSession>): boolean {
    const faithful = new Set<ServerId>([this.context.self]);
    for (const { proofPing, pingsAnswered, isObserver, serverId } of sessions) {
      if (proofPing !== null && pingsAnswered >= proofPing && !isObserver) faithful.add(serverId);
    }
    return this.context.membership.hasQuorum(faithful);
  }

  private get initLimitMs(): number {
    return this.context.timing.initLimitTicks * this.context.timing.tickTimeMs;
  }

  get syncLimitMs(): number {
    return this.context.timing.syncLimitTicks * this.context.timing.tickTimeMs;
  }

  private faultOf(session: LearnerSession, nowMs: number): string | null {
    const limitMs = this.silenceLimitMs(session);
    if (limitMs !== null && nowMs - session.lastHeardMs > limitMs) return `nothing heard for ${limitMs} ms`;
    if (session.stage === 'synchronizing' && session.isBacklogFull) return 'too much waits for its NEWLEADER';
    const owesSinceMs = session.stage === 'upToDate' ? session.owesSinceMs() : null;
    if (owesSinceMs !== null && nowMs - owesSinceMs > this.syncLimitMs) {
      return `a proposal not acknowledged for ${this.syncLimitMs} ms`;
    }
    return null;
  }

  /** Null while it is for us to speak: the limit of the phase holds then. */
  private silenceLimitMs(session: LearnerSession): number | null {
    switch (session.stage) {
      case 'connected':
      case 'informed':
      case 'synchronizing':
        return this.initLimitMs;
      case 'joined':
      case 'promised':
      case 'acknowledged':
        return null;
      case 'upToDate':
        return this.syncLimitMs;
    }
  }
}
