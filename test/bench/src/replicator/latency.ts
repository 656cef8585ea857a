/** From the moment that the source has confirmed a commit to the moment that a reader at the target sees the row. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pair } from './pair.js';

export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
}

const WRITERS = 8;
/** Every so many rows one is timed: a reader that asks for every row would measure itself. */
const SAMPLE_EVERY = 20;
const GIVE_UP_MS = 10_000;

export async function measureLatency(pair: Pair, rate: number, measureMs: number): Promise<Latency> {
  await pair.go();
  const beganMs = performance.now();
  const samples: number[] = [];
  const looks: Promise<void>[] = [];
  let next = 0;
  const write = async () => {
    while (performance.now() - beganMs < measureMs) {
      const id = next;
      next += 1;
      const dueMs = beganMs + (id * 1_000) / rate - performance.now();
      if (dueMs > 0) await sleep(dueMs);
      await pair.source.query("INSERT INTO bench (id, price, name) VALUES (?, 1, 'timed')", [id]);
      if (id % SAMPLE_EVERY === 0) looks.push(see(pair, id, performance.now()).then((ms) => void samples.push(ms)));
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, write));
  const perSecond = (next * 1_000) / (performance.now() - beganMs);
  await Promise.all(looks);
  samples.sort((a, b) => a - b);
  const at = (share: number) => samples[Math.min(samples.length - 1, Math.floor(samples.length * share))] ?? NaN;
  return { p50: at(0.5), p99: at(0.99), perSecond };
}

/** Asks again and again, one question at a time. */
async function see({ target }: Pair, id: number, committedMs: number): Promise<number> {
  while (performance.now() - committedMs < GIVE_UP_MS) {
    const [rows] = await target.query('SELECT 1 FROM bench WHERE id = ?', [id]);
    if ((rows as unknown[]).length > 0) return performance.now() - committedMs;
    await sleep(1);
  }
  return GIVE_UP_MS;
}
