import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileSink } from './file-sink.js';
import { collectedSource, collectedSources, readSource } from './read-sink.js';
import type { Batch } from './sink.js';

const batch = (from: number, text: string): Batch => {
  const bytes = Buffer.from(text);
  return { from, to: from + bytes.length, lines: text.split('\n').length - 1, bytes };
};

const canMount = process.getuid?.() === 0 && spawnSync('unshare', ['--mount', 'true']).status === 0;
const whyNot = canMount ? '' : '(skipped: a small disk is a tmpfs, which takes root to mount)';

describe('the sink of files', () => {
  let root: string;
  let sink: FileSink;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'menagerie-sink-'));
    sink = new FileSink(root, () => '2026-11-28');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  async function text(source = 'web-01'): Promise<string> {
    let all = '';
    for await (const bytes of readSource(root, source)) all += bytes.toString();
    return all;
  }

  it('keeps what it was given, by day and source, and the next owner goes on where the last one stopped', async () => {
    const first = await sink.open('web-01', 1);
    await first.append(batch(0, 'one\ntwo\n'));
    expect(readdirSync(join(root, 'web-01'))).toEqual(['owner-1.1']);
    expect(readdirSync(join(root, 'web-01', 'owner-1.1'))).toEqual([
      '2026-11-28.0000000000000000-0000000000000008.2.log.gz',
    ]);
    const second = await sink.open('web-01', 2);
    expect(second.position).toBe(8);
    await second.append(batch(8, 'three\n'));
    expect(await text()).toBe('one\ntwo\nthree\n');
    expect(await collectedSource(root, 'web-01')).toMatchObject({ gen: 2, lines: 3, position: 14 });
  });

  it('an owner of an older generation is refused, at its next batch and when it opens again', async () => {
    const zombie = await sink.open('web-01', 17);
    await zombie.append(batch(0, 'before\n'));
    const heir = await sink.open('web-01', 18);
    await expect(zombie.append(batch(7, 'late\n'))).rejects.toMatchObject({
      code: 'LOGS_STALE_GENERATION',
      message: expect.stringContaining('generation 17, but generation 18 does'),
    });
    await expect(sink.open('web-01', 17)).rejects.toMatchObject({ code: 'LOGS_STALE_GENERATION' });
    await heir.append(batch(7, 'after\n'));
    expect(await text()).toBe('before\nafter\n');
    expect(readdirSync(join(root, 'web-01'))).toEqual(['owner-18.1']);
  });

  it('two of one name and generation: who opened it first is refused, and no byte is lost between them', async () => {
    const [first, second] = [await sink.open('web-01', 17), await sink.open('web-01', 17)];
    await second.append(batch(0, 'one\n'));
    await expect(first.append(batch(0, 'one\ntwo\n'))).rejects.toMatchObject({
      code: 'LOGS_STALE_GENERATION',
      message: expect.stringContaining('it was opened again'),
    });
    await second.append(batch(4, 'two\n'));
    expect(await text()).toBe('one\ntwo\n');
    expect(readdirSync(join(root, 'web-01'))).toEqual(['owner-17.2']);
  });

  it('a batch that does not begin where the last one ended is refused and changes nothing', async () => {
    const owned = await sink.open('web-01', 1);
    await owned.append(batch(0, 'one\n'));
    await expect(owned.append(batch(0, 'one\n'))).rejects.toMatchObject({ code: 'LOGS_OUT_OF_ORDER' });
    await expect(owned.append(batch(9, 'x\n'))).rejects.toMatchObject({ code: 'LOGS_OUT_OF_ORDER' });
    expect(await text()).toBe('one\n');
  });

  it('a gap is on record, and the stream goes on behind it', async () => {
    const owned = await sink.open('web-01', 1);
    await owned.append(batch(0, 'one\n'));
    await owned.append({ from: 4, to: 100, lines: 0, bytes: Buffer.alloc(0) });
    await owned.append(batch(100, 'two\n'));
    expect(await text()).toBe('one\ntwo\n');
    expect((await sink.open('web-01', 2)).position).toBe(104);
  });

  it('many small files become few, with the same content', async () => {
    const owned = await sink.open('web-01', 1);
    let at = 0;
    let all = '';
    for (let n = 0; n < 150; n++) {
      const line = `line ${n}\n`;
      await owned.append(batch(at, line));
      at += line.length;
      all += line;
    }
    await owned.close();
    expect(readdirSync(join(root, 'web-01', 'owner-1.1')).length).toBeLessThan(40);
    expect(await text()).toBe(all);
    expect(await collectedSources(root)).toMatchObject([{ source: 'web-01', lines: 150, position: at }]);
  });

  it('what a killed owner left half-written does not count and is cleared away', async () => {
    const owned = await sink.open('web-01', 1);
    await owned.append(batch(0, 'one\n'));
    writeFileSync(join(root, 'web-01', '.draft-1-99-2026-11-28.x'), 'half');
    expect((await sink.open('web-01', 2)).position).toBe(4);
    expect(readdirSync(join(root, 'web-01'))).toEqual(['owner-2.1']);
  });

  it('three who take a source over at the same moment: the latest generation has it, and nobody else', async () => {
    for (let round = 0; round < 20; round++) {
      const results = await Promise.allSettled([1, 2, 3].map((gen) => sink.open(`s${round}`, round * 10 + gen)));
      expect(results[2]?.status).toBe('fulfilled');
      expect(readdirSync(join(root, `s${round}`))).toEqual([`owner-${round * 10 + 3}.1`]);
    }
  });

  it.skipIf(!canMount)(
    `a full disk refuses a batch whole, and takes it when there is room again ${whyNot}`,
    async () => {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', root]);
      try {
        const owned = await sink.open('web-01', 1);
        await owned.append(batch(0, 'one\n'));
        writeFileSync(join(root, 'filler'), Buffer.alloc(200 * 1024));
        const large = `${randomBytes(96 * 1024)
          .toString('latin1')
          .replaceAll('\n', '.')}\n`;
        const bytes = Buffer.from(large, 'latin1');
        const refused: Batch = { from: 4, to: 4 + bytes.length, lines: 1, bytes };
        await expect(owned.append(refused)).rejects.toMatchObject({ code: 'LOGS_SINK_UNAVAILABLE', retryable: true });
        expect(await text()).toBe('one\n');
        rmSync(join(root, 'filler'));
        const again = await sink.open('web-01', 1);
        expect(again.position).toBe(4);
        await again.append(refused);
        expect((await collectedSource(root, 'web-01'))?.position).toBe(refused.to);
      } finally {
        spawnSync('umount', ['-l', root]);
      }
    },
  );

  it('a sink that is not there says so, and that it may pass', async () => {
    writeFileSync(join(root, 'file'), '');
    const lost = new FileSink(join(root, 'file'));
    await expect(lost.open('web-01', 1)).rejects.toMatchObject({ code: 'LOGS_SINK_UNAVAILABLE', retryable: true });
  });
});
