/**
 * Which blocks of the decoders an input reached, and how often: V8 counts them itself, so nothing has to be instrumented.
 * The counts are taken in steps, as AFL does: once, twice, up to four times, and so on.
 */
import { Session, type Profiler } from 'node:inspector';

export class Coverage {
  private readonly session = new Session();
  /** What was reached, in the order in which it was. */
  private readonly seen = new Set<string>();

  constructor(private readonly covers: string) {
    this.session.connect();
    this.session.post('Profiler.enable');
    this.session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  get size(): number {
    return this.seen.size;
  }

  /** What has been reached since the last time, and never before. */
  takeNew(): number {
    const before = this.seen.size;
    let scripts: readonly Profiler.ScriptCoverage[] = [];
    // In this process it is answered before `post` returns.
    this.session.post('Profiler.takePreciseCoverage', (_error, { result }) => (scripts = result));
    for (const { url, functions } of scripts) {
      if (!url.includes(this.covers)) continue;
      for (const { ranges } of functions) {
        for (const { startOffset, endOffset, count } of ranges) {
          if (count > 0) this.seen.add(`${url}:${startOffset}:${endOffset}:${32 - Math.clz32(count)}`);
        }
      }
    }
    return this.seen.size - before;
  }

  /** Forgets the newest, down to so many. */
  forgetDownTo(size: number): void {
    for (const key of [...this.seen].slice(size)) this.seen.delete(key);
  }

  close(): void {
    this.session.disconnect();
  }
}
