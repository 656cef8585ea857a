import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  beginHistory,
  beginOf,
  endOf,
  type History,
  isOverwritten,
  locate,
  observe,
  type SeenFile,
} from './history.js';

/** A folder in which a program logs: written to, rotated, truncated. */
class Folder {
  nowMs = 1_000;
  private readonly files: { name: string; id: string; size: number; mtimeMs: number }[] = [];
  private made = 0;

  constructor() {
    this.create();
  }

  private create(): void {
    this.files.push({ name: 'app.log', id: `ino${++this.made}`, size: 0, mtimeMs: this.nowMs });
  }

  private get current() {
    return this.files.find(({ name }) => name === 'app.log');
  }

  write(bytes: number, name = 'app.log'): this {
    const file = this.files.find((one) => one.name === name);
    if (file === undefined) throw new Error(`there is no ${name}`);
    file.size += bytes;
    file.mtimeMs = ++this.nowMs;
    return this;
  }

  rotate(): this {
    for (const file of this.files) {
      const number = Number(file.name.split('.')[2] ?? 0);
      file.name = `app.log.${number + 1}`;
    }
    this.create();
    return this;
  }

  truncate(): this {
    if (this.current) this.current.size = 0;
    return this;
  }

  remove(name: string): this {
    this.files.splice(
      this.files.findIndex((file) => file.name === name),
      1,
    );
    return this;
  }

  look(afterMs = 0) {
    this.nowMs += afterMs;
    const files: SeenFile[] = this.files.map((file) => ({ ...file }));
    return {
      nowMs: this.nowMs,
      files,
      current: files.find(({ name }) => name === 'app.log') ?? null,
      rotationGraceMs: 500,
    };
  }

  begin(): History {
    return beginHistory(0, this.look().current as SeenFile, this.nowMs);
  }
}

const watch = (history: History, folder: Folder, afterMs = 0): History =>
  observe(history, folder.look(afterMs)).history;

describe('the history of a log', () => {
  it('grows with its file', () => {
    const folder = new Folder().write(100);
    const history = watch(folder.begin(), folder.write(50));
    expect(endOf(history)).toBe(150);
    expect(locate(history, 120)).toMatchObject({ kind: 'bytes', fileOffset: 120, available: 30, final: false });
    expect(locate(history, 150)).toEqual({ kind: 'end' });
  });

  it('goes on in the next file after a rotation, once the old one is quiet', () => {
    const folder = new Folder().write(100);
    let history = folder.begin();
    folder.rotate().write(10).write(7, 'app.log.1');
    history = watch(history, folder);
    expect(endOf(history)).toBe(107);
    history = watch(history, folder, 600);
    expect(endOf(history)).toBe(117);
    expect(locate(history, 107)).toMatchObject({ kind: 'bytes', fileOffset: 0 });
    expect(locate(history, 106)).toMatchObject({ kind: 'bytes', fileOffset: 106, final: true });
  });

  it('finds every file of several rotations that nobody watched', () => {
    const folder = new Folder().write(100);
    let history = folder.begin();
    folder.rotate().write(10).rotate().write(20).rotate().write(30);
    for (let look = 0; look < 4; look++) history = watch(history, folder, 600);
    expect(history.segments.map(({ length }) => length)).toEqual([100, 10, 20, 30]);
    expect(endOf(history)).toBe(160);
  });

  it('a truncated file is a new segment, and the old one is known to be gone', () => {
    const folder = new Folder().write(100);
    let history = folder.begin();
    const { history: after, events } = observe(history, folder.truncate().write(20).look());
    history = after;
    expect(events).toEqual([{ kind: 'truncated', at: 100 }]);
    expect(locate(history, 100)).toMatchObject({ kind: 'bytes', fileOffset: 0, available: 20 });
    const lost = locate(history, 40);
    expect(lost.kind === 'bytes' && isOverwritten(history, lost.segment)).toBe(true);
  });

  it('a file that is rotated and deleted between two looks ends where it was last seen', () => {
    const folder = new Folder().write(100);
    const history = watch(folder.begin(), folder.rotate().write(5).remove('app.log.1'));
    expect(history.segments.map(({ base, length }) => [base, length])).toEqual([
      [0, 100],
      [100, 5],
    ]);
  });

  it('no current file for a while is no event', () => {
    const folder = new Folder().write(100);
    const history = watch(folder.begin(), folder.remove('app.log'));
    expect(endOf(history)).toBe(100);
  });

  it('says when it is asked for what was before it or what is beyond it', () => {
    const file = { name: 'app.log', id: 'x', size: 10, mtimeMs: 0 };
    const history = beginHistory(1_000, file, 0);
    expect(locate(history, 999)).toEqual({ kind: 'forgotten', begin: 1_000 });
    expect(locate(history, 1_011)).toEqual({ kind: 'beyond', end: 1_010 });
    expect(beginOf(history)).toBe(1_000);
  });

  it('whatever is written and rotated, looked at often enough, no byte is missing and none is there twice', () => {
    const action = fc.oneof(
      fc.record({ kind: fc.constant('write' as const), bytes: fc.integer({ min: 1, max: 500 }) }),
      fc.record({ kind: fc.constant('rotate' as const) }),
      fc.record({ kind: fc.constant('look' as const), afterMs: fc.integer({ min: 0, max: 900 }) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const folder = new Folder();
        let history = folder.begin();
        let written = 0;
        for (const step of actions) {
          if (step.kind === 'write') {
            folder.write(step.bytes);
            written += step.bytes;
          } else if (step.kind === 'rotate') folder.write(1).rotate();
          else history = watch(history, folder, step.afterMs);
          if (step.kind === 'rotate') written += 1;
        }
        for (let look = 0; look < 80; look++) history = watch(history, folder, 600);
        expect(endOf(history)).toBe(written);
        let base = 0;
        for (const segment of history.segments) {
          expect(segment.base).toBe(base);
          base += segment.length;
        }
      }),
    );
  });
});
