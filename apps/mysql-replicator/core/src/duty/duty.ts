/**
 * What hot and cold have in common: a machine that decides, a session that tells it what became of it, and effects that are
 * carried out until they have succeeded or nobody wants them any more.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SuspendCause } from '@menagerie/replicator-core';
import type { Logger } from '@menagerie/service';
import type { StateChange, ZooKeeperClient } from '@menagerie/zookeeper-client';

/** What every machine here can be told. */
export type CommonInput =
  | { readonly kind: 'connected' }
  | { readonly kind: 'suspended'; readonly atMs: number; readonly cause: SuspendCause }
  | { readonly kind: 'lost' }
  | { readonly kind: 'tick'; readonly atMs: number }
  | { readonly kind: 'leave' };

const TICK_MS = 100;
const RETRY_MS = 300;

export abstract class Duty<Input extends { readonly kind: string }, Effect extends { readonly kind: string }> {
  /** Grows when what was begun before does not count any more. */
  private epoch = 0;
  private timer: NodeJS.Timeout | undefined;
  private unsubscribe: () => void = () => undefined;
  private readonly stopping = new AbortController();

  constructor(
    protected readonly client: ZooKeeperClient,
    protected readonly logger: Logger,
    private readonly lateMs: number,
  ) {}

  /** The machine's step: keeps the state, gives back what is to be done. */
  protected abstract step(input: Input | CommonInput): readonly Effect[];
  /** Carries one out. What it returns is fed back, unless the session has changed meanwhile. */
  protected abstract carryOut(effect: Effect): Promise<Input | null> | Input | null;

  start(): void {
    this.unsubscribe = this.client.on('state', (change) => this.later(() => this.onState(change)));
    this.timer = setInterval(() => this.later(() => this.feed({ kind: 'tick', atMs: performance.now() })), TICK_MS);
    if (this.client.state === 'connected') this.feed({ kind: 'connected' });
  }

  /** Gives everything back. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.unsubscribe();
    this.epoch += 1;
    const effects = this.step({ kind: 'leave' });
    for (const effect of effects) await this.carryOut(effect);
    this.stopping.abort();
  }

  /** Looks at the clock before something is committed: this process may just have been woken. */
  check(): void {
    if (this.lateMs > 0) return;
    if (this.client.state === 'lost' || this.client.state === 'closed') this.lost();
    else this.feed({ kind: 'tick', atMs: performance.now() });
  }

  protected feed(input: Input | CommonInput): void {
    for (const effect of this.step(input)) void this.carry(effect, this.epoch);
  }

  /** For watches: of a session that is gone nothing is heard. */
  protected readonly inThisSession = (told: () => void): (() => void) => {
    const { epoch } = this;
    return () =>
      this.later(() => {
        if (epoch === this.epoch) told();
      });
  };

  private async carry(effect: Effect, epoch: number): Promise<void> {
    while (epoch === this.epoch && !this.stopping.signal.aborted) {
      try {
        const result = this.carryOut(effect);
        const input = result instanceof Promise ? await result : result;
        if (input !== null && epoch === this.epoch) this.feed(input);
        return;
      } catch (error) {
        if (epoch !== this.epoch) return;
        this.logger.debug({ effect: effect.kind, why: String(error) }, 'not done yet');
        await sleep(RETRY_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      }
    }
  }

  private onState({ state, reason }: StateChange): void {
    switch (state) {
      case 'connected':
        return this.feed({ kind: 'connected' });
      case 'suspended': {
        const cause = reason === 'no-answer' ? 'no-answer' : 'connection-lost';
        return this.feed({ kind: 'suspended', atMs: performance.now(), cause });
      }
      case 'lost':
      case 'closed':
        return this.lost();
      case 'connecting':
      case 'read-only':
        return;
    }
  }

  private lost(): void {
    this.epoch += 1;
    this.feed({ kind: 'lost' });
  }

  private later(tell: () => void): void {
    if (this.lateMs === 0) return tell();
    setTimeout(tell, this.lateMs).unref();
  }
}
