/** Time that moves when told to, chance from a seed, and a log that is kept. */
import type { CoreLog, Env, LogFields } from '../contract/index.js';

export interface LogLine {
  readonly level: keyof CoreLog;
  readonly event: string;
  readonly fields: LogFields;
}

export class FakeEnv implements Env {
  nowMs = 1_000_000;
  wallOffsetMs = 1_700_000_000_000;
  readonly lines: LogLine[] = [];
  readonly log: CoreLog;

  constructor() {
    const at =
      (level: keyof CoreLog) =>
      (event: string, fields: LogFields = {}): void => {
        this.lines.push({ level, event, fields });
      };
    this.log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  }

  monotonicMs(): number {
    return this.nowMs;
  }

  wallMs(): number {
    return this.wallOffsetMs + this.nowMs;
  }

  random(): number {
    return 0.5;
  }
}
