/** What many lives came to, and how fast. */
import type { LifeReport } from './lives-worker.js';

export class Tally {
  private readonly startedAtMs = performance.now();
  lives = 0;
  failures = 0;
  private commits = 0;
  private operations = 0;
  private faults = 0;
  private undecided = 0;
  private virtualMs = 0;

  add({ result }: LifeReport): void {
    this.lives++;
    if (result === null) {
      this.failures++;
      return;
    }
    this.commits += result.commits;
    this.operations += result.operations;
    this.faults += result.faults;
    this.undecided += result.undecided;
    this.virtualMs += result.virtualMs;
  }

  line(from: number): string {
    const seconds = (performance.now() - this.startedAtMs) / 1000;
    const each = Math.max(1, this.lives - this.failures);
    const per = (total: number) => Math.round(total / each);
    return [
      `${this.lives} lives from seed ${from}, ${this.failures === 0 ? 'no rule broken' : `${this.failures} BROKE A RULE`}`,
      `each ${per(this.operations)} operations, ${per(this.commits)} commits, ${per(this.faults)} faults, ${per(this.virtualMs / 1000)} s`,
      `${this.undecided} keys undecided`,
      `${(this.lives / seconds).toFixed(2)} lives a second, ${Math.round((this.lives / seconds) * 3600)} an hour`,
    ].join('; ');
  }
}
