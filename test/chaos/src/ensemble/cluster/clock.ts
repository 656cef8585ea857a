/**
 * A wall clock of its own for one server, by Debian's libfaketime. Monotonic time stays what it is: it does not jump on
 * real machines either, and servers are to measure time by it.
 */
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import type { Command } from '@menagerie/zookeeper-testing';

const LIBRARIES = ['/usr/lib/x86_64-linux-gnu/faketime', '/usr/lib/aarch64-linux-gnu/faketime', '/usr/lib/faketime'];
const library = LIBRARIES.map((folder) => `${folder}/libfaketimeMT.so.1`).find((path) => existsSync(path));

/** Empty if clocks can be moved here, else why not. */
export const whyNoClock = (): string => (library === undefined ? 'libfaketime is not installed' : '');

export class Clock {
  constructor(private readonly file: string) {
    this.set(0);
  }

  /** The command, under this clock. */
  on({ file, args, cwd }: Command): Command {
    if (library === undefined) return { file, args, cwd };
    const settings = [
      `LD_PRELOAD=${library}`,
      `FAKETIME_TIMESTAMP_FILE=${this.file}`,
      'FAKETIME_CACHE_DURATION=1',
      'FAKETIME_DONT_FAKE_MONOTONIC=1',
      'FAKETIME_DONT_RESET=1',
    ];
    return { file: 'env', args: [...settings, file, ...args], cwd };
  }

  /** The process sees it within a second. @param offsetSeconds from the true time */
  set(offsetSeconds: number): void {
    const sign = offsetSeconds < 0 ? '-' : '+';
    writeFileSync(`${this.file}.new`, `${sign}${Math.abs(offsetSeconds)}s\n`);
    renameSync(`${this.file}.new`, this.file);
  }
}
