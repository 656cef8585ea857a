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
  private half: string | null = null;

  constructor(private readonly options: LineWriterOptions) {}

  get source(): string {
    return this.options.source;
  }

  write(lines: number): void {
    let text = '';
    for (let line = 0; line < lines; line++) {
      text += this.half ?? this.begin();
      this.half = null;
      text += ' end\n';
      this.written += 1;
    }
    if (this.options.random() < 0.1) {
      this.half = '';
      text += this.begin();
    }
    appendFileSync(this.options.path, text);
    // Its first half is in the file already.
    if (this.half !== null) this.half = '';
    const { rotateBytes = ROTATE_BYTES } = this.options;
    if (this.half === null && statSync(this.options.path).size >= rotateBytes) this.rotate();
  }

  /** Completes what was begun. */
  finish(): void {
    if (this.half !== null) this.write(1);
    while (this.half !== null) this.write(1);
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
