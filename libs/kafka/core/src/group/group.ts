/**
 * A consumer group at its coordinator: who is a member, and how all of them come to the same generation with one
 * assignment (GroupCoordinator, GroupMetadata). What members are assigned is the leader's business and opaque here.
 *
 *   Empty --join--> PreparingRebalance --all joined, or too late--> CompletingRebalance --leader's sync, stored--> Stable
 *   Stable, CompletingRebalance --join, leave, expiry--> PreparingRebalance          PreparingRebalance --nobody left--> Empty
 */
import { strict as assert } from 'node:assert';
import { ErrorCode } from '@menagerie/kafka-protocol';

import {
  type GroupEffect,
  type GroupSettings,
  GroupState,
  type JoinInput,
  type MemberRef,
  refusedJoin,
  type SyncInput,
} from './group-io.js';
import { type GroupMember, metadataOf, sameProtocols, selectProtocol } from './group-member.js';

/** A new member that waits for the group sends no heartbeats: it is out after this if the round never ends. */
const NEW_MEMBER_JOIN_MS = 5 * 60_000;
const NEVER = Number.POSITIVE_INFINITY;

/** The end of the join phase. An empty group waits for a while, and a while longer for each who comes. */
interface JoinPhase {
  deadlineMs: number;
  /** Only the clock ends it. */
  readonly initial: boolean;
  remainingMs: number;
  newcomer: boolean;
}

export interface StoredGroup {
  readonly generationId: number;
  readonly protocolType: string;
  readonly protocolName: string | null;
  readonly leader: string | null;
  readonly members: readonly Omit<GroupMember, 'joinToken' | 'syncToken' | 'sessionDeadlineMs'>[];
}

export class Group {
  private current: GroupState = GroupState.empty;
  /** Invariant: grows with each completed join phase. */
  generationId = 0;
  protocolType = '';
  /** Null while empty. */
  protocolName: string | null = null;
  leader: string | null = null;
  private readonly memberMap = new Map<string, GroupMember>();
  /** Instance ids to member ids. Invariant: each value is in `memberMap`. */
  private readonly staticMembers = new Map<string, string>();
  /** Told their id and not back yet, with the time until when it is kept. */
  private readonly pending = new Map<string, number>();
  private joinPhase: JoinPhase | null = null;
  /** Until when every member must have asked for its assignment. */
  private syncDeadlineMs = NEVER;
  private effects: GroupEffect[] = [];

  constructor(
    readonly groupId: string,
    private readonly settings: GroupSettings,
  ) {}

  get state(): GroupState {
    return this.current;
  }

  get members(): readonly GroupMember[] {
    return [...this.memberMap.values()];
  }

  /** What the log said. Members have a session's time to be heard of. */
  restore(stored: StoredGroup, nowMs: number): void {
    this.generationId = stored.generationId;
    this.protocolType = stored.protocolType;
    this.protocolName = stored.protocolName;
    this.leader = stored.leader;
    for (const member of stored.members) {
      this.add({ ...member, joinToken: null, syncToken: null, sessionDeadlineMs: nowMs + member.sessionTimeoutMs });
    }
    this.current = this.memberMap.size === 0 ? GroupState.empty : GroupState.stable;
  }

  /** Effects so far, in order. Whoever calls anything here carries them out. */
  takeEffects(): readonly GroupEffect[] {
    const effects = this.effects;
    this.effects = [];
    return effects;
  }

  join(input: JoinInput, nowMs: number): void {
    const refuse = (errorCode: ErrorCode, memberId = input.memberId) =>
      void this.effects.push({ kind: 'join-answer', token: input.token, answer: refusedJoin(errorCode, memberId) });
    const { minSessionTimeoutMs, maxSessionTimeoutMs, maxSize } = this.settings;
    const { memberId, groupInstanceId, sessionTimeoutMs } = input;
    if (sessionTimeoutMs < minSessionTimeoutMs || sessionTimeoutMs > maxSessionTimeoutMs) {
      return refuse(ErrorCode.INVALID_SESSION_TIMEOUT);
    }
    if (this.current === GroupState.dead) return refuse(ErrorCode.COORDINATOR_NOT_AVAILABLE);
    if (!this.fits(input)) return refuse(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
    const known = this.memberMap.has(memberId) || this.pending.has(memberId);
    const full = !known && this.memberMap.size + this.pending.size >= maxSize;
    if (full && (groupInstanceId === null || !this.staticMembers.has(groupInstanceId))) {
      return refuse(ErrorCode.GROUP_MAX_SIZE_REACHED);
    }
    if (memberId === '') return this.joinUnknown(input, nowMs, refuse);
    if (this.pending.delete(memberId)) return this.addAndRebalance(input, memberId, nowMs);
    const fault = this.faultOf(input);
    if (fault !== ErrorCode.NONE) return refuse(fault);
    this.rejoin(input, this.memberMap.get(memberId)!, nowMs);
  }

  private joinUnknown(input: JoinInput, nowMs: number, refuse: (error: ErrorCode, memberId?: string) => void): void {
    const { groupInstanceId, newMemberId } = input;
    const old = groupInstanceId === null ? undefined : this.staticMembers.get(groupInstanceId);
    if (old !== undefined) return this.replaceStatic(input, this.memberMap.get(old)!, nowMs);
    if (groupInstanceId === null && input.requireKnownMemberId) {
      this.pending.set(newMemberId, nowMs + input.sessionTimeoutMs);
      return refuse(ErrorCode.MEMBER_ID_REQUIRED, newMemberId);
    }
    this.addAndRebalance(input, newMemberId, nowMs);
  }

  private rejoin(input: JoinInput, member: GroupMember, nowMs: number): void {
    const changed = !sameProtocols(member.protocols, input.protocols);
    const lead = member.memberId === this.leader;
    if (this.current === GroupState.completing && !changed) return this.answerAgain(input.token, member, nowMs);
    // The leader's rejoin asks for a new assignment; a follower that says nothing new has lost an answer.
    if (this.current === GroupState.stable && !lead && !changed) return this.answerAgain(input.token, member, nowMs);
    if (member.joinToken !== null) this.refuseJoin(member, ErrorCode.REBALANCE_IN_PROGRESS);
    member.protocols = input.protocols;
    member.rebalanceTimeoutMs = input.rebalanceTimeoutMs;
    member.joinToken = input.token;
    member.sessionDeadlineMs = NEVER;
    this.maybePrepareRebalance(nowMs);
    this.maybeCompleteJoin(nowMs);
  }

  private answerAgain(token: number, member: GroupMember, nowMs: number): void {
    member.joinToken = token;
    this.answerJoin(member, nowMs);
  }

  /** The same instance under a new id: if nothing else changed, nobody need rebalance (KIP-345). */
  private replaceStatic(input: JoinInput, old: GroupMember, nowMs: number): void {
    const memberId = input.newMemberId;
    if (old.joinToken !== null) this.refuseJoin(old, ErrorCode.FENCED_INSTANCE_ID);
    if (old.syncToken !== null) this.answerSync(old, ErrorCode.FENCED_INSTANCE_ID);
    const before = this.protocolName;
    this.memberMap.delete(old.memberId);
    const member: GroupMember = {
      ...this.newMember(input, memberId),
      assignment: old.assignment,
      joinToken: input.token,
    };
    this.add(member);
    const wasLeader = this.leader === old.memberId;
    if (wasLeader) this.leader = memberId;
    if (this.current !== GroupState.stable || selectProtocol(this.memberMap.values()) !== before) {
      this.maybePrepareRebalance(nowMs);
      return this.maybeCompleteJoin(nowMs);
    }
    // A leader that is told so would assign anew; it is told who led before instead, and only syncs (KAFKA-8715).
    this.answerJoin(member, nowMs, wasLeader ? old.memberId : undefined);
    this.effects.push({ kind: 'store', generationId: this.generationId });
  }

  private fits({ protocolType, protocols }: JoinInput): boolean {
    if (protocolType === '' || protocols.length === 0) return false;
    if (this.memberMap.size === 0) return true;
    if (protocolType !== this.protocolType) return false;
    return protocols.some(({ name }) =>
      this.members.every((member) => member.protocols.some((protocol) => protocol.name === name)),
    );
  }

  private newMember(input: JoinInput, memberId: string): GroupMember {
    const { groupInstanceId, clientId, clientHost, sessionTimeoutMs, rebalanceTimeoutMs, protocols } = input;
    return {
      memberId,
      groupInstanceId,
      clientId,
      clientHost,
      sessionTimeoutMs,
      rebalanceTimeoutMs,
      protocols,
      assignment: Buffer.alloc(0),
      joinToken: null,
      syncToken: null,
      sessionDeadlineMs: NEVER,
    };
  }

  private add(member: GroupMember): void {
    this.memberMap.set(member.memberId, member);
    if (member.groupInstanceId !== null) this.staticMembers.set(member.groupInstanceId, member.memberId);
    this.leader ??= member.memberId;
  }

  private addAndRebalance(input: JoinInput, memberId: string, nowMs: number): void {
    if (this.memberMap.size === 0) this.protocolType = input.protocolType;
    const member = this.newMember(input, memberId);
    member.joinToken = input.token;
    member.sessionDeadlineMs = nowMs + NEW_MEMBER_JOIN_MS;
    this.add(member);
    if (this.joinPhase !== null) this.joinPhase.newcomer = true;
    this.maybePrepareRebalance(nowMs);
    this.maybeCompleteJoin(nowMs);
  }

  private maybePrepareRebalance(nowMs: number): void {
    if (this.current === GroupState.preparing || this.current === GroupState.dead) return;
    const wasEmpty = this.current === GroupState.empty;
    for (const member of this.memberMap.values()) {
      if (member.syncToken !== null) this.answerSync(member, ErrorCode.REBALANCE_IN_PROGRESS);
    }
    this.syncDeadlineMs = NEVER;
    const timeoutMs = Math.max(0, ...this.members.map((member) => member.rebalanceTimeoutMs));
    const delayMs = Math.min(this.settings.initialRebalanceDelayMs, timeoutMs);
    this.joinPhase = wasEmpty
      ? { deadlineMs: nowMs + delayMs, initial: true, remainingMs: timeoutMs - delayMs, newcomer: false }
      : { deadlineMs: nowMs + timeoutMs, initial: false, remainingMs: 0, newcomer: false };
    this.current = GroupState.preparing;
  }

  private maybeCompleteJoin(nowMs: number): void {
    if (this.current !== GroupState.preparing || this.joinPhase === null) return;
    if (this.joinPhase.initial && nowMs < this.joinPhase.deadlineMs) return;
    const everybody = this.pending.size === 0 && this.members.every((member) => member.joinToken !== null);
    if (everybody) this.completeJoin(nowMs);
  }

  private joinPhaseOver(nowMs: number): void {
    const phase = this.joinPhase!;
    const delayMs = Math.min(this.settings.initialRebalanceDelayMs, phase.remainingMs);
    if (!phase.initial || !phase.newcomer || delayMs <= 0) return this.completeJoin(nowMs);
    phase.newcomer = false;
    phase.remainingMs -= delayMs;
    phase.deadlineMs = nowMs + delayMs;
  }

  /** Who has not come back is out, unless it is static: that may still come. */
  private completeJoin(nowMs: number): void {
    for (const member of this.members) {
      if (member.joinToken === null && member.groupInstanceId === null) this.remove(member);
    }
    const joined = this.members.filter((member) => member.joinToken !== null);
    if (this.memberMap.size > 0 && joined.length === 0) {
      // Only absent static members: wait for one of them, or for the end of their sessions.
      this.joinPhase!.deadlineMs = nowMs + Math.max(...this.members.map((member) => member.rebalanceTimeoutMs));
      return;
    }
    this.joinPhase = null;
    this.generationId++;
    if (this.memberMap.size === 0) {
      this.protocolName = this.leader = null;
      this.current = GroupState.empty;
      this.effects.push({ kind: 'store', generationId: this.generationId });
      return;
    }
    if (!joined.some((member) => member.memberId === this.leader)) this.leader = joined[0]!.memberId;
    this.protocolName = selectProtocol(this.memberMap.values());
    this.current = GroupState.completing;
    this.syncDeadlineMs = nowMs + Math.max(...this.members.map((member) => member.rebalanceTimeoutMs));
    for (const member of joined) this.answerJoin(member, nowMs);
  }

  sync(input: SyncInput, nowMs: number): void {
    const refuse = (errorCode: ErrorCode) =>
      void this.effects.push({ kind: 'sync-answer', token: input.token, errorCode, assignment: Buffer.alloc(0) });
    const fault = this.faultOf(input, input.generationId);
    if (fault !== ErrorCode.NONE) return refuse(fault);
    const member = this.memberMap.get(input.memberId)!;
    if (this.current === GroupState.preparing) return refuse(ErrorCode.REBALANCE_IN_PROGRESS);
    if (member.syncToken !== null) this.answerSync(member, ErrorCode.REBALANCE_IN_PROGRESS);
    member.syncToken = input.token;
    if (this.current === GroupState.stable) return this.answerSync(member, ErrorCode.NONE, nowMs);
    assert(this.current === GroupState.completing, `a member in ${this.current}`);
    member.sessionDeadlineMs = nowMs + member.sessionTimeoutMs;
    if (member.memberId !== this.leader) return;
    const given = new Map(input.assignments.map(({ memberId, assignment }) => [memberId, assignment]));
    for (const each of this.memberMap.values()) each.assignment = given.get(each.memberId) ?? Buffer.alloc(0);
    this.effects.push({ kind: 'store', generationId: this.generationId });
  }

  /** The group of that generation is durable, or could not be made so. */
  stored(generationId: number, errorCode: ErrorCode, nowMs: number): void {
    if (this.current !== GroupState.completing || generationId !== this.generationId) return;
    if (errorCode !== ErrorCode.NONE) {
      for (const member of this.memberMap.values()) {
        member.assignment = Buffer.alloc(0);
        if (member.syncToken !== null) this.answerSync(member, errorCode);
      }
      return this.maybePrepareRebalance(nowMs);
    }
    this.current = GroupState.stable;
    for (const member of this.memberMap.values()) {
      if (member.syncToken !== null) this.answerSync(member, ErrorCode.NONE, nowMs);
    }
  }

  heartbeat(ref: MemberRef, generationId: number, nowMs: number): ErrorCode {
    const fault = this.faultOf(ref, generationId);
    if (fault !== ErrorCode.NONE) return fault;
    const member = this.memberMap.get(ref.memberId)!;
    if (member.joinToken === null) member.sessionDeadlineMs = nowMs + member.sessionTimeoutMs;
    return this.current === GroupState.preparing ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
  }

  leave({ memberId, groupInstanceId }: MemberRef, nowMs: number): ErrorCode {
    if (this.current === GroupState.dead) return ErrorCode.COORDINATOR_NOT_AVAILABLE;
    if (this.pending.delete(memberId)) {
      this.maybeCompleteJoin(nowMs);
      return ErrorCode.NONE;
    }
    const id = memberId === '' && groupInstanceId !== null ? this.staticMembers.get(groupInstanceId) : memberId;
    const fault = this.faultOf({ memberId: id ?? '', groupInstanceId });
    if (fault !== ErrorCode.NONE) return fault;
    this.removeAndRebalance(this.memberMap.get(id!)!, nowMs);
    return ErrorCode.NONE;
  }

  /** Whether a commit counts. Generation -1 is of a consumer that uses no group membership, in an empty group only. */
  checkCommit(ref: MemberRef, generationId: number, nowMs: number): ErrorCode {
    if (this.current === GroupState.dead) return ErrorCode.COORDINATOR_NOT_AVAILABLE;
    if (generationId < 0 && this.current === GroupState.empty) return ErrorCode.NONE;
    if (generationId >= 0 || ref.memberId !== '' || ref.groupInstanceId !== null) {
      const fault = this.faultOf(ref, generationId);
      if (fault !== ErrorCode.NONE) return fault;
    } else return ErrorCode.UNKNOWN_MEMBER_ID;
    if (this.current === GroupState.completing) return ErrorCode.REBALANCE_IN_PROGRESS;
    const member = this.memberMap.get(ref.memberId)!;
    if (member.joinToken === null) member.sessionDeadlineMs = nowMs + member.sessionTimeoutMs;
    return ErrorCode.NONE;
  }

  private faultOf({ memberId, groupInstanceId }: MemberRef, generationId?: number): ErrorCode {
    if (this.current === GroupState.dead) return ErrorCode.COORDINATOR_NOT_AVAILABLE;
    if (groupInstanceId !== null) {
      const owner = this.staticMembers.get(groupInstanceId);
      if (owner === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
      if (owner !== memberId) return ErrorCode.FENCED_INSTANCE_ID;
    }
    if (!this.memberMap.has(memberId)) return ErrorCode.UNKNOWN_MEMBER_ID;
    if (generationId !== undefined && generationId !== this.generationId) return ErrorCode.ILLEGAL_GENERATION;
    return ErrorCode.NONE;
  }

  private removeAndRebalance(member: GroupMember, nowMs: number): void {
    this.remove(member);
    if (this.current === GroupState.stable || this.current === GroupState.completing) this.maybePrepareRebalance(nowMs);
    this.maybeCompleteJoin(nowMs);
  }

  private remove(member: GroupMember): void {
    if (member.joinToken !== null) this.refuseJoin(member, ErrorCode.UNKNOWN_MEMBER_ID);
    if (member.syncToken !== null) this.answerSync(member, ErrorCode.UNKNOWN_MEMBER_ID);
    this.memberMap.delete(member.memberId);
    if (member.groupInstanceId !== null) this.staticMembers.delete(member.groupInstanceId);
    if (this.leader === member.memberId) this.leader = this.members[0]?.memberId ?? null;
  }

  /** Time has passed. */
  tick(nowMs: number): void {
    for (const [memberId, deadlineMs] of this.pending) if (deadlineMs <= nowMs) this.pending.delete(memberId);
    for (const member of this.members) {
      if (member.sessionDeadlineMs <= nowMs) this.removeAndRebalance(member, nowMs);
    }
    if (this.syncDeadlineMs <= nowMs && this.current === GroupState.completing) {
      this.syncDeadlineMs = NEVER;
      const silent = this.members.filter((member) => member.syncToken === null);
      for (const member of silent) this.removeAndRebalance(member, nowMs);
    }
    if (this.joinPhase !== null && this.joinPhase.deadlineMs <= nowMs) this.joinPhaseOver(nowMs);
    else this.maybeCompleteJoin(nowMs);
  }

  /** When `tick` has something to do at the latest. */
  get deadlineMs(): number {
    let next = Math.min(this.joinPhase?.deadlineMs ?? NEVER, this.syncDeadlineMs);
    for (const deadlineMs of this.pending.values()) next = Math.min(next, deadlineMs);
    for (const member of this.memberMap.values()) next = Math.min(next, member.sessionDeadlineMs);
    return next;
  }

  /** The group is deleted, or its coordinator is elsewhere now: whoever waits is told, and nothing else happens. */
  die(errorCode: ErrorCode): void {
    for (const member of this.members) {
      if (member.joinToken !== null) this.refuseJoin(member, errorCode);
      if (member.syncToken !== null) this.answerSync(member, errorCode);
    }
    this.joinPhase = null;
    this.current = GroupState.dead;
  }

  private answerJoin(member: GroupMember, nowMs: number, leader = this.leader ?? ''): void {
    const token = member.joinToken!;
    member.joinToken = null;
    member.sessionDeadlineMs = nowMs + member.sessionTimeoutMs;
    const protocolName = this.protocolName ?? '';
    const members =
      member.memberId !== leader
        ? []
        : this.members.map((each) => ({
            memberId: each.memberId,
            groupInstanceId: each.groupInstanceId,
            metadata: metadataOf(each, protocolName),
          }));
    const { generationId } = this;
    const { memberId } = member;
    const answer = { errorCode: ErrorCode.NONE, generationId, protocolName, leader, memberId, members };
    this.effects.push({ kind: 'join-answer', token, answer });
  }

  private refuseJoin(member: GroupMember, errorCode: ErrorCode): void {
    this.effects.push({
      kind: 'join-answer',
      token: member.joinToken!,
      answer: refusedJoin(errorCode, member.memberId),
    });
    member.joinToken = null;
  }

  private answerSync(member: GroupMember, errorCode: ErrorCode, nowMs?: number): void {
    const assignment = errorCode === ErrorCode.NONE ? member.assignment : Buffer.alloc(0);
    this.effects.push({ kind: 'sync-answer', token: member.syncToken!, errorCode, assignment });
    member.syncToken = null;
    if (nowMs !== undefined) member.sessionDeadlineMs = nowMs + member.sessionTimeoutMs;
  }
}
