/** How dialogues begin: what has happened before, without a word about what followed from it. */

const ELECTED_FOLLOWER = `
  start at 4:17, epochs 4 4
  server 3: LEADING for 3 at 4:17 in 4, round 1
  server 2: FOLLOWING for 3 at 4:17 in 4, round 1`;

const PROMISED_FOLLOWER = `${ELECTED_FOLLOWER}
  leader connected
  leader: LEADERINFO 5:0
  saved accepted 5`;

const SERVING_FOLLOWER = `${PROMISED_FOLLOWER}
  leader: DIFF 4:17
  leader: NEWLEADER 5:0
  saved current 5
  leader: UPTODATE`;

const ELECTED_LEADER = `
  start at 4:17, epochs 4 4
  server 1: LOOKING for 3 at 4:17 in 4, round 1
  server 2: LOOKING for 3 at 4:17 in 4, round 1`;

const PROPOSING_LEADER = `${ELECTED_LEADER}
  learner 1 connected
  learner 1: FOLLOWERINFO 4:0 of 1
  saved accepted 5`;

const SERVING_LEADER = `${PROPOSING_LEADER}
  learner 1: ACKEPOCH 4:17 in 4
  saved current 5
  learner 1: ACK 5:0`;

/** Server 1 follows server 3: it was just elected, has promised epoch 5, serves in epoch 5. */
export const following = { elected: ELECTED_FOLLOWER, promised: PROMISED_FOLLOWER, serving: SERVING_FOLLOWER };

/** Server 3 leads: it was just elected, has proposed epoch 5 to server 1, serves in epoch 5 with server 1. */
export const leading = { elected: ELECTED_LEADER, proposing: PROPOSING_LEADER, serving: SERVING_LEADER };
