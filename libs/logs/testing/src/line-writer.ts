/** A program that logs: numbered lines, sometimes in two halves, into a file that is rotated now and then. */
import { appendFileSync, existsSync, renameSync, statSync } from 'node:fs';

export interface LineWriterOptions {
  readonly source: string;
  readonly path: string;
  /** Rotate when the file is as large; default 64 KiB. */
  readonly rotateBytes?: number;
  /** Rotated files that are kept; default 20. Older ones are overwritten, collected or not. */
  readonly keep?: number;
  /** From 0 to below 1. */
  readonly random: () => number;
}

const ROTATE_BYTES = 64 * 1024;
const KEEP = 20;

export class LineWriter {
  /** Lines that are complete in the file. */
  written = 0;
  rotations = 0;
  /** The first half of the next line is in the file already. */
  private begun = false;

  constructor(private readonly options: LineWriterOptions) {}

  get source(): string {
    return this.options.source;
  }

  write(lines: number): void {
    const { path, random, rotateBytes = ROTATE_BYTES } = this.options;
    let text = '';
    for (let line = 0; line < lines; line++) {
      text += this.begun ? ' end\n' : `${this.begin()} end\n`;
      this.begun = false;
      this.written += 1;
    }
    if (!this.begun && random() < 0.1) {
      text += this.begin();
      this.begun = true;
    }
    appendFileSync(path, text);
    if (!this.begun && statSync(path).size >= rotateBytes) this.rotate();
  }

  /** Completes what was begun. */
  finish(): void {
    while (this.begun) this.write(1);
  }

  private begin(): string {
    const filler = 'x'.repeat(Math.floor(this.options.random() * 80));
    return `${this.source} ${this.written + 1} ${filler}`;
  }

  private rotate(): void {
    const { path, keep = KEEP } = this.options;
    for (let number = keep - 1; number >= 1; number--) {
      if (existsSync(`${path}.${number}`)) renameSync(`${path}.${number}`, `${path}.${number + 1}`);
    }
    renameSync(path, `${path}.1`);
    appendFileSync(path, '');
    this.rotations += 1;
  }
}
