import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { append, contents, folder } from './__fixtures__/logs.js';
import { defaultLogConfig } from './config.js';
import { CLEAN_SHUTDOWN_FILE, parsePartitionName } from './file-names.js';
import { LogDirectory } from './log-directory.js';
import { readMetaProperties, writeMetaProperties } from './meta-properties.js';
import { readOffsets } from './offset-checkpoint.js';

const open = (dir: string) => LogDirectory.open(dir, () => defaultLogConfig);
const t0 = { topic: 't', partition: 0 };

describe('the folder of all logs', () => {
  it('finds its logs and their high watermarks again, after an orderly stop and after a crash', async () => {
    const dir = folder();
    const first = open(dir);
    const log = first.getOrCreate(t0, defaultLogConfig);
    append(log, ['one', 'two', 'three']);
    log.setHighWatermark(2);
    first.checkpointHighWatermarks();
    const crashed = open(dir);
    expect(crashed.get(t0)?.highWatermark).toBe(2);
    expect(contents(crashed.get(t0)!)).toHaveLength(3);
    crashed.get(t0)!.setHighWatermark(3);
    await crashed.close();
    expect(existsSync(join(dir, CLEAN_SHUTDOWN_FILE))).toBe(true);
    const again = open(dir);
    expect(existsSync(join(dir, CLEAN_SHUTDOWN_FILE))).toBe(false);
    expect(again.get(t0)?.highWatermark).toBe(3);
  });

  it('a deleted log is gone at once, and its files with the next start at the latest', async () => {
    const dir = folder();
    const logs = open(dir);
    append(logs.getOrCreate(t0, defaultLogConfig), ['one']);
    logs.delete(t0);
    expect(logs.get(t0)).toBeUndefined();
    expect(append(logs.getOrCreate(t0, defaultLogConfig), ['fresh']).baseOffset).toBe(0);
    await logs.close();
    const left = readdirSync(dir, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(left.map((entry) => entry.name)).toEqual(['t-0']);
  });

  it('writes Kafka’s own files', async () => {
    const dir = folder();
    const logs = open(dir);
    append(logs.getOrCreate({ topic: 'my-topic', partition: 12 }, defaultLogConfig), ['one']);
    writeMetaProperties(dir, { brokerId: 3, clusterId: 'abc' });
    await logs.close();
    expect(readFileSync(join(dir, 'recovery-point-offset-checkpoint'), 'utf8')).toBe('0\n1\nmy-topic 12 1\n');
    expect(readFileSync(join(dir, 'my-topic-12/leader-epoch-checkpoint'), 'utf8')).toBe('0\n1\n0 0\n');
    expect(readdirSync(join(dir, 'my-topic-12')).sort()).toEqual([
      '00000000000000000000.index',
      '00000000000000000000.log',
      '00000000000000000000.timeindex',
      '00000000000000000001.snapshot',
      'leader-epoch-checkpoint',
    ]);
    expect(readMetaProperties(dir)).toEqual({ brokerId: 3, clusterId: 'abc' });
  });

  it('a checkpoint that is torn is refused by name', () => {
    const path = join(folder(), 'replication-offset-checkpoint');
    writeFileSync(path, '0\n2\nt 0 5\n');
    expect(() => readOffsets(path)).toThrow('expected 2 entries, got 1');
  });

  it('a name without a partition is nobody’s', () => {
    expect(parsePartitionName('a-b-7')).toEqual({ topic: 'a-b', partition: 7 });
    expect(parsePartitionName('lost+found')).toBeNull();
  });
});
