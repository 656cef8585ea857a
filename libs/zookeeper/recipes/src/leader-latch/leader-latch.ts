/**
 * One leader among many, for as long as it likes.
 * Source: "Leader Election" of the ZooKeeper recipes; Curator's LeaderLatch and its bugs (CURATOR-504, 644, 696, 724).
 *
 * Suspended: **not leader** at once, since ownership is unknown. When the connection returns with the same session and
 * the node still there, leadership returns too, with the same fencing token. Lost: not leader, and back to the end of
 * the line with the next session.
 */
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';
import { RecipeError } from '../errors.js';
import { decideLock, LOCK_KIND } from '../lock/lock-decision.js';
import { contend } from '../support/contention.js';
import type { Grant } from '../support/grant.js';
import { contendersInOrder } from '../support/sequence.js';
import { isOfKind, join } from '../support/names.js';
import { Wake } from '../support/waiting.js';
import { isNoNode } from '@menagerie/zookeeper-client';

export interface Leadership {
  readonly fencingToken: bigint;
  /** Fires when leadership ends or becomes unsure. */
  readonly signal: AbortSignal;
}

export type LeaderChange =
  | { readonly leader: true; readonly leadership: Leadership }
  | { readonly leader: false; readonly why: 'suspended' | 'lost' | 'released' };

export interface LeaderLatchOptions {
  /** Who we are; what `leader()` of the others says. */
  readonly identity: string;
  readonly onChange?: (change: LeaderChange) => void;
}

export class LeaderLatch implements AsyncDisposable {
  private readonly stop = new AbortController();
  private running: Promise<void> | null = null;
  private unsure: AbortController | null = null;
  private current: Leadership | null = null;
  private failure: unknown = null;

  constructor(
    private readonly client: ZooKeeperClient,
    readonly path: string,
    private readonly options: LeaderLatchOptions,
  ) {}

  /** What we may act on right now; `null` when we are not leader or not sure. */
  get leadership(): Leadership | null {
    return this.current;
  }

  /** Stands for election until closed. @throws RecipeError `RECIPE_MISUSED` when started twice. */
  start(): void {
    if (this.running) throw new RecipeError('RECIPE_MISUSED', 'this latch was started already', false);
    this.running = this.run().catch((error: unknown) => {
      if (!this.stop.signal.aborted) this.failure = error;
    });
  }

  /** Steps down and leaves the line. @throws what ended the candidacy, if something other than this did. */
  async close(): Promise<void> {
    this.stop.abort();
    await this.running;
    if (this.failure !== null) throw this.failure;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The identity of the first in line, leader or about to be; `null` when nobody stands. */
  async leader(): Promise<string | null> {
    const { children } = await this.client.getChildren(this.path);
    for (const { name } of contendersInOrder(children, (child) => isOfKind(child, LOCK_KIND))) {
      try {
        return (await this.client.getData(join(this.path, name))).data.toString();
      } catch (error) {
        if (!isNoNode(error)) throw error;
      }
    }
    return null;
  }

  private async run(): Promise<void> {
    const { signal } = this.stop;
    while (!signal.aborted) {
      const contention = { directory: this.path, kind: LOCK_KIND, data: this.options.identity, decide: decideLock };
      const grant = await contend(this.client, contention, { signal });
      try {
        await this.lead(grant);
      } finally {
        await grant.release();
      }
    }
  }

  /** Returns when the grant is over or the latch is closed. */
  private async lead(grant: Grant): Promise<void> {
    const over = new Wake();
    const unsubscribe = this.client.on('state', ({ state }) => {
      if (state === 'suspended') this.end('suspended');
      else if (state === 'connected' && grant.held) this.begin(grant);
    });
    grant.signal.addEventListener('abort', over.fire, { once: true });
    this.stop.signal.addEventListener('abort', over.fire, { once: true });
    if (grant.held && this.client.state === 'connected') this.begin(grant);
    try {
      if (grant.held && !this.stop.signal.aborted) await over.promise;
    } finally {
      unsubscribe();
      this.stop.signal.removeEventListener('abort', over.fire);
      this.end(grant.held ? 'released' : 'lost');
    }
  }

  private begin(grant: Grant): void {
    if (this.current) return;
    this.unsure = new AbortController();
    this.current = { fencingToken: grant.fencingToken, signal: this.unsure.signal };
    this.options.onChange?.({ leader: true, leadership: this.current });
  }

  private end(why: 'suspended' | 'lost' | 'released'): void {
    if (!this.current) return;
    this.current = null;
    this.unsure?.abort(why);
    this.options.onChange?.({ leader: false, why });
  }
}
