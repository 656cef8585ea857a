/** Memory and handles of processes over time, from /proc, in a bounded number of samples. */
import { readdirSync, readFileSync } from 'node:fs';
import type { WatchedProcess } from './scenario.js';

export interface Sample {
  readonly atMs: number;
  readonly pid: number;
  readonly rssMiB: number;
  readonly handles: number;
}

/** When there are more, every second one is dropped and only every second one taken from then on. */
const MAX_SAMPLES = 512;

export class ProcessSamples {
  readonly samples: Sample[] = [];
  private skip = 0;
  private every = 1;

  constructor(readonly process: WatchedProcess) {}

  take(atMs: number): Sample | null {
    const pid = this.process.pid();
    const sample = pid === undefined ? null : sampleOf(pid, atMs);
    if (sample === null || this.skip++ % this.every !== 0) return sample;
    this.samples.push(sample);
    if (this.samples.length > MAX_SAMPLES) {
      this.samples.splice(0, this.samples.length, ...this.samples.filter((_, index) => index % 2 === 0));
      this.every *= 2;
    }
    return sample;
  }

  /**
   * Of the process that lived longest: its median over the second quarter of its life, when it has warmed up, and over
   * the last. Null if it did not live long enough to say.
   */
  trend(): { readonly pid: number; readonly early: Sample; readonly late: Sample; readonly spanMs: number } | null {
    const lives = groupByPid(this.samples);
    const longest = [...lives.values()].reduce((one, other) => (spanOf(other) > spanOf(one) ? other : one), []);
    if (longest.length < 8) return null;
    const quarter = Math.floor(longest.length / 4);
    const early = median(longest.slice(quarter, 2 * quarter));
    const late = median(longest.slice(-quarter));
    return { pid: early.pid, early, late, spanMs: spanOf(longest) };
  }
}

function groupByPid(samples: readonly Sample[]): Map<number, Sample[]> {
  const lives = new Map<number, Sample[]>();
  for (const sample of samples) {
    const life = lives.get(sample.pid);
    if (life === undefined) lives.set(sample.pid, [sample]);
    else life.push(sample);
  }
  return lives;
}

const spanOf = (life: readonly Sample[]): number => (life.at(-1)?.atMs ?? 0) - (life[0]?.atMs ?? 0);

function median(samples: readonly Sample[]): Sample {
  const middle = (of: (sample: Sample) => number): number =>
    samples.map(of).sort((one, other) => one - other)[Math.floor(samples.length / 2)] ?? 0;
  const { atMs, pid } = samples[Math.floor(samples.length / 2)]!;
  return { atMs, pid, rssMiB: middle(({ rssMiB }) => rssMiB), handles: middle(({ handles }) => handles) };
}

function sampleOf(pid: number, atMs: number): Sample | null {
  try {
    const rssKiB = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN);
    if (Number.isNaN(rssKiB)) return null;
    return { atMs, pid, rssMiB: Math.round(rssKiB / 1024), handles: readdirSync(`/proc/${pid}/fd`).length };
  } catch {
    return null; // It ended between the two looks.
  }
}
