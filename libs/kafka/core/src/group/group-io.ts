/** What goes into a group and what comes out. Requests that wait are known by a token; the host answers them by it. */
import type { ErrorCode } from '@menagerie/kafka-protocol';
import type { Protocol } from './group-member.js';

export const GroupState = {
  empty: 'Empty',
  preparing: 'PreparingRebalance',
  completing: 'CompletingRebalance',
  stable: 'Stable',
  dead: 'Dead',
} as const;
export type GroupState = (typeof GroupState)[keyof typeof GroupState];

export interface JoinInput {
  readonly token: number;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  /** A new member without an id is told one and has to come again (KIP-394). */
  readonly requireKnownMemberId: boolean;
  /** The id that a new member is given. */
  readonly newMemberId: string;
  readonly clientId: string;
  readonly clientHost: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly protocolType: string;
  readonly protocols: readonly Protocol[];
}

export interface SyncInput extends MemberRef {
  readonly token: number;
  readonly generationId: number;
  readonly assignments: readonly { readonly memberId: string; readonly assignment: Buffer }[];
}

export interface MemberRef {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
}

export interface JoinedMember extends MemberRef {
  readonly metadata: Buffer;
}

export interface JoinAnswer {
  readonly errorCode: ErrorCode;
  readonly generationId: number;
  readonly protocolName: string;
  readonly leader: string;
  readonly memberId: string;
  /** For the leader only. */
  readonly members: readonly JoinedMember[];
}

export type GroupEffect =
  | { readonly kind: 'join-answer'; readonly token: number; readonly answer: JoinAnswer }
  | {
      readonly kind: 'sync-answer';
      readonly token: number;
      readonly errorCode: ErrorCode;
      readonly assignment: Buffer;
    }
  /** Make the group durable, then call `stored` with the generation. */
  | { readonly kind: 'store'; readonly generationId: number };

export const refusedJoin = (errorCode: ErrorCode, memberId: string): JoinAnswer => ({
  errorCode,
  generationId: -1,
  protocolName: '',
  leader: '',
  memberId,
  members: [],
});

export interface GroupSettings {
  /** `group.min.session.timeout.ms`, `group.max.session.timeout.ms` */
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
  /** `group.initial.rebalance.delay.ms`: an empty group waits so long for more members. */
  readonly initialRebalanceDelayMs: number;
  /** `group.max.size` */
  readonly maxSize: number;
}
