import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SourceLog } from './source-log.js';

const FLUSH_MS = 1_000;
const GRACE_MS = 500;

describe('a log file as a stream', () => {
  let folder: string;
  let path: string;
  let log: SourceLog;
  let nowMs = 0;
  let events: string[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'menagerie-agent-'));
    path = join(folder, 'app.log');
    nowMs = 10_000;
    events = [];
    log = open();
  });
  afterEach(async () => {
    await log.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function open(recordStart: RegExp | null = null, freshBase = 0): SourceLog {
    return new SourceLog({
      source: 'web-01',
      path,
      folder,
      maxRecordBytes: 1024 * 1024,
      recordStart,
      rotationGraceMs: GRACE_MS,
      flushMs: FLUSH_MS,
      freshBase: () => Promise.resolve(freshBase),
      onEvent: (event) => events.push(event),
    });
  }

  async function look(afterMs = 0): Promise<void> {
    nowMs += afterMs;
    await log.look(nowMs);
  }

  /** Everything from an offset on, and what was said on the way. */
  async function read(from = 0): Promise<{ text: string; said: string[]; end: number }> {
    const said: string[] = [];
    let text = '';
    let offset = from;
    for (;;) {
      const part = await log.read(offset, nowMs);
      if (part.kind === 'end') return { text, said, end: offset };
      if (part.kind === 'refused') return { text, said: [...said, part.why], end: offset };
      if (part.kind === 'gap') said.push(`gap ${part.from}-${part.to}: ${part.why}`);
      else text += part.bytes.toString();
      offset = part.to;
    }
  }

  it('grows line by line; half a line waits', async () => {
    writeFileSync(path, 'one\ntw');
    await look();
    expect(await read()).toMatchObject({ text: 'one\n', end: 4 });
    appendFileSync(path, 'o\n');
    await look();
    expect((await read(4)).text).toBe('two\n');
  });

  it('goes on over a rotation, and over several while nobody looked', async () => {
    writeFileSync(path, 'one\n');
    await look();
    renameSync(path, `${path}.2`);
    appendFileSync(path, 'two\n');
    renameSync(path, `${path}.1`);
    appendFileSync(path, 'three\n');
    for (let times = 0; times < 4; times++) await look(GRACE_MS + 1);
    expect((await read()).text).toBe('one\ntwo\nthree\n');
  });

  it('remembers over its own death which file is which', async () => {
    writeFileSync(path, 'one\n');
    await look();
    await log.close();
    renameSync(path, `${path}.1`);
    appendFileSync(path, 'two\n');
    log = open();
    for (let times = 0; times < 3; times++) await look(GRACE_MS + 1);
    expect((await read()).text).toBe('one\ntwo\n');
    expect((await read(4)).text).toBe('two\n');
  });

  it('a file that shrinks goes on at its beginning; what nobody has read is a gap, counted', async () => {
    writeFileSync(path, 'one\ntwo\n');
    await look();
    truncateSync(path, 0);
    appendFileSync(path, 'new\n');
    await look();
    const { text, said } = await read(4);
    expect(text).toBe('new\n');
    expect(said).toEqual(['gap 4-8: the file was truncated before they were collected']);
    expect(log.counters).toMatchObject({ truncations: 1, lostBytes: 4 });
  });

  it('a file that is removed is read to its end all the same, for it is open', async () => {
    writeFileSync(path, 'one\n');
    await look();
    appendFileSync(path, 'last\n');
    rmSync(path);
    appendFileSync(path, 'new\n');
    for (let times = 0; times < 3; times++) await look(GRACE_MS + 1);
    expect(await read()).toMatchObject({ text: 'one\nlast\nnew\n', said: [] });
  });

  it('a file that went while the agent was down is a gap', async () => {
    writeFileSync(path, 'one\n');
    await look();
    await log.close();
    rmSync(path);
    writeFileSync(path, 'another one\n');
    log = open();
    for (let times = 0; times < 3; times++) await look(GRACE_MS + 1);
    const { text, said } = await read();
    expect(text).toBe('another one\n');
    expect(said).toEqual(['gap 0-4: the file was removed before they were collected']);
  });

  it('a binary file is refused', async () => {
    writeFileSync(path, Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 10]));
    await look();
    expect(await read()).toEqual({ text: '', said: ['a binary file (it has NUL bytes in it)'], end: 0 });
  });

  it('a line of 10 MB goes in pieces, counted, and what follows it is whole', async () => {
    const long = `${'x'.repeat(10 * 1024 * 1024)}\n`;
    writeFileSync(path, `${long}short\n`);
    await look();
    expect((await read()).text === `${long}short\n`).toBe(true);
    expect(log.counters.tornRecords).toBeGreaterThanOrEqual(10);
  });

  it('what is no file says so, and is read as soon as it is one', async () => {
    mkdirSync(path);
    await look();
    expect(log.problem).toBe('there is no such file');
    rmSync(path, { recursive: true });
    writeFileSync(path, 'one\n');
    await look();
    expect(log.problem).toBeNull();
    expect((await read()).text).toBe('one\n');
  });

  it('a record of several lines is never torn', async () => {
    await log.close();
    log = open(/^\d{4}-/);
    writeFileSync(path, '2026-1 boom\n  at x\n');
    await look();
    expect((await read()).text).toBe('');
    appendFileSync(path, '  at y\n2026-2 ok\n');
    await look();
    expect((await read()).text).toBe('2026-1 boom\n  at x\n  at y\n');
    nowMs += FLUSH_MS;
    expect((await read()).text).toBe('2026-1 boom\n  at x\n  at y\n2026-2 ok\n');
  });

  it('without memory it begins beyond everything that was ever collected', async () => {
    await log.close();
    log = open(null, 2 ** 32);
    writeFileSync(path, 'one\n');
    await look();
    expect(await read(17)).toMatchObject({
      text: 'one\n',
      said: [`gap 17-${2 ** 32}: the stream begins there: what was before is not known`],
    });
  });

  it('asked for what is beyond its end it refuses, and says where the end is', async () => {
    writeFileSync(path, 'one\n');
    await look();
    expect((await read(100)).said).toEqual(['expected an offset up to 4, got 100']);
  });

  it('a memory that cannot be read is not guessed at', async () => {
    writeFileSync(path, 'one\n');
    writeFileSync(join(folder, 'web-01.history.json'), '{"version":1,"segm');
    await look();
    expect(log.problem).toContain('expected a history of version 1');
    expect(await read()).toMatchObject({ text: '', said: [] });
    rmSync(join(folder, 'web-01.history.json'));
  });
});
