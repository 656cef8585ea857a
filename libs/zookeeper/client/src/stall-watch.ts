/**
 * Notices that this process stood still for so long that its session was in danger, and says what kind of still.
 *
 * A client that gets no turn can not ping. That is as it should be (whoever can not act should not hold), but the loss
 * of a session is otherwise blamed on the network. A late turn of our own timer is the proof, and the processor time
 * that passed meanwhile tells a busy event loop from a process that was stopped.
 */
import type { ClientLogger, Stall } from './api.js';

/** Share of the standstill that was spent computing, above which it was the event loop's own work. */
const BUSY_SHARE = 0.5;
const MIN_INTERVAL_MS = 50;
const MAX_INTERVAL_MS = 1_000;
const INTERVALS_A_TIMEOUT = 10;

export interface Look {
  readonly atMs: number;
  /** Processor time of this process so far. */
  readonly cpuMs: number;
}

/** How often to look, with this session timeout. */
export function lookIntervalMs(sessionTimeoutMs: number): number {
  return Math.min(Math.max(sessionTimeoutMs / INTERVALS_A_TIMEOUT, MIN_INTERVAL_MS), MAX_INTERVAL_MS);
}

/** What happened between two looks, if it is worth a word: a third of the session timeout is a ping that was not sent. Pure. */
export function stallBetween(before: Look, now: Look, sessionTimeoutMs: number): Stall | null {
  const durationMs = now.atMs - before.atMs - lookIntervalMs(sessionTimeoutMs);
  if (durationMs < sessionTimeoutMs / 3) return null;
  const cpuMs = now.cpuMs - before.cpuMs;
  return {
    durationMs: Math.round(durationMs),
    cpuMs: Math.round(cpuMs),
    cause: cpuMs >= BUSY_SHARE * durationMs ? 'busy' : 'stopped',
    sessionTimeoutMs,
  };
}

export function describeStall({ durationMs, cpuMs, cause, sessionTimeoutMs }: Stall): string {
  const what =
    cause === 'busy'
      ? `the event loop was busy for ${durationMs} ms without a turn (${cpuMs} ms of processor time)`
      : `the process did not run for ${durationMs} ms (stopped, swapped out, or the machine slept)`;
  return `${what}: no ping could be sent, and the session lasts ${sessionTimeoutMs} ms`;
}

/** The timer around it; it keeps no process alive. */
export class StallWatch {
  readonly #timer: NodeJS.Timeout;
  #last: Look;

  constructor(sessionTimeoutMs: () => number, logger: ClientLogger, onStall: (stall: Stall) => void) {
    this.#last = look();
    this.#timer = setInterval(() => {
      const now = look();
      const stall = stallBetween(this.#last, now, sessionTimeoutMs());
      this.#last = now;
      if (stall === null) return;
      logger.warn(describeStall(stall), { ...stall });
      onStall(stall);
    }, lookIntervalMs(sessionTimeoutMs())).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

function look(): Look {
  const { user, system } = process.cpuUsage();
  return { atMs: performance.now(), cpuMs: (user + system) / 1_000 };
}
