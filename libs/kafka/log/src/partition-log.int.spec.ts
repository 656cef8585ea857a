import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { ErrorCode } from '@menagerie/kafka-protocol';
import { describe, expect, it } from 'vitest';

import { append, batch, contents, folder, marker, open } from './__fixtures__/logs.js';
import { logFile, offsetIndexFile, timeIndexFile } from './file-names.js';

const small = { segmentBytes: 400, indexIntervalBytes: 100 };
const answers = (errorCode: number) => expect.objectContaining({ errorCode });

describe('the log of a partition', () => {
  it('gives offsets one after the other and finds each again, over many segments', () => {
    const log = open(folder(), small);
    for (let n = 0; n < 60; n++) append(log, [`a${n}`, `b${n}`], 1000 + n);
    expect(log.logEndOffset).toBe(120);
    expect(log.allSegments.length).toBeGreaterThan(10);
    for (let offset = 0; offset < 120; offset++) {
      const first = contents(log, offset)[0];
      expect(first).toBe(`${offset}:${offset % 2 === 0 ? 'a' : 'b'}${offset >> 1}`);
    }
  });

  it('never reads behind the limit, and gives one batch even if it is larger than asked for', () => {
    const log = open(folder());
    append(log, ['one', 'two']);
    append(log, ['three']);
    const read = (maxBytes: number, limitOffset: number, atLeastOne = true) =>
      log.read(0, { maxBytes, limitOffset, atLeastOne }).length;
    const both = read(10_000, 3);
    expect(read(10_000, 2)).toBeLessThan(both);
    expect(read(10_000, 0)).toBe(0);
    expect(read(10, 3)).toBeGreaterThan(10);
    expect(read(10, 3, false)).toBe(0);
  });

  it('finds the first record of a time or after it', () => {
    const log = open(folder(), small);
    for (let n = 0; n < 40; n++) append(log, [`v${n}`], 1000 + 10 * n);
    expect(log.offsetForTimestamp(0)).toMatchObject({ offset: 0, timestamp: 1000 });
    expect(log.offsetForTimestamp(1205)).toMatchObject({ offset: 21, timestamp: 1210 });
    expect(log.offsetForTimestamp(1390)).toMatchObject({ offset: 39 });
    expect(log.offsetForTimestamp(1391)).toBeNull();
  });

  it('is the same after an orderly stop, without reading it', () => {
    const dir = folder();
    const log = open(dir, small);
    for (let n = 0; n < 40; n++) append(log, [`v${n}`], 1000 + n);
    const before = contents(log);
    log.close();
    const again = open(dir, small, { clean: true });
    expect(contents(again)).toEqual(before);
    expect(again.offsetForTimestamp(1020)).toMatchObject({ offset: 20 });
  });

  it('cut short at any byte it opens with the whole batches before, and goes on from there', () => {
    const whole = folder();
    const log = open(whole);
    for (const value of ['one', 'two', 'three']) append(log, [value]);
    const bytes = readFileSync(logFile(whole, 0));
    const one = bytes.length / 3 - 2;
    for (let end = 0; end < bytes.length; end += 7) {
      const dir = folder();
      writeFileSync(logFile(dir, 0), bytes.subarray(0, end));
      const torn = open(dir);
      const left = contents(torn);
      expect(left.length).toBe(torn.logEndOffset);
      expect(left.length).toBeLessThanOrEqual(Math.floor(end / one));
      append(torn, ['next']);
      expect(contents(torn)).toEqual([...left, `${left.length}:next`]);
    }
  });

  it('a batch whose checksum is wrong ends the log, and segments behind it are no longer part of it', () => {
    const dir = folder();
    const log = open(dir, small);
    for (let n = 0; n < 30; n++) append(log, [`v${n}`]);
    const [, second, third] = log.allSegments;
    const bytes = readFileSync(logFile(dir, second!.baseOffset));
    bytes[bytes.length - 1]! ^= 0xff;
    writeFileSync(logFile(dir, second!.baseOffset), bytes);
    const again = open(dir, small);
    expect(again.logEndOffset).toBe(third!.baseOffset - 1);
    expect(existsSync(logFile(dir, third!.baseOffset))).toBe(false);
    // Where the disk was known to hold it, nobody looks: that is what the recovery point is for.
    expect(open(dir, small, { recoveryPoint: 10_000 }).logEndOffset).toBe(third!.baseOffset - 1);
  });

  it('indexes that are missing or not of this segment are made anew', () => {
    const dir = folder();
    const log = open(dir, small);
    for (let n = 0; n < 30; n++) append(log, [`v${n}`], 1000 + n);
    log.close();
    const before = contents(log);
    const bases = readdirSync(dir)
      .filter((file) => file.endsWith('.log'))
      .map((file) => Number.parseInt(file, 10));
    rmSync(offsetIndexFile(dir, bases[0]!));
    truncateSync(offsetIndexFile(dir, bases[1]!), 3);
    appendFileSync(timeIndexFile(dir, bases[1]!), Buffer.alloc(12, 0xff));
    expect(contents(open(dir, small, { clean: true }))).toEqual(before);
  });

  it('a follower cuts to where the leader says its epoch ended, and remembers where epochs begin', () => {
    const dir = folder();
    const log = open(dir, small);
    for (let epoch = 0; epoch < 3; epoch++) {
      for (let n = 0; n < 5; n++) log.appendAsLeader(batch([`e${epoch}`]), epoch, 1000, 'client');
    }
    expect(log.endOffsetForEpoch(0)).toEqual({ epoch: 0, endOffset: 5 });
    expect(log.endOffsetForEpoch(2)).toEqual({ epoch: 2, endOffset: 15 });
    expect(log.endOffsetForEpoch(7)).toEqual({ epoch: -1, endOffset: -1 });
    log.truncateTo(7);
    expect(log.logEndOffset).toBe(7);
    expect(log.epochs.latestEpoch).toBe(1);
    const again = open(dir, small);
    expect(again.epochs.all).toEqual([
      { epoch: 0, startOffset: 0 },
      { epoch: 1, startOffset: 5 },
    ]);
    expect(contents(again)).toHaveLength(7);
  });

  it('a follower appends what the leader sent, gaps of compaction included, but nothing twice', () => {
    const leader = open(folder());
    append(leader, ['one', 'two']);
    const follower = open(folder());
    const bytes = leader.read(0, { maxBytes: 1000, limitOffset: 2, atLeastOne: true });
    follower.appendAsFollower(bytes, 1000);
    expect(contents(follower)).toEqual(contents(leader));
    expect(() => follower.appendAsFollower(bytes, 1000)).toThrow(answers(ErrorCode.OFFSET_OUT_OF_RANGE));
  });

  it('old segments go by time and by size, but never above the high watermark', () => {
    const log = open(folder(), { ...small, retentionMs: 500, retentionBytes: -1 });
    for (let n = 0; n < 40; n++) append(log, [`v${n}`], 1000 + 10 * n);
    expect(log.applyRetention(10_000)).toBe(0);
    log.setHighWatermark(20);
    log.applyRetention(10_000);
    expect(log.logStartOffset).toBeGreaterThan(10);
    expect(log.logStartOffset).toBeLessThanOrEqual(20);
    log.setHighWatermark(40);
    log.applyRetention(10_000);
    expect(log.logStartOffset).toBe(40);
    expect(append(log, ['next']).baseOffset).toBe(40);

    const bySize = open(folder(), { ...small, retentionMs: -1, retentionBytes: 900 });
    for (let n = 0; n < 40; n++) append(bySize, [`v${n}`]);
    bySize.setHighWatermark(40);
    bySize.applyRetention(0);
    expect(bySize.sizeBytes).toBeLessThan(900 + small.segmentBytes);
    expect(bySize.logStartOffset).toBeGreaterThan(0);
  });

  it('refuses what is too large, has no key where one is needed, or is not a producer’s to write', () => {
    const log = open(folder(), { maxMessageBytes: 200, compact: true });
    expect(() => append(log, ['x'.repeat(300)])).toThrow(answers(ErrorCode.MESSAGE_TOO_LARGE));
    expect(() => append(log, ['no key'])).toThrow(answers(ErrorCode.INVALID_RECORD));
    append(log, ['k=v']);
    expect(log.logEndOffset).toBe(1);
  });
});

describe('producers', () => {
  it('a repeat answers with the offsets of the first time, a gap is refused; both over a restart', () => {
    const dir = folder();
    const log = open(dir);
    for (let sequence = 0; sequence < 8; sequence++) append(log, ['v'], 1000, { id: 7, sequence });
    expect(append(log, ['v'], 1000, { id: 7, sequence: 5 })).toMatchObject({ baseOffset: 5, duplicate: true });
    const crashed = open(dir);
    expect(append(crashed, ['v'], 1000, { id: 7, sequence: 6 })).toMatchObject({ baseOffset: 6, duplicate: true });
    expect(() => append(crashed, ['v'], 1000, { id: 7, sequence: 9 })).toThrow(
      answers(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER),
    );
    crashed.close();
    const stopped = open(dir, {}, { clean: true });
    expect(append(stopped, ['v'], 1000, { id: 7, sequence: 7 })).toMatchObject({ baseOffset: 7, duplicate: true });
    expect(append(stopped, ['v'], 1000, { id: 7, sequence: 8 })).toMatchObject({ baseOffset: 8, duplicate: false });
  });

  it('an older epoch is fenced, a newer one starts at zero', () => {
    const log = open(folder());
    append(log, ['v'], 1000, { id: 7, sequence: 0, epoch: 1 });
    expect(() => append(log, ['v'], 1000, { id: 7, sequence: 1, epoch: 0 })).toThrow(
      answers(ErrorCode.INVALID_PRODUCER_EPOCH),
    );
    expect(() => append(log, ['v'], 1000, { id: 7, sequence: 5, epoch: 2 })).toThrow(
      answers(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER),
    );
    append(log, ['v'], 1000, { id: 7, sequence: 0, epoch: 2 });
  });

  it('the last stable offset waits for the transaction, and its marker for the high watermark', () => {
    const dir = folder();
    const log = open(dir);
    append(log, ['plain']);
    append(log, ['tx'], 1000, { id: 9, sequence: 0, transactional: true });
    append(log, ['plain']);
    log.setHighWatermark(3);
    expect(log.lastStableOffset).toBe(1);
    marker(log, 9, false);
    expect(log.lastStableOffset).toBe(1);
    log.setHighWatermark(4);
    expect(log.lastStableOffset).toBe(4);
    const aborted = [{ producerId: 9, firstOffset: 1, lastOffset: 3, lastStableOffset: 1 }];
    expect(log.abortedTransactions(0, 4)).toEqual(aborted);
    expect(log.abortedTransactions(4, 9)).toEqual([]);
    const again = open(dir);
    again.setHighWatermark(4);
    expect(again.abortedTransactions(0, 4)).toEqual(aborted);
    expect(again.lastStableOffset).toBe(4);
  });
});
