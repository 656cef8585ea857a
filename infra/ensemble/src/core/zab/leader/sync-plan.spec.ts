import { describe, expect, it } from 'vitest';
import { transactionAt } from '../../__fixtures__/transcript/fakes.js';
import { parseZxid, zxidText } from '../../__fixtures__/transcript/zxid-text.js';
import type { CommittedLog } from '../../contract/index.js';
import { planSync } from './sync-plan.js';

function committedLogOf(zxids: readonly string[]): CommittedLog {
  const entries = zxids.map((zxid) => transactionAt(parseZxid(zxid)));
  const minZxid = entries[0]?.zxid ?? 0n;
  return { minZxid, maxZxid: entries.at(-1)?.zxid ?? 0n, size: entries.length, entries: () => entries };
}

interface LeaderState {
  /** Default: the last of the committed log. */
  at?: string;
  lastTransaction?: string;
  log?: readonly string[];
}

function planFor(peer: string, { at, lastTransaction, log = [] }: LeaderState): string {
  const lastProcessed = at ?? log.at(-1)!;
  const plan = planSync({
    peerLastZxid: parseZxid(peer),
    lastProcessedZxid: parseZxid(lastProcessed),
    lastTransactionZxid: parseZxid(lastTransaction ?? log.at(-1) ?? lastProcessed),
    committedLog: committedLogOf(log),
  });
  if (plan.kind === 'snap') return 'SNAP';
  if (plan.kind === 'trunc') return `TRUNC ${zxidText(plan.zxid)}`;
  const sent = plan.proposals.map((proposal) => zxidText(proposal.zxid)).join(' ');
  if (plan.kind === 'log') return `log (${zxidText(plan.fromZxid)}, ${zxidText(plan.toZxid)}] then ${sent}`;
  return `DIFF ${zxidText(plan.zxid)} then ${sent}`;
}

const twoEpochs = { log: ['4:16', '4:17', '5:1', '5:2'] };

describe('a learner', () => {
  it.each([
    // Where it stands, where the leader stands, what it gets.
    ['where the leader is', '5:2', twoEpochs, 'DIFF 5:2 then '],
    ['at an older entry', '4:17', twoEpochs, 'DIFF 5:2 then 5:1 5:2'],
    ['at the oldest entry', '4:16', twoEpochs, 'DIFF 5:2 then 4:17 5:1 5:2'],
    ['past the end', '5:9', twoEpochs, 'TRUNC 5:2'],
    ['past the end, in a later epoch', '6:3', twoEpochs, 'TRUNC 5:2'],
    ['with a tail of the epoch before', '4:19', twoEpochs, 'SNAP'],
    ['with a tail where the leader has a hole', '5:2', { log: ['5:1', '5:3'] }, 'SNAP'],
    ['before the committed log', '4:2', twoEpochs, 'log (4:2, 4:16] then 4:17 5:1 5:2'],
    ['empty', '0:0', twoEpochs, 'log (0:0, 4:16] then 4:17 5:1 5:2'],
    ['empty, as the leader', '0:0', { at: '0:0' }, 'DIFF 0:0 then '],
    ['that asks for a snapshot', '-1', twoEpochs, 'SNAP'],
  ])('%s (%s) of %j gets %s', (_, peer, leader, plan) => {
    expect(planFor(peer, leader)).toBe(plan);
  });

  it.each([
    ['the epoch of the leader, which has had none', '6:0', { ...twoEpochs, at: '6:0' }, 'DIFF 6:0 then '],
    ['an epoch between two entries', '5:0', twoEpochs, 'DIFF 5:2 then 5:1 5:2'],
    ['an epoch after the last entry', '6:0', twoEpochs, 'SNAP'],
  ])('at the beginning of %s (%s of %j) is sent nothing back (ZOOKEEPER-1319)', (_, peer, leader, plan) => {
    expect(planFor(peer, leader)).toBe(plan);
  });
});

describe('a leader with nothing in its committed log', () => {
  const restarted = { at: '6:0', lastTransaction: '5:9' };

  it.each([
    ['has the last transaction', '5:9', 'DIFF 5:9 then '],
    ['is behind', '5:7', 'log (5:7, 5:9] then '],
    ['is ahead', '5:12', 'TRUNC 5:9'],
  ])('compares with its last transaction: a learner that %s', (_, peer, plan) => {
    // Bounds kept apart from the log they are the bounds of went stale, and cut off what was committed (ZOOKEEPER-3526).
    expect(planFor(peer, restarted)).toBe(plan);
  });
});
