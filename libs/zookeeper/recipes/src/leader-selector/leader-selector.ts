/**
 * Leadership as a piece of work: whoever is elected runs it, and is leader for as long as it runs. When it returns,
 * leadership is handed over to the next in line, and we go to the end of it.
 * Source: Curator's LeaderSelector (`takeLeadership`, `autoRequeue`, `interruptLeadership`).
 *
 * Suspended: the work's signal fires; it is not leader any more, whatever happens next (Curator's adapter cancels then
 * too). The place in line is kept until the work has returned, so a work that ignores its signal is not overtaken by
 * its own process. Lost: the same, and the next session begins at the end of the line.
 */
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';
import { RecipeError } from '../errors.js';
import type { Leadership } from '../leader-latch/leader-latch.js';
import { decideLock, LOCK_KIND } from '../lock/lock-decision.js';
import { contend } from '../support/contention.js';
import type { Grant } from '../support/grant.js';

export interface LeaderSelectorOptions {
  readonly identity: string;
  /** Leads until it returns. What it throws ends this turn and is told to `onFailure`. */
  readonly lead: (leadership: Leadership) => Promise<void> | void;
  /** Stand again after each turn. Default true. */
  readonly requeue?: boolean;
  readonly onFailure?: (error: unknown) => void;
}

export class LeaderSelector implements AsyncDisposable {
  private readonly stop = new AbortController();
  private running: Promise<void> | null = null;
  private turn: AbortController | null = null;

  constructor(
    private readonly client: ZooKeeperClient,
    readonly path: string,
    private readonly options: LeaderSelectorOptions,
  ) {}

  get isLeader(): boolean {
    return this.client.state === 'connected' && this.turn !== null && !this.turn.signal.aborted;
  }

  /** @throws RecipeError `RECIPE_MISUSED` when started twice. */
  start(): void {
    if (this.running) throw new RecipeError('RECIPE_MISUSED', 'this selector was started already', false);
    this.running = this.run().catch((error: unknown) => {
      if (!this.stop.signal.aborted) this.options.onFailure?.(error);
    });
  }

  /** Asks our own turn, if it is one, to end: its signal fires, and the next in line leads when the work has returned. */
  handOver(): void {
    this.turn?.abort('handed over');
  }

  /** Ends the turn and leaves the line; resolves when the work has returned. */
  async close(): Promise<void> {
    this.stop.abort('closed');
    this.turn?.abort('closed');
    await this.running;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private async run(): Promise<void> {
    const { identity, requeue = true } = this.options;
    const contention = { directory: this.path, kind: LOCK_KIND, data: identity, decide: decideLock };
    do {
      const grant = await contend(this.client, contention, { signal: this.stop.signal });
      try {
        await this.lead(grant);
      } catch (error) {
        this.options.onFailure?.(error);
      } finally {
        await grant.giveBack();
      }
    } while (requeue && !this.stop.signal.aborted);
  }

  private async lead(grant: Grant): Promise<void> {
    const turn = new AbortController();
    this.turn = turn;
    const unsubscribe = this.client.on('state', ({ state }) => {
      if (state !== 'connected') turn.abort(state);
    });
    const onLost = () => turn.abort('lost');
    grant.signal.addEventListener('abort', onLost, { once: true });
    try {
      if (!grant.held || this.client.state !== 'connected' || this.stop.signal.aborted) return;
      await this.options.lead({ fencingToken: grant.fencingToken, signal: turn.signal });
    } finally {
      unsubscribe();
      grant.signal.removeEventListener('abort', onLost);
      turn.abort('returned');
      this.turn = null;
    }
  }
}
