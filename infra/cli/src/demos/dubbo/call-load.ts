/** Callers who call one thing after the other, and what became of each call. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isDubboError } from '@menagerie/dubbo-url';

export interface Outcome {
  /** When it began, by `performance.now`. */
  readonly atMs: number;
  readonly tookMs: number;
  readonly tag?: string | undefined;
  /** Who answered; null for a failure, or where a strategy answers with nothing. */
  readonly by: string | null;
  /** Code of the failure. */
  readonly cause?: string;
}

/** Between two calls of one caller: the demo is about failures, not about load. */
const PAUSE_MS = 5;
const MAX_OUTCOMES = 200_000;

export class CallLoad {
  private readonly all: Outcome[] = [];
  private isOver = false;
  private readonly running: Promise<void>[] = [];

  /** @param tags what the callers ask for, in turn; default nothing */
  begin(
    call: (tag: string | undefined) => Promise<unknown>,
    callers: number,
    tags: readonly (string | undefined)[] = [undefined],
  ): void {
    for (let n = 0; n < callers; n += 1) this.running.push(this.run(call, tags[n % tags.length]));
  }

  get outcomes(): readonly Outcome[] {
    return this.all;
  }

  get failures(): readonly Outcome[] {
    return this.all.filter(({ cause }) => cause !== undefined);
  }

  /** Calls that began from a moment on. */
  since(ms: number): readonly Outcome[] {
    return this.all.filter(({ atMs }) => atMs >= ms);
  }

  /** Calls that a moment found under way, or that began later. */
  endedSince(ms: number): readonly Outcome[] {
    return this.all.filter(({ atMs, tookMs }) => atMs + tookMs >= ms);
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.running);
  }

  private async run(call: (tag: string | undefined) => Promise<unknown>, tag: string | undefined): Promise<void> {
    while (!this.isOver && this.all.length < MAX_OUTCOMES) {
      const atMs = performance.now();
      try {
        const answer = await call(tag);
        this.all.push({ atMs, tookMs: performance.now() - atMs, tag, by: answer === null ? null : String(answer) });
      } catch (error) {
        // The last of its tries says why.
        const last = isDubboError(error, 'DUBBO_EXHAUSTED') ? error.cause : error;
        const cause = isDubboError(last) ? last.code : error instanceof Error ? error.message : String(error);
        this.all.push({ atMs, tookMs: performance.now() - atMs, tag, by: null, cause });
      }
      await sleep(PAUSE_MS);
    }
  }
}

/** `DUBBO_TIMEOUT 3, DUBBO_UNREACHABLE 1`, or nothing. */
export function causesOf(outcomes: readonly Outcome[]): string {
  const counts = new Map<string, number>();
  for (const { cause } of outcomes) if (cause !== undefined) counts.set(cause, (counts.get(cause) ?? 0) + 1);
  return [...counts].map(([cause, count]) => `${cause} ${count}`).join(', ');
}

/** Share of those that one provider answered, of all that were answered. */
export function shareOf(id: string, outcomes: readonly Outcome[]): number {
  const answered = outcomes.filter(({ by }) => by !== null);
  return answered.length === 0 ? 0 : answered.filter(({ by }) => by === id).length / answered.length;
}

/** @param share 0.99 for p99 */
export function tookMs(outcomes: readonly Outcome[], share: number): number {
  const sorted = outcomes.map((outcome) => outcome.tookMs).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
