/**
 * The failures of ZooKeeper's history that concern recovery, synchronization, broadcast and election (zab.md section 9), one
 * dialogue each. The remark above each says which protection it watches, and what is heard when that is taken out.
 */
import { describe, it } from 'vitest';
import { dialogue, following, leading } from '../__fixtures__/transcript/index.js';

describe('epochs', () => {
  // Without `history.isPromiseSaved` in Learner.promiseSaved, ACKEPOCH comes right behind LEADERINFO: after a crash this server
  // could promise the same epoch to another leader.
  it('are promised on disk before anybody hears of them (ZOOKEEPER-335, 1081, 1264)', () => {
    dialogue(
      { before: following.elected },
      `
      leader connected
        to leader: FOLLOWERINFO 4:0 of 1
      leader: LEADERINFO 5:0
        save accepted 5
      saved accepted 5
        to leader: ACKEPOCH 4:17 in 4
    `,
    );
  });

  // Without `isPromiseSaved` in Leader.inform, LEADERINFO comes right behind FOLLOWERINFO, and a restarted leader may propose epoch 5 again.
  it("are on the leader's own disk before it proposes them (ZOOKEEPER-335, 1264)", () => {
    dialogue(
      { self: 3, before: leading.elected },
      `
      learner 1 connected
      learner 1: FOLLOWERINFO 4:0 of 1
        save accepted 5
      saved accepted 5
        to learner 1: LEADERINFO 5:0
    `,
    );
  });

  // A second follower promises and takes over the history while the leader's own disk is slow. Each condition of
  // EpochAgreement and Leader.checkEstablished is looked at on every arrival; looked at on its own arrival only, the last
  // line would say nothing.
  it('begin in any order of arrivals (ZOOKEEPER-1270)', () => {
    dialogue(
      { self: 3, before: leading.elected },
      `
      learner 1 connected
      learner 1: FOLLOWERINFO 4:0 of 1
        save accepted 5
      learner 2 connected
      learner 2: FOLLOWERINFO 4:0 of 2
      saved accepted 5
        to learner 1: LEADERINFO 5:0
        to learner 2: LEADERINFO 5:0
      learner 2: ACKEPOCH 4:17 in 4
        to learner 2: DIFF 4:17
        to learner 2: NEWLEADER 5:0
        save current 5
      learner 2: ACK 5:0
      learner 1: ACKEPOCH 4:17 in 4
        to learner 1: DIFF 4:17
        to learner 1: NEWLEADER 5:0
      saved current 5
        to learner 2: UPTODATE
        serve as leader in epoch 5
    `,
    );
  });

  // With (5, 0) taken for a transaction, rule 3 of the synchronization plan would answer TRUNC, or a log would be searched
  // for it. A learner may well stand there: it led epoch 5, or got a snapshot from who did.
  it('begin with (epoch, 0), which is no transaction and in no log (ZOOKEEPER-1319)', () => {
    dialogue(
      { self: 3, before: leading.serving },
      `
      learner 2 connected
      learner 2: FOLLOWERINFO 5:0 of 2
        to learner 2: LEADERINFO 5:0
      learner 2: ACKEPOCH 5:0 in 5
        to learner 2: DIFF 5:0
        to learner 2: NEWLEADER 5:0
    `,
    );
  });

  // Without `broadcast.isExhausted` in Leader.tick, zxid (5, 0xffffffff) is followed by (6, 0), in an epoch nobody agreed on.
  it('end before their counter does (ZOOKEEPER-1277)', () => {
    dialogue(
      { self: 3, lastCounter: 2, before: leading.serving },
      `
      client writes 2 times
        append 5:1
        append 5:2
        to learner 1: PROPOSAL 5:1
        to learner 1: PROPOSAL 5:2
      1 ms pass
        stop serving: the counter of epoch 5 is used up
        accept no learners
        close learner 1: the counter of epoch 5 is used up
        apply 5:1
        apply 5:2
        to server 1: LOOKING for 3 at 5:2 in 5, round 2
        to server 2: LOOKING for 3 at 5:2 in 5, round 2
    `,
    );
  });
});

describe('history', () => {
  // Without `durableZxid < newLeaderAt` in Synchronizer.acknowledgeNewLeader, "save current 5" comes with NEWLEADER: after a
  // crash this server would win an election with a high epoch and half a history. Without `isCurrentEpochSaved`, ACK does.
  it('is on disk before its epoch, and its epoch before the word (ZOOKEEPER-3911, 4643, 4646, 4785)', () => {
    dialogue(
      { before: following.promised },
      `
      leader: DIFF 4:19
      leader: PROPOSAL 4:18
        append 4:18
      leader: COMMIT 4:18
        apply 4:18
      leader: PROPOSAL 4:19
        append 4:19
      leader: COMMIT 4:19
        apply 4:19
      leader: NEWLEADER 5:0
      durable 4:18
      durable 4:19
        save current 5
      saved current 5
        to leader: ACK 5:0
    `,
    );
  });

  // Server 1 becomes leader with a tail that is on its way to the disk. Without `durableZxid >= initialZxid` in
  // Leader.adoptOwnHistory, "save current 6" comes with ACKEPOCH.
  it('of the leader itself is on disk before its epoch (ZOOKEEPER-4643)', () => {
    dialogue(
      { before: following.serving },
      `
      leader: PROPOSAL 5:1
        append 5:1
      leader closed
        stop serving: the leader's connection: closed
        disconnect
        apply 5:1
        to server 2: LOOKING for 1 at 5:1 in 5, round 2
        to server 3: LOOKING for 1 at 5:1 in 5, round 2
      server 2: LOOKING for 1 at 5:1 in 5, round 2
        accept learners
      learner 2 connected
      learner 2: FOLLOWERINFO 5:0 of 2
        save accepted 6
      saved accepted 6
        to learner 2: LEADERINFO 6:0
      learner 2: ACKEPOCH 5:1 in 5
        to learner 2: DIFF 5:1
        to learner 2: NEWLEADER 6:0
      learner 2: ACK 6:0
      durable 5:1
        save current 6
      saved current 6
        to learner 2: UPTODATE
        serve as leader in epoch 6
    `,
    );
  });

  // With `finishLoad` not waiting for the snapshot, "save current 5" comes with NEWLEADER, and a crash leaves an epoch
  // without its state.
  it('that came as a snapshot is on disk before the word (ZOOKEEPER-2872)', () => {
    dialogue(
      { before: following.promised },
      `
      leader: SNAP 4:90
        load a snapshot
      leader: snapshot ends
        save a snapshot
      leader: NEWLEADER 5:0
      snapshot saved
        save current 5
      saved current 5
        to leader: ACK 5:0
    `,
    );
  });

  // Without `history.abandonLoad` in Learner.end the half stays in memory, and a DIFF may come on top of it.
  it('that came half as a snapshot is forgotten, and no vote is cast until the old one is back (ZOOKEEPER-3642)', () => {
    dialogue(
      { before: following.promised },
      `
      leader: SNAP 4:90
        load a snapshot
      leader closed
        disconnect
        clear the database
        reload the database
      describe
        looking in election, logged 4:17, applied 0:0
      reloaded 4:17
        to server 2: LOOKING for 1 at 4:17 in 4, round 2
        to server 3: LOOKING for 1 at 4:17 in 4, round 2
      describe
        looking in election, logged 4:17, applied 4:17
    `,
    );
  });

  // If DIFF moved the last zxid, this server would say 4:19 in the next election, and be given nothing for 4:19 ever after.
  it('is what was received, not what was announced (ZOOKEEPER-2355)', () => {
    dialogue(
      { before: following.promised },
      `
      leader: DIFF 4:19
      leader: PROPOSAL 4:18
        append 4:18
      leader closed
        disconnect
        apply 4:18
        to server 2: LOOKING for 1 at 4:18 in 4, round 2
        to server 3: LOOKING for 1 at 4:18 in 4, round 2
      describe
        looking in election, logged 4:18, applied 4:18
    `,
    );
  });

  // Without `history.applyTail` in becomeLooking the vote says 5:2 and the database, which would be synchronized from, 5:1.
  it('in memory and on disk is the same when a role ends (ZOOKEEPER-2845)', () => {
    dialogue(
      { before: following.serving },
      `
      leader: PROPOSAL 5:1
        append 5:1
      leader: PROPOSAL 5:2
        append 5:2
      leader: COMMIT 5:1
        commit 5:1
      leader closed
        stop serving: the leader's connection: closed
        disconnect
        apply 5:2
        to server 2: LOOKING for 1 at 5:2 in 5, round 2
        to server 3: LOOKING for 1 at 5:2 in 5, round 2
      describe
        looking in election, logged 5:2, applied 5:2
    `,
    );
  });

  // The snapshot on disk holds more than 4:15 and the log does not reach back behind it. Taken as done, a failed truncation
  // leaves transactions that nobody else has; cut further than asked, it forgets what this server has acknowledged.
  it('is cut, or asked for again, but never cut to less than was asked (ZOOKEEPER-1549, 4837, 3701)', () => {
    dialogue(
      { before: following.promised },
      `
      leader: TRUNC 4:15
        truncate to 4:15
      truncation is not possible
        disconnect
        to server 2: LOOKING for 1 at 4:17 in 4, round 2
        to server 3: LOOKING for 1 at 4:17 in 4, round 2
      server 3: LEADING for 3 at 4:17 in 4, round 2
      server 2: FOLLOWING for 3 at 4:17 in 4, round 2
        connect to 3
      leader connected
        to leader: FOLLOWERINFO 5:0 of 1
      leader: LEADERINFO 6:0
        save accepted 6
      saved accepted 6
        to leader: ACKEPOCH -1 in 4
      leader: SNAP 4:15
        load a snapshot
    `,
    );
  });

  // Such a server can miss nothing that it has acknowledged; if its promise did not count, two of three servers could wait
  // for each other. One of the same epoch does not count: it might be ahead.
  it('may be asked for as a whole by a server of an earlier epoch, and its promise counts', () => {
    dialogue(
      { self: 3 },
      `
      start at 4:17, epochs 5 5
        to server 1: LOOKING for 3 at 4:17 in 5, round 1
        to server 2: LOOKING for 3 at 4:17 in 5, round 1
      server 1: LOOKING for 3 at 4:17 in 5, round 1
      server 2: LOOKING for 3 at 4:17 in 5, round 1
        accept learners
      learner 1 connected
      learner 1: FOLLOWERINFO 5:0 of 1
        save accepted 6
      learner 2 connected
      learner 2: FOLLOWERINFO 5:0 of 2
      saved accepted 6
        to learner 1: LEADERINFO 6:0
        to learner 2: LEADERINFO 6:0
      learner 1: ACKEPOCH -1 in 5
      learner 2: ACKEPOCH -1 in 4
        to learner 1: SNAP 4:17
        to learner 1: the snapshot
        to learner 1: NEWLEADER 6:0
        to learner 2: SNAP 4:17
        to learner 2: the snapshot
        to learner 2: NEWLEADER 6:0
        save current 6
    `,
    );
  });

  // Without `isWhole` in Synchronization.logRead, the learner is sent 4:14, then 4:16, and never knows.
  it('from the disk must meet the one in memory (ZOOKEEPER-2418)', () => {
    dialogue(
      { self: 3, recent: ['4:16', '4:17'], before: leading.serving },
      `
      learner 2 connected
      learner 2: FOLLOWERINFO 4:0 of 2
        to learner 2: LEADERINFO 5:0
      learner 2: ACKEPOCH 4:13 in 4
        read the log after 4:13 up to 4:16
      the log holds 4:14
        to learner 2: SNAP 5:0
        to learner 2: the snapshot
        to learner 2: NEWLEADER 5:0
    `,
    );
  });

  // Without `history.isNext` in Learner.append the hole is logged, committed, and handed on by the next leader.
  it('with a hole is refused, and asked for as a whole (ZOOKEEPER-4925)', () => {
    dialogue(
      { before: following.promised },
      `
      leader: DIFF 4:20
      leader: PROPOSAL 4:18
        append 4:18
      leader: PROPOSAL 4:20
        disconnect
        apply 4:18
        to server 2: LOOKING for 1 at 4:18 in 4, round 2
        to server 3: LOOKING for 1 at 4:18 in 4, round 2
      server 3: LEADING for 3 at 4:17 in 4, round 2
      server 2: FOLLOWING for 3 at 4:17 in 4, round 2
        connect to 3
      leader connected
        to leader: FOLLOWERINFO 5:0 of 1
      leader: LEADERINFO 6:0
        save accepted 6
      saved accepted 6
        to leader: ACKEPOCH -1 in 4
    `,
    );
  });

  // With NEWLEADER before the committed transactions its ACK would stand for something the learner does not have; with
  // anything between NEWLEADER and UPTODATE, Apache 3.8 as learner dies of the COMMIT.
  it('sent by a leader ends with NEWLEADER, and nothing more comes before UPTODATE (ZOOKEEPER-3104, 4394)', () => {
    dialogue(
      { self: 3, recent: ['4:16', '4:17'], before: leading.serving },
      `
      client writes
        append 5:1
        to learner 1: PROPOSAL 5:1
      learner 2 connected
      learner 2: FOLLOWERINFO 4:0 of 2
        to learner 2: LEADERINFO 5:0
      learner 2: ACKEPOCH 4:16 in 4
        to learner 2: DIFF 4:17
        to learner 2: PROPOSAL 4:17
        to learner 2: COMMIT 4:17
        to learner 2: NEWLEADER 5:0
      durable 5:1
      learner 1: ACK 5:1
        commit 5:1
        to learner 1: COMMIT 5:1
      learner 2: ACK 5:0
        to learner 2: UPTODATE
        to learner 2: PROPOSAL 5:1
        to learner 2: COMMIT 5:1
    `,
    );
  });

  // Without the packets held back while the snapshot is saved, 5:1 is gone.
  it('between a snapshot and UPTODATE is kept by observers (ZOOKEEPER-1551)', () => {
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
      leader: SNAP 4:90
        load a snapshot
      leader: snapshot ends
        save a snapshot
      leader: INFORM 5:1
      snapshot saved
        append 5:1
        apply 5:1
      leader: NEWLEADER 5:0
      leader: INFORM 5:2
        append 5:2
        apply 5:2
      durable 5:2
        save current 5
      saved current 5
        to leader: ACK 5:0
      leader: UPTODATE
        serve as observer in epoch 5
        to leader: ACK 5:0
    `,
    );
  });
});

describe('proposals', () => {
  // With `pending` emptied at NEWLEADER, the commit finds nothing.
  it('that are outstanding at NEWLEADER can be committed right after it (ZOOKEEPER-4394)', () => {
    dialogue(
      { before: following.promised },
      `
      leader: DIFF 4:17
      leader: PROPOSAL 5:1
        append 5:1
      leader: NEWLEADER 5:0
      leader: COMMIT 5:1
        apply 5:1
      durable 5:1
        save current 5
      saved current 5
        to leader: ACK 5:0
      leader: UPTODATE
        serve as follower in epoch 5
        to leader: ACK 5:0
    `,
    );
  });

  // Without `acked === null` in ProposalAcks.send, "ACK 5:1" comes with "durable 5:1", and an Apache leader hangs up.
  it('are not acknowledged before NEWLEADER is (ZOOKEEPER-4685)', () => {
    dialogue(
      { before: following.promised },
      `
      leader: DIFF 4:17
      leader: PROPOSAL 5:1
        append 5:1
      leader: NEWLEADER 5:0
      durable 5:1
        save current 5
      saved current 5
        to leader: ACK 5:0
        to leader: ACK 5:1
    `,
    );
  });

  // Taken for the ACK of NEWLEADER, or for a mistake, they would have the learner dropped; it comes again, and does the same.
  it('acknowledged before NEWLEADER, by an Apache 3.8 learner, cost it nothing (ZOOKEEPER-4685)', () => {
    dialogue(
      { self: 3, recent: ['4:16', '4:17'], before: leading.serving },
      `
      learner 2 connected
      learner 2: FOLLOWERINFO 4:0 of 2
        to learner 2: LEADERINFO 5:0
      learner 2: ACKEPOCH 4:16 in 4
        to learner 2: DIFF 4:17
        to learner 2: PROPOSAL 4:17
        to learner 2: COMMIT 4:17
        to learner 2: NEWLEADER 5:0
      learner 2: ACK 4:17
      learner 2: ACK 5:0
        to learner 2: UPTODATE
    `,
    );
  });

  // With ProposalAcks living longer than its role, "ACK 5:1" is sent to server 2 as its first word.
  it('of a role that is over are not acknowledged to the next leader (ZOOKEEPER-4712, 4541)', () => {
    dialogue(
      { before: following.serving },
      `
      leader: PROPOSAL 5:1
        append 5:1
      leader closed
        stop serving: the leader's connection: closed
        disconnect
        apply 5:1
        to server 2: LOOKING for 1 at 5:1 in 5, round 2
        to server 3: LOOKING for 1 at 5:1 in 5, round 2
      server 2: LEADING for 2 at 5:1 in 5, round 2
      server 3: FOLLOWING for 2 at 5:1 in 5, round 2
        connect to 2
      leader connected
        to leader: FOLLOWERINFO 5:0 of 1
      durable 5:1
    `,
    );
  });
});

describe('a broken disk', () => {
  // Without becomeHalted the leader goes on ordering what it can not write.
  it('ends the role and the server, whatever comes later (ZOOKEEPER-2247)', () => {
    dialogue(
      { self: 3, before: leading.serving },
      `
      client writes
        append 5:1
        to learner 1: PROPOSAL 5:1
      the disk fails
        stop serving: fsync failed: EIO
        accept no learners
        close learner 1: fsync failed: EIO
        halt: fsync failed: EIO
      durable 5:1
      learner 1: ACK 5:1
    `,
    );
  });
});

describe('elections', () => {
  // With `sameVote` in `agree` for established servers too, server 3 looks on for ever.
  it('let newcomers in where the established votes differ in round and zxid (ZOOKEEPER-1732, 1805)', () => {
    dialogue(
      { self: 3 },
      `
      start at 4:17, epochs 5 5
        to server 1: LOOKING for 3 at 4:17 in 5, round 1
        to server 2: LOOKING for 3 at 4:17 in 5, round 1
      server 1: LEADING for 1 at 4:10 in 5, round 7
      server 2: FOLLOWING for 1 at 4:12 in 5, round 6
        connect to 1
    `,
    );
  });

  // Without `established` in Learner.upToDate the answer says epoch 4 and the leader's says 5: no quorum for either.
  it('are told the epoch that was established, by everybody alike (ZOOKEEPER-1732)', () => {
    dialogue(
      { before: following.serving },
      `
      server 2: LOOKING for 2 at 4:17 in 5, round 2
        to server 2: FOLLOWING for 3 at 4:17 in 5, round 1
    `,
    );
  });

  // Without voterLooksAgain the leader waits for initLimit for a server that will not come.
  it('are held again when a voter has changed its mind (ZOOKEEPER-3109)', () => {
    dialogue(
      { self: 3, timing: { disloyalVoterMs: 100 }, before: leading.elected },
      `
      server 1: LOOKING for 3 at 4:17 in 4, round 2
        to server 1: LEADING for 3 at 4:17 in 4, round 1
      101 ms pass
      server 1: LOOKING for 3 at 4:17 in 4, round 3
        to server 1: LEADING for 3 at 4:17 in 4, round 1
        accept no learners
        to server 1: LOOKING for 3 at 4:17 in 4, round 2
        to server 2: LOOKING for 3 at 4:17 in 4, round 2
    `,
    );
  });
});
