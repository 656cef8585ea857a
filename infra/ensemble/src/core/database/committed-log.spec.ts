import { OpCode } from '@menagerie/zookeeper-protocol';
import { describe, expect, it } from 'vitest';
import { makeZxid, type Proposal } from '../contract/index.js';
import { RecentProposals } from './committed-log.js';

function proposal(epoch: number, counter: number): Proposal {
  const zxid = makeZxid(epoch, counter);
  const txn = { type: OpCode.error, err: 0 } as const;
  return {
    zxid,
    header: { clientId: 0n, cxid: 0, zxid, timeMs: 0, type: txn.type },
    txn,
    digest: null,
    bytes: Buffer.alloc(0),
  };
}

const zxids = (log: RecentProposals): bigint[] => [...log.entries()].map(({ zxid }) => zxid);

describe('the committed log', () => {
  it('keeps the last so many, in order', () => {
    const log = new RecentProposals(3);
    expect([log.minZxid, log.maxZxid, log.size]).toEqual([0n, 0n, 0]);
    for (let counter = 1; counter <= 8; counter++) log.add(proposal(1, counter));
    expect(zxids(log)).toEqual([6, 7, 8].map((counter) => makeZxid(1, counter)));
    expect([log.minZxid, log.maxZxid, log.size]).toEqual([makeZxid(1, 6), makeZxid(1, 8), 3]);
  });

  it('goes on into a new epoch', () => {
    const log = new RecentProposals(10);
    log.add(proposal(1, 5));
    log.add(proposal(3, 1));
    expect(log.size).toBe(2);
  });

  it.each([
    ['a skipped counter', proposal(1, 7)],
    ['an epoch that does not start at its first transaction', proposal(2, 2)],
    ['an older transaction', proposal(1, 4)],
  ])('has no hole: %s empties it first (ZOOKEEPER-4925)', (_, next) => {
    const log = new RecentProposals(10);
    log.add(proposal(1, 4));
    log.add(proposal(1, 5));
    log.add(next);
    expect(zxids(log)).toEqual([next.zxid]);
  });
});
