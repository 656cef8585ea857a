/** What this worker has begun and done, one JSON object a line, on disk before the item is said to be done. */
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { SERVICE_CONFIG } from '@menagerie/service';
import type { WorkQueueConfig } from '../config.js';

export interface Line {
  readonly event: 'taken' | 'done' | 'set-aside';
  /** Of the item: grows in the order of putting. */
  readonly id: string;
  /** Of this delivery: grows in the order of taking. */
  readonly token: string;
  /** Which delivery of the item this is, from 1. */
  readonly delivery: number;
  readonly text: string;
  /** What was worked out: the SHA-256 of the text. */
  readonly result?: string;
}

@Injectable()
export class Ledger {
  private readonly file: string;

  constructor(@Inject(SERVICE_CONFIG) { dataDir }: WorkQueueConfig) {
    mkdirSync(dataDir, { recursive: true });
    this.file = join(dataDir, 'ledger.jsonl');
  }

  /** One write of one line: a process that is killed leaves whole lines. */
  write(line: Line): void {
    appendFileSync(this.file, `${JSON.stringify(line)}\n`);
  }
}
