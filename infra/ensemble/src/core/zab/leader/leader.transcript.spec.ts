/**
 * Leaders as dialogues: what learners say, and what a server does about it. zab.md sections 3 and 4.
 */
import { describe, it } from 'vitest';
import { dialogue, leading } from '../../__fixtures__/transcript/index.js';

describe('a leader', () => {
  it('agrees on an epoch, hands over its history, and serves when a quorum has it', () => {
    dialogue(
      { self: 3, before: leading.elected },
      `
      learner 1 connected
      learner 1: FOLLOWERINFO 4:0 of 1
        save accepted 5
      saved accepted 5
        to learner 1: LEADERINFO 5:0
      learner 1: ACKEPOCH 4:17 in 4
        to learner 1: DIFF 4:17
        to learner 1: NEWLEADER 5:0
        save current 5
      saved current 5
      learner 1: ACK 5:0
        to learner 1: UPTODATE
        serve as leader in epoch 5
      describe
        leading in broadcast, leader 3, logged 5:0, applied 5:0
    `,
    );
  });

  // Found by the simulator (seed 22 of its first atlas): without `isShutOut` in admission.ts the learner is told 5:0, may not
  // follow, and comes again for as long as this server leads.
  it('begins a new epoch for a voter that has promised a later one, to a leader that came to nothing', () => {
    dialogue(
      { self: 3, before: leading.serving },
      `
      learner 2 connected
      learner 2: FOLLOWERINFO 6:0 of 2
        stop serving: server 2 has promised epoch 6, after ours, 5
        accept no learners
        close learner 1: server 2 has promised epoch 6, after ours, 5
        close learner 2: server 2 has promised epoch 6, after ours, 5
        to server 1: LOOKING for 3 at 5:0 in 5, round 2
        to server 2: LOOKING for 3 at 5:0 in 5, round 2
    `,
    );
  });

  it('commits what a quorum has on disk, in order', () => {
    dialogue(
      { self: 3, before: leading.serving },
      `
      client writes 2 times
        append 5:1
        append 5:2
        to learner 1: PROPOSAL 5:1
        to learner 1: PROPOSAL 5:2
      durable 5:2
      learner 1: ACK 5:1
        commit 5:1
        to learner 1: COMMIT 5:1
      learner 1: ACK 5:2
        commit 5:2
        to learner 1: COMMIT 5:2
    `,
    );
  });

  it('counts its own disk as one among others', () => {
    dialogue(
      { self: 3, before: leading.serving },
      `
      client writes
        append 5:1
        to learner 1: PROPOSAL 5:1
      learner 1: ACK 5:1
      durable 5:1
        commit 5:1
        to learner 1: COMMIT 5:1
    `,
    );
  });

  it('proposes an epoch after every one that was promised', () => {
    dialogue(
      { self: 3, before: leading.elected },
      `
      learner 1 connected
      learner 1: FOLLOWERINFO 8:0 of 1
        save accepted 9
      saved accepted 9
        to learner 1: LEADERINFO 9:0
    `,
    );
  });

  it('gives way to a follower that is ahead of it', () => {
    dialogue(
      { self: 3, before: leading.proposing },
      `
      learner 1: ACKEPOCH 4:18 in 4
        close learner 1: it is ahead of us: epoch 4, 0x400000012
        accept no learners
        to server 1: LOOKING for 3 at 4:17 in 4, round 2
        to server 2: LOOKING for 3 at 4:17 in 4, round 2
    `,
    );
  });

  it('does not give way to an observer, which nobody can elect', () => {
    dialogue(
      { self: 3, observers: [4], before: leading.elected },
      `
      learner 1 connected
      learner 1: FOLLOWERINFO 4:0 of 1
        save accepted 5
      saved accepted 5
        to learner 1: LEADERINFO 5:0
      learner 4 connected
      learner 4: OBSERVERINFO 4:0 of 4
        to learner 4: LEADERINFO 5:0
      learner 4: ACKEPOCH 4:18 in 4
        close learner 4: it is ahead of us: epoch 4, 0x400000012
      describe
        leading in discovery, leader 3, logged 4:17, applied 4:17
    `,
    );
  });

  it('gives up when no quorum comes in time', () => {
    dialogue(
      { self: 3, before: leading.elected },
      `
      999 ms pass
      1 ms pass
        accept no learners
        to server 1: LOOKING for 3 at 4:17 in 4, round 2
        to server 2: LOOKING for 3 at 4:17 in 4, round 2
    `,
    );
  });

  it("passes on its clients' writes and those of learners in one order", () => {
    dialogue(
      { self: 3, before: leading.serving },
      `
      learner 1: REQUEST write w
        request of 1: w
    `,
    );
  });

  it('tells observers what is committed, and counts no word of theirs', () => {
    dialogue(
      { self: 3, observers: [4], before: leading.serving },
      `
      learner 4 connected
      learner 4: OBSERVERINFO 4:0 of 4
        to learner 4: LEADERINFO 5:0
      learner 4: ACKEPOCH 4:17 in 4
        to learner 4: DIFF 4:17
        to learner 4: NEWLEADER 5:0
      learner 4: ACK 5:0
        to learner 4: UPTODATE
      client writes
        append 5:1
        to learner 1: PROPOSAL 5:1
      durable 5:1
      learner 4: ACK 5:1
      learner 1: ACK 5:1
        commit 5:1
        to learner 1: COMMIT 5:1
        to learner 4: INFORM 5:1
    `,
    );
  });
});

describe('a learner that comes later', () => {
  it('gets what it lacks, and then what is outstanding', () => {
    dialogue(
      { self: 3, recent: ['4:16', '4:17'], before: leading.serving },
      `
      client writes 2 times
        append 5:1
        append 5:2
        to learner 1: PROPOSAL 5:1
        to learner 1: PROPOSAL 5:2
      durable 5:1
      learner 1: ACK 5:1
        commit 5:1
        to learner 1: COMMIT 5:1
      learner 2 connected
      learner 2: FOLLOWERINFO 4:0 of 2
        to learner 2: LEADERINFO 5:0
      learner 2: ACKEPOCH 4:16 in 4
        to learner 2: DIFF 5:1
        to learner 2: PROPOSAL 4:17
        to learner 2: COMMIT 4:17
        to learner 2: PROPOSAL 5:1
        to learner 2: COMMIT 5:1
        to learner 2: NEWLEADER 5:0
      client writes
        append 5:3
        to learner 1: PROPOSAL 5:3
      learner 2: ACK 5:0
        to learner 2: UPTODATE
        to learner 2: PROPOSAL 5:2
        to learner 2: PROPOSAL 5:3
      learner 2: ACK 5:2
      learner 2: ACK 5:3
      durable 5:3
        commit 5:2
        commit 5:3
        to learner 1: COMMIT 5:2
        to learner 1: COMMIT 5:3
        to learner 2: COMMIT 5:2
        to learner 2: COMMIT 5:3
    `,
    );
  });

  it('is told to cut off what nobody else has', () => {
    dialogue(
      { self: 3, recent: ['4:16', '4:17'] },
      `
      start at 4:17, epochs 5 5
        to server 1: LOOKING for 3 at 4:17 in 5, round 1
        to server 2: LOOKING for 3 at 4:17 in 5, round 1
      server 1: LOOKING for 3 at 4:17 in 5, round 1
      server 2: LOOKING for 3 at 4:17 in 5, round 1
        accept learners
      learner 1 connected
      learner 1: FOLLOWERINFO 4:0 of 1
        save accepted 6
      saved accepted 6
        to learner 1: LEADERINFO 6:0
      learner 1: ACKEPOCH 4:19 in 4
        to learner 1: TRUNC 4:17
        to learner 1: NEWLEADER 6:0
        save current 6
    `,
    );
  });

  it('and was away for long gets the log from disk, and meanwhile misses nothing', () => {
    dialogue(
      { self: 3, recent: ['4:16', '4:17'], before: leading.serving },
      `
      learner 2 connected
      learner 2: FOLLOWERINFO 4:0 of 2
        to learner 2: LEADERINFO 5:0
      learner 2: ACKEPOCH 4:13 in 4
        read the log after 4:13 up to 4:16
      client writes
        append 5:1
        to learner 1: PROPOSAL 5:1
      durable 5:1
      learner 1: ACK 5:1
        commit 5:1
        to learner 1: COMMIT 5:1
      the log holds 4:14 4:15 4:16
        to learner 2: DIFF 4:17
        to learner 2: PROPOSAL 4:14
        to learner 2: COMMIT 4:14
        to learner 2: PROPOSAL 4:15
        to learner 2: COMMIT 4:15
        to learner 2: PROPOSAL 4:16
        to learner 2: COMMIT 4:16
        to learner 2: PROPOSAL 4:17
        to learner 2: COMMIT 4:17
        to learner 2: NEWLEADER 5:0
      learner 2: ACK 5:0
        to learner 2: UPTODATE
        to learner 2: PROPOSAL 5:1
        to learner 2: COMMIT 5:1
    `,
    );
  });

  it('and was away for too long gets a snapshot', () => {
    dialogue(
      { self: 3, recent: ['4:16', '4:17'], before: leading.serving },
      `
      learner 2 connected
      learner 2: FOLLOWERINFO 4:0 of 2
        to learner 2: LEADERINFO 5:0
      learner 2: ACKEPOCH 4:13 in 4
        read the log after 4:13 up to 4:16
      client writes
        append 5:1
        to learner 1: PROPOSAL 5:1
      the log holds no such thing
        to learner 2: SNAP 5:0
        to learner 2: the snapshot
        to learner 2: NEWLEADER 5:0
    `,
    );
  });

  it('may be one that has come before: the old connection is dead', () => {
    dialogue(
      { self: 3, before: leading.serving },
      `
      learner 2 connected
      learner 2: FOLLOWERINFO 5:0 of 1
        close learner 1: it has connected again
        to learner 2: LEADERINFO 5:0
    `,
    );
  });
});

describe('a learner', () => {
  it('that is silent for syncLimit is dropped, and without a quorum leadership ends', () => {
    dialogue(
      { self: 3, before: leading.serving },
      `
      500 ms pass
        to learner 1: PING 5:0
        to learner 1: PING 5:0
        to learner 1: PING 5:0
        to learner 1: PING 5:0
        to learner 1: PING 5:0
        to learner 1: PING 5:0
        to learner 1: PING 5:0
        to learner 1: PING 5:0
        to learner 1: PING 5:0
        to learner 1: PING 5:0
      100 ms pass
        close learner 1: nothing heard for 500 ms
        stop serving: no quorum left, only 3
        accept no learners
        to server 1: LOOKING for 3 at 5:0 in 5, round 2
        to server 2: LOOKING for 3 at 5:0 in 5, round 2
    `,
    );
  });

  it('that was not heard for syncLimit since this server stood still is dropped, and a client that waits is not answered', () => {
    dialogue(
      { self: 3, before: leading.serving },
      `
      stands still for 600 ms
        close learner 1: nothing heard for 500 ms
        stop serving: no quorum left, only 3
        accept no learners
        to server 1: LOOKING for 3 at 5:0 in 5, round 2
        to server 2: LOOKING for 3 at 5:0 in 5, round 2
    `,
    );
  });

  it('that was heard in time is kept by a leader that stood still for less', () => {
    dialogue(
      { self: 3, before: leading.serving },
      `
      stands still for 400 ms
        to learner 1: PING 5:0
    `,
    );
  });

  it('that owes an acknowledgement for syncLimit is dropped though it answers', () => {
    dialogue(
      { self: 3, before: leading.serving },
      `
      client writes
        append 5:1
        to learner 1: PROPOSAL 5:1
      300 ms pass
        to learner 1: PING 5:1
        to learner 1: PING 5:1
        to learner 1: PING 5:1
        to learner 1: PING 5:1
        to learner 1: PING 5:1
        to learner 1: PING 5:1
      learner 1: PING 5:1
      300 ms pass
        to learner 1: PING 5:1
        to learner 1: PING 5:1
        to learner 1: PING 5:1
        to learner 1: PING 5:1
        close learner 1: a proposal not acknowledged for 500 ms
        stop serving: no quorum left, only 3
        accept no learners
        apply 5:1
        to server 1: LOOKING for 3 at 5:1 in 5, round 2
        to server 2: LOOKING for 3 at 5:1 in 5, round 2
    `,
    );
  });

  it('that says what can not be is dropped', () => {
    dialogue(
      { self: 3, before: leading.serving },
      `
      learner 1: ACK 5:7
        close learner 1: expected an ACK up to 0x500000000, got 0x500000007
      learner 2 connected
      learner 2: PING 0:0
        close learner 2: expected FOLLOWERINFO or OBSERVERINFO, got PING
      learner 4 connected
      learner 4: FOLLOWERINFO 4:0 of 3
        close learner 4: it has our own id
    `,
    );
  });
});

describe('a sync', () => {
  it('is answered when everything before it is committed and a quorum has proved that we still lead', () => {
    dialogue(
      { self: 3, before: leading.serving },
      `
      client writes
        append 5:1
        to learner 1: PROPOSAL 5:1
      client syncs a
        to learner 1: PING 5:1
      durable 5:1
      learner 1: PING 5:1
      learner 1: ACK 5:1
        commit 5:1
        synced a
        to learner 1: COMMIT 5:1
      learner 1: REQUEST sync b
        to learner 1: PING 5:1
      learner 1: PING 5:1
        to learner 1: SYNC
      # A leader cut off from its followers does not know that it was replaced, and says nothing.
      client syncs c
        to learner 1: PING 5:1
      300 ms pass
        to learner 1: PING 5:1
        to learner 1: PING 5:1
        to learner 1: PING 5:1
        to learner 1: PING 5:1
        to learner 1: PING 5:1
        to learner 1: PING 5:1
    `,
    );
  });

  it('is answered before the commit of a later write, which proves the same', () => {
    dialogue(
      { self: 3, before: leading.serving },
      `
      learner 1: REQUEST sync a
        to learner 1: PING 5:0
      client writes
        append 5:1
        to learner 1: PROPOSAL 5:1
      durable 5:1
      learner 1: ACK 5:1
        to learner 1: SYNC
        commit 5:1
        to learner 1: COMMIT 5:1
    `,
    );
  });

  it('that comes during a round of proof waits for the next', () => {
    dialogue(
      { self: 3, before: leading.serving },
      `
      client syncs a
        to learner 1: PING 5:0
      client syncs b
      learner 1: PING 5:0
        synced a
        to learner 1: PING 5:0
      learner 1: PING 5:0
        synced b
    `,
    );
  });
});
