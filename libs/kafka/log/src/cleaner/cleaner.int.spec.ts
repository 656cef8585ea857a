import { describe, expect, it } from 'vitest';

import { append, contents, folder, marker, open } from '../__fixtures__/logs.js';
import { cleanLog, dirtyRatio } from './cleaner.js';

const config = { segmentBytes: 300, indexIntervalBytes: 100, compact: true, delete: false, deleteRetentionMs: 1000 };
const later = Date.now() + 10_000;

describe('compaction', () => {
  it('keeps the last record of each key at its old offset, over a restart too', () => {
    const dir = folder();
    const log = open(dir, config);
    for (let n = 0; n < 40; n++) append(log, [`k${n % 3}=v${n}`]);
    log.setHighWatermark(40);
    expect(dirtyRatio(log, 0)).toBe(1);
    const { cleanedTo, bytesBefore, bytesAfter } = cleanLog(log, 0, Date.now());
    expect(bytesAfter).toBeLessThan(bytesBefore);
    expect(dirtyRatio(log, cleanedTo)).toBe(0);
    const left = contents(log);
    expect(left.slice(-3)).toEqual(['37:v37', '38:v38', '39:v39']);
    expect(left.length).toBeLessThan(12);
    expect(contents(open(dir, config))).toEqual(left);
    append(log, ['k0=next']);
    expect(contents(log, 40)).toEqual(['40:next']);
  });

  it('a tombstone outlives the value, and goes after its time', () => {
    const log = open(folder(), config);
    append(log, ['gone=value']);
    append(log, ['gone=']);
    for (let n = 0; n < 12; n++) append(log, [`other=${n}`]);
    log.setHighWatermark(log.logEndOffset);
    cleanLog(log, 0, Date.now());
    expect(contents(log)[0]).toBe('1:-');
    cleanLog(log, 0, later);
    expect(contents(log)).not.toContain('1:-');
  });

  it('what is above the high watermark or in the active segment is left alone', () => {
    const log = open(folder(), config);
    for (let n = 0; n < 20; n++) append(log, [`k=v${n}`]);
    const before = contents(log);
    expect(cleanLog(log, 0, Date.now())).toMatchObject({ cleanedTo: 0 });
    expect(contents(log)).toEqual(before);
  });

  it('what was aborted does not outlast what was committed', () => {
    const log = open(folder(), config);
    append(log, ['k=committed']);
    append(log, ['k=aborted'], 1000, { id: 5, sequence: 0, transactional: true });
    marker(log, 5, false);
    for (let n = 0; n < 8; n++) append(log, [`other=${n}`]);
    log.setHighWatermark(log.logEndOffset);
    cleanLog(log, 0, Date.now());
    expect(contents(log)).toContain('0:committed');
    expect(contents(log)).not.toContain('1:aborted');
  });

  it('a producer’s last sequence survives, though its records do not', () => {
    const dir = folder();
    const log = open(dir, config);
    append(log, ['k=first'], 1000, { id: 6, sequence: 0 });
    for (let n = 0; n < 8; n++) append(log, [`k=${n}`]);
    log.setHighWatermark(log.logEndOffset);
    cleanLog(log, 0, Date.now());
    expect(contents(log)).not.toContain('0:first');
    const again = open(dir, config);
    expect(append(again, ['k=first'], 1000, { id: 6, sequence: 0 })).toMatchObject({ baseOffset: 0, duplicate: true });
  });
});
