/**
 * Elections as dialogues with one server. Source: FastLeaderElection.java; zab.md section 2.
 */
import { describe, it } from 'vitest';
import { dialogue, following } from '../__fixtures__/transcript/index.js';

describe('a vote', () => {
  it('three servers that start together agree on the largest id, without waiting', () => {
    dialogue(
      {},
      `
      start at 4:17, epochs 4 4
        to server 2: LOOKING for 1 at 4:17 in 4, round 1
        to server 3: LOOKING for 1 at 4:17 in 4, round 1
      server 2: LOOKING for 2 at 4:17 in 4, round 1
        to server 2: LOOKING for 2 at 4:17 in 4, round 1
        to server 3: LOOKING for 2 at 4:17 in 4, round 1
      server 3: LOOKING for 3 at 4:17 in 4, round 1
        to server 2: LOOKING for 3 at 4:17 in 4, round 1
        to server 3: LOOKING for 3 at 4:17 in 4, round 1
        connect to 3
    `,
    );
  });

  it('goes by epoch first, then by the logged zxid, then by id', () => {
    dialogue(
      { self: 3 },
      `
      start at 4:17, epochs 4 4
        to server 1: LOOKING for 3 at 4:17 in 4, round 1
        to server 2: LOOKING for 3 at 4:17 in 4, round 1
      server 1: LOOKING for 1 at 4:18 in 4, round 1
        to server 1: LOOKING for 1 at 4:18 in 4, round 1
        to server 2: LOOKING for 1 at 4:18 in 4, round 1
      server 2: LOOKING for 2 at 4:20 in 3, round 1
        to server 2: LOOKING for 1 at 4:18 in 4, round 1
        connect to 1
    `,
    );
  });

  it('with a quorum and a voter not heard of waits a moment for a better one', () => {
    dialogue(
      {},
      `
      start at 4:17, epochs 4 4
        to server 2: LOOKING for 1 at 4:17 in 4, round 1
        to server 3: LOOKING for 1 at 4:17 in 4, round 1
      server 2: LOOKING for 2 at 4:17 in 4, round 1
        to server 2: LOOKING for 2 at 4:17 in 4, round 1
        to server 3: LOOKING for 2 at 4:17 in 4, round 1
      49 ms pass
      1 ms pass
        connect to 2
    `,
    );
  });

  it('is changed for a better one that comes within that moment', () => {
    dialogue(
      {},
      `
      start at 4:17, epochs 4 4
        to server 2: LOOKING for 1 at 4:17 in 4, round 1
        to server 3: LOOKING for 1 at 4:17 in 4, round 1
      server 2: LOOKING for 2 at 4:17 in 4, round 1
        to server 2: LOOKING for 2 at 4:17 in 4, round 1
        to server 3: LOOKING for 2 at 4:17 in 4, round 1
      49 ms pass
      server 3: LOOKING for 3 at 4:17 in 4, round 1
        to server 2: LOOKING for 3 at 4:17 in 4, round 1
        to server 3: LOOKING for 3 at 4:17 in 4, round 1
        connect to 3
    `,
    );
  });

  it('is told to a looking server that knows a worse one, and may have missed ours', () => {
    dialogue(
      { self: 2 },
      `
      start at 4:17, epochs 4 4
        to server 1: LOOKING for 2 at 4:17 in 4, round 1
        to server 3: LOOKING for 2 at 4:17 in 4, round 1
      server 1: LOOKING for 1 at 4:17 in 4, round 1
        to server 1: LOOKING for 2 at 4:17 in 4, round 1
      server 1: LOOKING for 2 at 4:17 in 4, round 1
    `,
    );
  });

  it('does not wait for the leader whose connection has just broken', () => {
    dialogue(
      { before: following.serving },
      `
      leader closed
        stop serving: the leader's connection: closed
        disconnect
        to server 2: LOOKING for 1 at 4:17 in 5, round 2
        to server 3: LOOKING for 1 at 4:17 in 5, round 2
      server 2: LOOKING for 2 at 4:17 in 5, round 2
        to server 2: LOOKING for 2 at 4:17 in 5, round 2
        to server 3: LOOKING for 2 at 4:17 in 5, round 2
        connect to 2
    `,
    );
  });

  it('for a server that does not vote, or by one, does not count', () => {
    dialogue(
      {},
      `
      start at 4:17, epochs 4 4
        to server 2: LOOKING for 1 at 4:17 in 4, round 1
        to server 3: LOOKING for 1 at 4:17 in 4, round 1
      server 2: LOOKING for 9 at 4:20 in 4, round 1
      server 9: LOOKING for 9 at 4:20 in 4, round 1
        to server 9: LOOKING for 1 at 4:17 in 4, round 1
    `,
    );
  });

  it('for a server without weight can not win', () => {
    dialogue(
      { config: 'group.1=1\ngroup.2=2\ngroup.3=3\nweight.3=0' },
      `
      start at 4:17, epochs 4 4
        to server 2: LOOKING for 1 at 4:17 in 4, round 1
        to server 3: LOOKING for 1 at 4:17 in 4, round 1
      server 3: LOOKING for 3 at 9:17 in 9, round 1
      server 2: LOOKING for 2 at 4:17 in 4, round 1
        to server 2: LOOKING for 2 at 4:17 in 4, round 1
        to server 3: LOOKING for 2 at 4:17 in 4, round 1
        connect to 2
    `,
    );
  });

  it('of a server without data neither counts nor decides', () => {
    dialogue(
      { self: 2 },
      `
      start at 4:17, epochs 4 4
        to server 1: LOOKING for 2 at 4:17 in 4, round 1
        to server 3: LOOKING for 2 at 4:17 in 4, round 1
      server 3: LOOKING for 3 at -1 in 0, round 1
      server 1: LOOKING for 2 at 4:17 in 4, round 1
      50 ms pass
        accept learners
    `,
    );
  });
});

describe('a round', () => {
  it('that is newer is joined, and what was heard in the old one forgotten', () => {
    dialogue(
      {},
      `
      start at 4:17, epochs 4 4
        to server 2: LOOKING for 1 at 4:17 in 4, round 1
        to server 3: LOOKING for 1 at 4:17 in 4, round 1
      server 2: LOOKING for 1 at 4:17 in 4, round 9
        to server 2: LOOKING for 1 at 4:17 in 4, round 9
        to server 3: LOOKING for 1 at 4:17 in 4, round 9
      server 3: LOOKING for 3 at 4:17 in 4, round 3
        to server 3: LOOKING for 1 at 4:17 in 4, round 9
    `,
    );
  });

  it('without an answer is repeated, less and less often', () => {
    dialogue(
      {},
      `
      start at 4:17, epochs 4 4
        to server 2: LOOKING for 1 at 4:17 in 4, round 1
        to server 3: LOOKING for 1 at 4:17 in 4, round 1
      200 ms pass
        to server 2: LOOKING for 1 at 4:17 in 4, round 1
        to server 3: LOOKING for 1 at 4:17 in 4, round 1
      400 ms pass
        to server 2: LOOKING for 1 at 4:17 in 4, round 1
        to server 3: LOOKING for 1 at 4:17 in 4, round 1
      800 ms pass
        to server 2: LOOKING for 1 at 4:17 in 4, round 1
        to server 3: LOOKING for 1 at 4:17 in 4, round 1
      800 ms pass
        to server 2: LOOKING for 1 at 4:17 in 4, round 1
        to server 3: LOOKING for 1 at 4:17 in 4, round 1
    `,
    );
  });
});

describe('a server without data', () => {
  it('looks on until others have a leader, and follows it', () => {
    dialogue(
      {},
      `
      start at -1, epochs 0 0
        to server 2: LOOKING for 1 at -1 in 0, round 1
        to server 3: LOOKING for 1 at -1 in 0, round 1
      server 2: LOOKING for 2 at 4:17 in 4, round 1
      server 3: LOOKING for 3 at 4:17 in 4, round 1
      server 3: LEADING for 3 at 4:17 in 4, round 1
      server 2: FOLLOWING for 3 at 4:17 in 4, round 1
        connect to 3
    `,
    );
  });
});

describe('an established leader', () => {
  it('is joined when a quorum follows it and it says itself that it leads', () => {
    dialogue(
      { voters: 5 },
      `
      start at 4:17, epochs 4 4
        to server 2: LOOKING for 1 at 4:17 in 4, round 1
        to server 3: LOOKING for 1 at 4:17 in 4, round 1
        to server 4: LOOKING for 1 at 4:17 in 4, round 1
        to server 5: LOOKING for 1 at 4:17 in 4, round 1
      server 3: FOLLOWING for 2 at 4:17 in 4, round 1
      server 4: FOLLOWING for 2 at 4:17 in 4, round 1
      server 5: FOLLOWING for 2 at 4:17 in 4, round 1
      # Server 2 may have crashed: its followers need not know yet.
      server 2: LEADING for 2 at 4:17 in 4, round 1
        connect to 2
    `,
    );
  });

  it('is told to those who look, by all who follow it, and to nobody else', () => {
    dialogue(
      { before: following.elected },
      `
      server 2: LOOKING for 2 at 4:17 in 4, round 2
        to server 2: FOLLOWING for 3 at 4:17 in 4, round 1
      server 2: FOLLOWING for 3 at 4:17 in 4, round 1
    `,
    );
  });
});

describe('observers', () => {
  it("take the voters' word and vote for nobody", () => {
    dialogue(
      { self: 4, observers: [4] },
      `
      start at 4:17, epochs 4 4
        to server 1: LOOKING for nobody, round 1
        to server 2: LOOKING for nobody, round 1
        to server 3: LOOKING for nobody, round 1
      server 1: LOOKING for 3 at 4:17 in 4, round 5
        to server 1: LOOKING for 3 at 4:17 in 4, round 5
        to server 2: LOOKING for 3 at 4:17 in 4, round 5
        to server 3: LOOKING for 3 at 4:17 in 4, round 5
      server 2: LOOKING for 3 at 4:17 in 4, round 5
      server 3: LOOKING for 3 at 4:17 in 4, round 5
        connect to 3
    `,
    );
  });

  it('and strangers are answered, but not the same words again at once, or two could talk for ever', () => {
    dialogue(
      { observers: [4] },
      `
      start at 4:17, epochs 4 4
        to server 2: LOOKING for 1 at 4:17 in 4, round 1
        to server 3: LOOKING for 1 at 4:17 in 4, round 1
      server 4: LOOKING for 1 at 4:17 in 4, round 1
        to server 4: LOOKING for 1 at 4:17 in 4, round 1
      server 4: LOOKING for 1 at 4:17 in 4, round 1
      100 ms pass
      server 4: LOOKING for 1 at 4:17 in 4, round 1
        to server 4: LOOKING for 1 at 4:17 in 4, round 1
    `,
    );
  });
});
