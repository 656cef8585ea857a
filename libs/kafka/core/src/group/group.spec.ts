/** Plays of a coordinator with its members, each named for what it survives. */
import { ErrorCode } from '@menagerie/kafka-protocol';
import { describe, expect, it } from 'vitest';

import type { GroupEffect, JoinAnswer, JoinInput } from './group-io.js';
import { Group } from './group.js';

const settings = { minSessionTimeoutMs: 100, maxSessionTimeoutMs: 60_000, initialRebalanceDelayMs: 0, maxSize: 10 };

/** A group whose storage always works, and what it answered to whom. */
class Stage {
  readonly group: Group;
  now = 0;
  private tokens = 0;
  readonly joins = new Map<number, JoinAnswer>();
  readonly syncs = new Map<number, { readonly errorCode: number; readonly assignment: string }>();
  stores = 0;
  /** Set to make storing fail. */
  storeError: ErrorCode = ErrorCode.NONE;

  constructor(overrides: Partial<typeof settings> = {}) {
    this.group = new Group('g', { ...settings, ...overrides });
  }

  join(memberId: string, overrides: Partial<JoinInput> = {}): number {
    const token = ++this.tokens;
    this.group.join(
      {
        token,
        memberId,
        groupInstanceId: null,
        requireKnownMemberId: false,
        newMemberId: `m${token}`,
        clientId: 'c',
        clientHost: '/127.0.0.1',
        sessionTimeoutMs: 1000,
        rebalanceTimeoutMs: 3000,
        protocolType: 'consumer',
        protocols: [{ name: 'range', metadata: Buffer.from('meta') }],
        ...overrides,
      },
      this.now,
    );
    this.settle();
    return token;
  }

  sync(memberId: string, generationId: number, given: Record<string, string> = {}, instance: string | null = null) {
    const token = ++this.tokens;
    const assignments = Object.entries(given).map(([id, text]) => ({ memberId: id, assignment: Buffer.from(text) }));
    this.group.sync({ token, memberId, groupInstanceId: instance, generationId, assignments }, this.now);
    this.settle();
    return token;
  }

  tick(ms: number): void {
    this.now += ms;
    this.group.tick(this.now);
    this.settle();
  }

  leave(memberId: string): ErrorCode {
    const errorCode = this.group.leave({ memberId, groupInstanceId: null }, this.now);
    this.settle();
    return errorCode;
  }

  beat(memberId: string, generationId: number): ErrorCode {
    return this.group.heartbeat({ memberId, groupInstanceId: null }, generationId, this.now);
  }

  private settle(): void {
    for (let effects = this.group.takeEffects(); effects.length > 0; effects = this.group.takeEffects()) {
      for (const effect of effects) this.carryOut(effect);
    }
  }

  private carryOut(effect: GroupEffect): void {
    if (effect.kind === 'join-answer') this.joins.set(effect.token, effect.answer);
    else if (effect.kind === 'sync-answer') {
      this.syncs.set(effect.token, { errorCode: effect.errorCode, assignment: effect.assignment.toString() });
    } else {
      this.stores++;
      this.group.stored(effect.generationId, this.storeError, this.now);
    }
  }
}

/** Two members, stable in generation 2: `m1` leads, `m2` follows. */
function stablePair(): Stage {
  const stage = new Stage();
  stage.join('');
  const second = stage.join('');
  stage.join('m1');
  expect(stage.joins.get(second)).toMatchObject({ errorCode: 0, generationId: 2, memberId: 'm2', leader: 'm1' });
  stage.sync('m2', 2);
  stage.sync('m1', 2, { m1: 'first', m2: 'second' });
  expect(stage.group.state).toBe('Stable');
  return stage;
}

describe('a consumer group', () => {
  it('one member comes to a generation, an assignment, and rest', () => {
    const stage = new Stage();
    const join = stage.join('');
    expect(stage.joins.get(join)).toMatchObject({
      errorCode: 0,
      generationId: 1,
      protocolName: 'range',
      leader: 'm1',
      memberId: 'm1',
      members: [{ memberId: 'm1' }],
    });
    const sync = stage.sync('m1', 1, { m1: 'all' });
    expect(stage.syncs.get(sync)).toEqual({ errorCode: 0, assignment: 'all' });
    expect(stage.group.state).toBe('Stable');
    expect(stage.beat('m1', 1)).toBe(ErrorCode.NONE);
  });

  it('only the leader learns who the members are; both get what it assigned', () => {
    const stage = stablePair();
    const lists = [...stage.joins.values()].filter(({ generationId }) => generationId === 2);
    expect(lists.map(({ memberId, members }) => [memberId, members.length])).toEqual([
      ['m1', 2],
      ['m2', 0],
    ]);
    expect([...stage.syncs.values()].map(({ assignment }) => assignment)).toEqual(['first', 'second']);
  });

  it('an assignment that could not be stored reaches nobody, and the group begins again', () => {
    const stage = new Stage();
    stage.join('');
    stage.storeError = ErrorCode.NOT_COORDINATOR;
    const sync = stage.sync('m1', 1, { m1: 'all' });
    expect(stage.syncs.get(sync)).toEqual({ errorCode: ErrorCode.NOT_COORDINATOR, assignment: '' });
    expect(stage.group.state).toBe('PreparingRebalance');
  });

  it('a new member makes the others rejoin; who does not in time is out', () => {
    const stage = stablePair();
    const third = stage.join('');
    expect(stage.beat('m1', 2)).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
    stage.join('m1');
    stage.tick(900);
    // m2 beats, so that its session lives, but never rejoins.
    for (let beats = 0; beats < 3; beats++) {
      expect(stage.beat('m2', 2)).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
      stage.tick(700);
    }
    expect(stage.joins.get(third)).toMatchObject({ errorCode: 0, generationId: 3 });
    expect(stage.group.members.map(({ memberId }) => memberId).sort()).toEqual(['m1', `m${third}`].sort());
    expect(stage.beat('m2', 2)).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  });

  it('a member that falls silent is out after its session, and the other rebalances', () => {
    const stage = stablePair();
    stage.tick(600);
    expect(stage.beat('m1', 2)).toBe(ErrorCode.NONE);
    stage.tick(600);
    expect(stage.beat('m1', 2)).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
    const rejoin = stage.join('m1');
    expect(stage.joins.get(rejoin)).toMatchObject({ generationId: 3, leader: 'm1', members: [{ memberId: 'm1' }] });
  });

  it('a member that leaves is missed at once; the last one leaves an empty group that is stored', () => {
    const stage = stablePair();
    expect(stage.leave('m1')).toBe(ErrorCode.NONE);
    const rejoin = stage.join('m2');
    expect(stage.joins.get(rejoin)).toMatchObject({ generationId: 3, leader: 'm2' });
    const before = stage.stores;
    stage.leave('m2');
    expect(stage.group.state).toBe('Empty');
    expect(stage.stores).toBe(before + 1);
    expect(stage.leave('m2')).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  });

  it('whoever waits for an assignment hears of the next rebalance instead', () => {
    const stage = new Stage();
    stage.join('');
    stage.join('');
    stage.join('m1');
    const waiting = stage.sync('m2', 2);
    expect(stage.syncs.has(waiting)).toBe(false);
    stage.join('');
    expect(stage.syncs.get(waiting)?.errorCode).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
  });

  it('a leader that never syncs is out after the rebalance timeout, even though it beats', () => {
    const stage = new Stage();
    stage.join('');
    stage.join('');
    stage.join('m1');
    for (let beats = 0; beats < 5; beats++) {
      stage.tick(700);
      stage.beat('m1', 2);
      stage.beat('m2', 2);
      stage.sync('m2', 2);
    }
    expect(stage.group.members.map(({ memberId }) => memberId)).toEqual(['m2']);
  });

  it('an old generation is refused; a follower that lost its answer gets it again without a rebalance', () => {
    const stage = stablePair();
    expect(stage.beat('m1', 1)).toBe(ErrorCode.ILLEGAL_GENERATION);
    expect(stage.syncs.get(stage.sync('m1', 1))?.errorCode).toBe(ErrorCode.ILLEGAL_GENERATION);
    const again = stage.join('m2');
    expect(stage.joins.get(again)).toMatchObject({ errorCode: 0, generationId: 2, members: [] });
    expect(stage.group.state).toBe('Stable');
    const leads = stage.join('m1');
    expect(stage.joins.has(leads)).toBe(false);
    expect(stage.group.state).toBe('PreparingRebalance');
  });

  it('a new member is told its id first, and the group waits for it, but not for ever', () => {
    const stage = new Stage();
    const asked = stage.join('', { requireKnownMemberId: true });
    expect(stage.joins.get(asked)).toMatchObject({ errorCode: ErrorCode.MEMBER_ID_REQUIRED, memberId: 'm1' });
    const other = stage.join('');
    expect(stage.joins.has(other)).toBe(false);
    stage.tick(1001);
    expect(stage.joins.get(other)).toMatchObject({ errorCode: 0, generationId: 1 });
    expect(stage.joins.get(stage.join('m1'))).toMatchObject({ errorCode: ErrorCode.UNKNOWN_MEMBER_ID });
  });

  it('an empty group waits for more members, and a while longer for each that comes', () => {
    const stage = new Stage({ initialRebalanceDelayMs: 1000 });
    const first = stage.join('');
    stage.tick(900);
    const second = stage.join('');
    stage.tick(200);
    expect(stage.joins.size).toBe(0);
    stage.tick(1000);
    expect(stage.joins.get(first)).toMatchObject({ generationId: 1 });
    expect(stage.joins.get(second)).toMatchObject({ generationId: 1 });
  });

  it('a static member comes back under a new id without a rebalance, and the old id is fenced', () => {
    const stage = new Stage();
    stage.join('', { groupInstanceId: 'i1' });
    stage.sync('m1', 1, { m1: 'all' }, 'i1');
    const back = stage.join('', { groupInstanceId: 'i1' });
    const { memberId } = stage.joins.get(back)!;
    expect(memberId).not.toBe('m1');
    expect(stage.group.state).toBe('Stable');
    const stale = { memberId: 'm1', groupInstanceId: 'i1' };
    expect(stage.group.heartbeat(stale, 1, stage.now)).toBe(ErrorCode.FENCED_INSTANCE_ID);
    expect(stage.syncs.get(stage.sync(memberId, 1, {}, 'i1'))).toEqual({ errorCode: 0, assignment: 'all' });
  });

  it('who speaks another protocol, or asks for an impossible session, is refused', () => {
    const stage = stablePair();
    const refusal = (overrides: Partial<JoinInput>) => stage.joins.get(stage.join('', overrides))?.errorCode;
    expect(refusal({ protocolType: 'connect' })).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
    expect(refusal({ protocols: [{ name: 'sticky', metadata: Buffer.alloc(0) }] })).toBe(
      ErrorCode.INCONSISTENT_GROUP_PROTOCOL,
    );
    expect(refusal({ sessionTimeoutMs: 10 })).toBe(ErrorCode.INVALID_SESSION_TIMEOUT);
    const full = new Stage({ maxSize: 1 });
    full.join('');
    expect(full.joins.get(full.join(''))?.errorCode).toBe(ErrorCode.GROUP_MAX_SIZE_REACHED);
  });

  it('a commit counts for members of the generation, or for nobody in particular while the group is empty', () => {
    const stage = stablePair();
    const commit = (memberId: string, generation: number) =>
      stage.group.checkCommit({ memberId, groupInstanceId: null }, generation, stage.now);
    expect(commit('m1', 2)).toBe(ErrorCode.NONE);
    expect(commit('m1', 1)).toBe(ErrorCode.ILLEGAL_GENERATION);
    expect(commit('', -1)).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    const empty = new Group('g', settings);
    expect(empty.checkCommit({ memberId: '', groupInstanceId: null }, -1, 0)).toBe(ErrorCode.NONE);
  });
});
