import { describe, expect, it } from 'vitest';
import { isSameVoter, Membership, type MembershipStore, sameMembers } from './membership.js';
import { formatQuorumConfig, parseQuorumConfigText } from './config-text.js';
import type { QuorumConfig } from './types.js';

const config = (version: bigint, ...roles: string[]): QuorumConfig =>
  parseQuorumConfigText(
    [...roles.map((role, at) => `server.${at + 1}=h${at + 1}:1:2:${role};3`), `version=${version.toString(16)}`].join(
      '\n',
    ),
  );
const three = (version: bigint) => config(version, 'participant', 'participant', 'participant');
const four = (version: bigint) => config(version, 'participant', 'participant', 'participant', 'participant');

class Kept implements MembershipStore {
  readonly told: string[] = [];

  seeConfig(next: QuorumConfig | null): void {
    this.told.push(`see ${next === null ? 'nothing' : next.version}`);
  }

  activateConfig({ version }: QuorumConfig): void {
    this.told.push(`activate ${version}`);
  }
}

describe('the members, while they change', () => {
  it('need a quorum of the old ones and of the new ones, until the change is committed', () => {
    const members = new Membership(1, three(5n), new Kept());
    members.see(four(9n));
    expect(members.voters).toEqual([1, 2, 3, 4]);
    expect(members.hasQuorum(new Set([1, 2]))).toBe(false);
    expect(members.hasQuorum(new Set([1, 2, 4]))).toBe(true);
    members.activate(config(9n, 'participant', 'participant', 'observer', 'participant'));
    expect(members.voters).toEqual([1, 2, 4]);
    expect(members.hasQuorum(new Set([2, 3]))).toBe(false);
    expect(members.hasQuorum(new Set([2, 4]))).toBe(true);
  });

  it('are kept before anybody relies on them, and once', () => {
    const kept = new Kept();
    const members = new Membership(1, three(5n), kept);
    members.see(four(9n));
    members.see(four(9n));
    members.activate(four(9n));
    members.activate(four(9n));
    expect(kept.told).toEqual(['see 9', 'activate 9']);
  });

  it('are not changed back by what was proposed earlier', () => {
    const members = new Membership(1, four(9n), new Kept());
    members.see(three(5n));
    expect(members.activate(three(5n))).toBeNull();
    expect(formatQuorumConfig(members.lastSeen)).toBe(formatQuorumConfig(four(9n)));
  });

  it('are a leader’s to forget: a change that its history does not hold will not be', () => {
    const kept = new Kept();
    const members = new Membership(1, three(5n), kept);
    members.see(four(9n));
    members.seeLeaders(three(5n));
    expect(members.next).toBeNull();
    expect(kept.told).toEqual(['see 9', 'see nothing']);
  });

  it('tell a server what has become of itself', () => {
    const members = new Membership(3, three(5n), new Kept());
    members.activate(config(9n, 'participant', 'participant', 'observer'));
    expect([members.ownRole, members.isVoter]).toEqual(['observer', false]);
    members.activate(config(10n, 'participant', 'participant'));
    expect([members.ownRole, members.isVoter]).toEqual(['participant', false]);
  });

  it('have an observer come as a participant once it is to vote, since its word is needed for that', () => {
    const members = new Membership(3, config(5n, 'participant', 'participant', 'observer'), new Kept());
    members.see(three(9n));
    expect([members.ownRole, members.isVoter]).toEqual(['participant', false]);
    members.seeLeaders(config(5n, 'participant', 'participant', 'observer'));
    expect(members.ownRole).toBe('observer');
  });

  it('that are the same under a later version have not changed', () => {
    expect(new Membership(1, three(0n), new Kept()).activate(three(9n))).toMatchObject({ isDifferent: false });
    expect(sameMembers(three(1n), three(2n))).toBe(true);
    expect(sameMembers(three(1n), four(1n))).toBe(false);
  });

  it('stay as the operator wrote them when nothing keeps a change', () => {
    const members = new Membership(1, three(5n), null);
    members.see(four(9n));
    members.seeLeaders(four(9n));
    members.restore(four(9n));
    expect(members.activate(four(9n))).toBeNull();
    expect(members.lastSeen).toEqual(three(5n));
  });

  it('know a leader that stays: a voter before and after, at the same address', () => {
    const moved = parseQuorumConfigText(formatQuorumConfig(three(6n)).replace('h1:1:2', 'h1:7:2'));
    expect(isSameVoter(1, three(5n), four(6n))).toBe(true);
    expect(isSameVoter(1, three(5n), moved)).toBe(false);
    expect(isSameVoter(3, three(5n), config(6n, 'participant', 'participant', 'observer'))).toBe(false);
    expect(isSameVoter(4, three(5n), four(6n))).toBe(false);
  });
});
