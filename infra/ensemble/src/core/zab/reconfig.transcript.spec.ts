/** Changes of the members as dialogues. Source: Leader.tryToCommit, Follower.processPacket, QuorumPeer.processReconfig. */
import { describe, it } from 'vitest';
import { dialogue, following, leading } from '../__fixtures__/transcript/index.js';

describe('a leader that is asked to change the members', () => {
  it('waits for a quorum of the old ones and of the new, with what is proposed behind the change too', () => {
    dialogue(
      { self: 3, dynamic: true, before: leading.serving },
      `
      learner 4 connected
      learner 4: FOLLOWERINFO 4:0 of 4
        to learner 4: LEADERINFO 5:0
      learner 4: ACKEPOCH 4:17 in 4
        to learner 4: DIFF 4:17
        to learner 4: NEWLEADER 5:0
      learner 4: ACK 5:0
        to learner 4: UPTODATE
      client changes the members to 1 3 4 5
        append 5:1
        members proposed: 1 3 4 5
        to learner 1: PROPOSAL 5:1
        to learner 4: PROPOSAL 5:1
      client writes
        append 5:2
        to learner 1: PROPOSAL 5:2
        to learner 4: PROPOSAL 5:2
      durable 5:2
      learner 1: ACK 5:1
      learner 1: ACK 5:2
      learner 4: ACK 5:1
        members: 1 3 4 5
        commit 5:1
        to learner 1: COMMITANDACTIVATE 5:1 leader 3
        to learner 4: COMMITANDACTIVATE 5:1 leader 3
      learner 4: ACK 5:2
        commit 5:2
        to learner 1: COMMIT 5:2
        to learner 4: COMMIT 5:2
    `,
    );
  });

  it('and has no place among the new ones names who leads, and follows when the others have gone', () => {
    dialogue(
      { self: 3, dynamic: true, before: leading.serving },
      `
      learner 2 connected
      learner 2: FOLLOWERINFO 4:0 of 2
        to learner 2: LEADERINFO 5:0
      learner 2: ACKEPOCH 4:17 in 4
        to learner 2: DIFF 4:17
        to learner 2: NEWLEADER 5:0
      learner 2: ACK 5:0
        to learner 2: UPTODATE
      client changes the members to 1 2
        append 5:1
        members proposed: 1 2
        to learner 1: PROPOSAL 5:1
        to learner 2: PROPOSAL 5:1
      durable 5:1
      learner 1: ACK 5:1
      learner 2: ACK 5:1
        members: 1 2
        commit 5:1
        to learner 1: COMMITANDACTIVATE 5:1 leader 1
        to learner 2: COMMITANDACTIVATE 5:1 leader 1
      client writes
        append 5:2
        to learner 1: PROPOSAL 5:2
        to learner 2: PROPOSAL 5:2
      learner 2: ACK 5:2
      learner 1 closed
        stop serving: the members have changed, server 1 leads
        accept no learners
        close learner 2: the members have changed, server 1 leads
        apply 5:2
        connect to 1
    `,
    );
  });
});

describe('a follower', () => {
  it('keeps what is proposed before it logs it, and follows whom the commit names without an election', () => {
    dialogue(
      { dynamic: true, before: following.serving },
      `
      leader: PROPOSAL 5:1 members 1 2
        members proposed: 1 2
        append 5:1
      durable 5:1
        to leader: ACK 5:1
      leader: COMMITANDACTIVATE 5:1 leader 2
        members: 1 2
        commit 5:1
        stop serving: server 3 leads no longer
        disconnect
        connect to 2
    `,
    );
  });

  it('leads at once when it is the one that is named', () => {
    dialogue(
      { dynamic: true, before: following.serving },
      `
      leader: PROPOSAL 5:1 members 1 2
        members proposed: 1 2
        append 5:1
      leader: COMMITANDACTIVATE 5:1 leader 1
        members: 1 2
        commit 5:1
        stop serving: server 3 leads no longer
        disconnect
        accept learners
    `,
    );
  });

  it('forgets a change that its next leader does not know of, and follows it without a word from whoever was to join', () => {
    dialogue(
      { dynamic: true, before: following.serving },
      `
      leader: PROPOSAL 5:1 members 1 2 3 4
        members proposed: 1 2 3 4
        append 5:1
      leader closed
        stop serving: the leader's connection: closed
        disconnect
        apply 5:1
        to server 2: LOOKING for 1 at 5:1 in 5, round 2
        to server 3: LOOKING for 1 at 5:1 in 5, round 2
        to server 4: LOOKING for 1 at 5:1 in 5, round 2
      server 3: LEADING for 3 at 4:17 in 5, round 2
      server 2: FOLLOWING for 3 at 4:17 in 5, round 2
        connect to 3
      leader connected
        to leader: FOLLOWERINFO 5:0 of 1
      leader: LEADERINFO 6:0
        save accepted 6
      saved accepted 6
        to leader: ACKEPOCH 5:1 in 5
      leader: TRUNC 4:17
        truncate to 4:17
      truncated to 4:17
      leader: NEWLEADER 6:0 members 1 2 3 since 1:1
        forget the members proposed
        save current 6
    `,
    );
  });

  // Taken out: `isCommitted` of synchronizer.ts, `forgetAfter` of membership.ts. Then members rule that nobody committed.
  it('that joins while a change is proposed does not take it for done, and without it in its log forgets it', () => {
    dialogue(
      { dynamic: true, before: following.promised },
      `
      leader: DIFF 4:17
      leader: NEWLEADER 5:0 members 1 2 4 since 5:1
        members proposed: 1 2 4
        save current 5
      saved current 5
        to leader: ACK 5:0
      leader: UPTODATE
        serve as follower in epoch 5
        to leader: ACK 5:0
      leader closed
        stop serving: the leader's connection: closed
        disconnect
        forget the members proposed
        to server 2: LOOKING for 1 at 4:17 in 5, round 2
        to server 3: LOOKING for 1 at 4:17 in 5, round 2
    `,
    );
  });

  it('that was away takes over the members that another server knows, and votes by them', () => {
    dialogue(
      { dynamic: true },
      `
      start at 4:17, epochs 4 4
        to server 2: LOOKING for 1 at 4:17 in 4, round 1
        to server 3: LOOKING for 1 at 4:17 in 4, round 1
      server 2: LEADING for 2 at 5:3 in 5, round 4, members 1 2 4 5 since 5:1
        members: 1 2 4 5
        to server 2: LOOKING for 1 at 4:17 in 4, round 2
        to server 4: LOOKING for 1 at 4:17 in 4, round 2
        to server 5: LOOKING for 1 at 4:17 in 4, round 2
    `,
    );
  });
});

describe('a voter that has logged a change', () => {
  // Taken out: `hearUndecided` of election.ts. Then each waits in its own round for ever.
  it('joins the later round of whoever gets its vote by it, which can name no candidate', () => {
    dialogue(
      { dynamic: true, before: following.serving },
      `
      leader: PROPOSAL 5:1 members 1 2 4
        members proposed: 1 2 4
        append 5:1
      leader closed
        stop serving: the leader's connection: closed
        disconnect
        apply 5:1
        to server 2: LOOKING for 1 at 5:1 in 5, round 2
        to server 3: LOOKING for 1 at 5:1 in 5, round 2
        to server 4: LOOKING for 1 at 5:1 in 5, round 2
      server 4: LOOKING for nobody, round 7
        to server 2: LOOKING for 1 at 5:1 in 5, round 7
        to server 3: LOOKING for 1 at 5:1 in 5, round 7
        to server 4: LOOKING for 1 at 5:1 in 5, round 7
      server 4: LOOKING for 1 at 5:1 in 5, round 7
      server 2: LOOKING for 1 at 5:1 in 5, round 7
        accept learners
    `,
    );
  });
});

describe('an observer', () => {
  it('that is to vote after the change its leader completes comes back as a participant', () => {
    dialogue(
      { self: 4, observers: [4], dynamic: true },
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
      leader: NEWLEADER 5:0 members 3 4 since 4:17
        members proposed: 3 4
        disconnect
        connect to 3
      leader connected
        to leader: FOLLOWERINFO 5:0 of 4
    `,
    );
  });

  // Taken out: `hasWord` of election.ts counts voters of the current members only. Then it is looking for ever.
  it('that is to vote after the change is needed to elect who completes it, and counts itself', () => {
    dialogue(
      { self: 4, observers: [4], dynamic: true },
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
      leader: NEWLEADER 5:0 members 3 4 since 4:17
        members proposed: 3 4
        disconnect
        connect to 3
      leader connected
        to leader: FOLLOWERINFO 5:0 of 4
      leader closed
        disconnect
      50 ms pass
        to server 1: LOOKING for nobody, round 2
        to server 2: LOOKING for nobody, round 2
        to server 3: LOOKING for nobody, round 2
      server 3: LOOKING for 3 at 4:17 in 4, round 2
        to server 1: LOOKING for 3 at 4:17 in 4, round 2
        to server 2: LOOKING for 3 at 4:17 in 4, round 2
        to server 3: LOOKING for 3 at 4:17 in 4, round 2
      server 1: LOOKING for 3 at 4:17 in 4, round 2
      server 2: LOOKING for 3 at 4:17 in 4, round 2
        connect to 3
    `,
    );
  });
});
