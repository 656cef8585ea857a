/** The log file of one process: appended to, and turned over once when it is full, so that it never fills a disk. */
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** At most this much in the file, and once more in the `.1` beside it. */
export const MAX_LOG_BYTES = 8 * 1024 * 1024;

export class BoundedLog {
  #fd: number;
  /** Invariant: the size of the file behind `#fd`, at most `maxBytes` plus one line. */
  #bytes: number;

  constructor(
    private readonly file: string,
    private readonly maxBytes: number = MAX_LOG_BYTES,
  ) {
    mkdirSync(dirname(file), { recursive: true });
    this.#fd = openSync(file, 'a');
    this.#bytes = fstatSync(this.#fd).size;
  }

  write(line: string): void {
    if (this.#bytes >= this.maxBytes) this.#turn();
    this.#bytes += writeSync(this.#fd, `${line}\n`);
  }

  #turn(): void {
    closeSync(this.#fd);
    renameSync(this.file, `${this.file}.1`);
    this.#fd = openSync(this.file, 'a');
    this.#bytes = 0;
  }

  close(): void {
    closeSync(this.#fd);
  }
}
