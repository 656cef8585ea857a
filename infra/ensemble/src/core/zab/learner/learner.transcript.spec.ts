/**
 * Learners as dialogues: what a leader says, and what a server does about it. zab.md sections 3 and 4.
 */
import { describe, it } from 'vitest';
import { dialogue, following } from '../../__fixtures__/transcript/index.js';

describe('a follower', () => {
  it("takes over the leader's history by DIFF, and follows", () => {
    dialogue(
      { before: following.elected },
      `
      leader connected
        to leader: FOLLOWERINFO 4:0 of 1
      leader: LEADERINFO 5:0
        save accepted 5
      saved accepted 5
        to leader: ACKEPOCH 4:17 in 4
      leader: DIFF 4:18
      leader: PROPOSAL 4:18
        append 4:18
      leader: COMMIT 4:18
        apply 4:18
      leader: NEWLEADER 5:0
      durable 4:18
        save current 5
      saved current 5
        to leader: ACK 5:0
      leader: UPTODATE
        serve as follower in epoch 5
        to leader: ACK 5:0
      leader: PROPOSAL 5:1
        append 5:1
      leader: PROPOSAL 5:2
        append 5:2
      durable 5:2
        to leader: ACK 5:1
        to leader: ACK 5:2
      leader: COMMIT 5:1
        commit 5:1
      leader: COMMIT 5:2
        commit 5:2
      describe
        following in broadcast, leader 3, logged 5:2, applied 5:2
    `,
    );
  });

  it('cuts off what the leader does not have, and holds back what comes meanwhile', () => {
    dialogue(
      { before: following.promised },
      `
      leader: TRUNC 4:15
        truncate to 4:15
      leader: PROPOSAL 5:1
      leader: NEWLEADER 5:0
      truncated to 4:15
        append 5:1
      durable 5:1
        save current 5
      saved current 5
        to leader: ACK 5:0
        to leader: ACK 5:1
      leader: UPTODATE
        serve as follower in epoch 5
        to leader: ACK 5:0
      describe
        following in broadcast, leader 3, logged 5:1, applied 4:15
    `,
    );
  });

  it("saves the leader's snapshot before it writes anything else", () => {
    dialogue(
      { before: following.promised },
      `
      leader: SNAP 4:90
        load a snapshot
      leader: snapshot ends
        save a snapshot
      leader: PROPOSAL 5:1
      leader: NEWLEADER 5:0
      snapshot saved
        append 5:1
      durable 5:1
        save current 5
      saved current 5
        to leader: ACK 5:0
        to leader: ACK 5:1
      leader: UPTODATE
        serve as follower in epoch 5
        to leader: ACK 5:0
    `,
    );
  });

  it("sends its clients' writes and syncs to the leader, and answers its heartbeat", () => {
    dialogue(
      { before: following.serving },
      `
      client asks the leader w
        to leader: REQUEST write w
      client syncs a
        to leader: REQUEST sync a
      leader: SYNC
        synced a
      leader: PING 5:0
        to leader: PING 5:0
    `,
    );
  });

  it('does not promise an epoch twice: the second time does not count', () => {
    dialogue(
      { before: following.elected },
      `
      leader connected
        to leader: FOLLOWERINFO 4:0 of 1
      leader: LEADERINFO 5:0
        save accepted 5
      saved accepted 5
        to leader: ACKEPOCH 4:17 in 4
      leader closed
        disconnect
        to server 2: LOOKING for 1 at 4:17 in 4, round 2
        to server 3: LOOKING for 1 at 4:17 in 4, round 2
      server 3: LEADING for 3 at 4:17 in 4, round 2
      server 2: FOLLOWING for 3 at 4:17 in 4, round 2
        connect to 3
      leader connected
        to leader: FOLLOWERINFO 5:0 of 1
      leader: LEADERINFO 5:0
        to leader: ACKEPOCH 4:17 in -1
    `,
    );
  });

  it('does not follow an epoch before the one it has promised', () => {
    dialogue(
      {},
      `
      start at 4:17, epochs 6 4
        to server 2: LOOKING for 1 at 4:17 in 4, round 1
        to server 3: LOOKING for 1 at 4:17 in 4, round 1
      server 3: LEADING for 3 at 4:17 in 4, round 1
      server 2: FOLLOWING for 3 at 4:17 in 4, round 1
        connect to 3
      leader connected
        to leader: FOLLOWERINFO 6:0 of 1
      leader: LEADERINFO 5:0
        disconnect
        to server 2: LOOKING for 1 at 4:17 in 4, round 2
        to server 3: LOOKING for 1 at 4:17 in 4, round 2
    `,
    );
  });

  it('looks for another leader when the one elected does not open its port', () => {
    dialogue(
      { before: following.elected },
      `
      299 ms pass
      1 ms pass
        disconnect
        to server 2: LOOKING for 1 at 4:17 in 4, round 2
        to server 3: LOOKING for 1 at 4:17 in 4, round 2
    `,
    );
  });

  it('looks for another leader when it has heard nothing for syncLimit', () => {
    dialogue(
      { before: following.serving },
      `
      499 ms pass
      1 ms pass
        stop serving: nothing heard of leader 3
        disconnect
        to server 2: LOOKING for 1 at 4:17 in 5, round 2
        to server 3: LOOKING for 1 at 4:17 in 5, round 2
    `,
    );
  });

  it('leaves a leader that commits something else than what is next', () => {
    dialogue(
      { before: following.serving },
      `
      leader: PROPOSAL 5:1
        append 5:1
      leader: COMMIT 5:2
        stop serving: expected a commit of 0x500000001, got one of 0x500000002
        disconnect
        apply 5:1
        to server 2: LOOKING for 1 at 5:1 in 5, round 2
        to server 3: LOOKING for 1 at 5:1 in 5, round 2
    `,
    );
  });

  it('passes over a transaction that comes twice', () => {
    dialogue(
      { before: following.serving },
      `
      leader: PROPOSAL 5:1
        append 5:1
      leader: PROPOSAL 5:1
      leader: COMMIT 5:1
        commit 5:1
      leader: COMMIT 5:1
    `,
    );
  });

  it('that comes to nothing again and again pauses between elections', () => {
    dialogue(
      { before: following.elected },
      `
      300 ms pass
        disconnect
        to server 2: LOOKING for 1 at 4:17 in 4, round 2
        to server 3: LOOKING for 1 at 4:17 in 4, round 2
      server 3: LEADING for 3 at 4:17 in 4, round 1
      server 2: FOLLOWING for 3 at 4:17 in 4, round 1
        connect to 3
      300 ms pass
        disconnect
      49 ms pass
      1 ms pass
        to server 2: LOOKING for 1 at 4:17 in 4, round 3
        to server 3: LOOKING for 1 at 4:17 in 4, round 3
    `,
    );
  });
});

describe('an observer', () => {
  it('logs what it is told is committed, and acknowledges no proposals', () => {
    dialogue(
      { self: 4, observers: [4] },
      `
      start at 4:17, epochs 4 4
        to server 1: LOOKING for nobody, round 1
        to server 2: LOOKING for nobody, round 1
        to server 3: LOOKING for nobody, round 1
      server 3: LEADING for 3 at 4:17 in 4, round 1
      server 2: FOLLOWING for 3 at 4:17 in 4, round 1
        connect to 3
      leader connected
        to leader: OBSERVERINFO 4:0 of 4
      leader: LEADERINFO 5:0
        save accepted 5
      saved accepted 5
        to leader: ACKEPOCH 4:17 in 4
      leader: DIFF 4:17
      leader: NEWLEADER 5:0
        save current 5
      saved current 5
        to leader: ACK 5:0
      leader: UPTODATE
        serve as observer in epoch 5
        to leader: ACK 5:0
      leader: INFORM 5:1
        append 5:1
        commit 5:1
      durable 5:1
    `,
    );
  });
});

describe('a server alone', () => {
  it('commits what is on its disk', () => {
    dialogue(
      { alone: true },
      `
      start at 0:3, epochs 0 0
        serve as standalone in epoch 0
      client writes 2 times
        append 0:4
        append 0:5
      client syncs a
      durable 0:4
        commit 0:4
      durable 0:5
        commit 0:5
        synced a
    `,
    );
  });
});
