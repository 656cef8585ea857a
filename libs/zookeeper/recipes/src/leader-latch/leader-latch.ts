/**
 * One leader among many, for as long as it likes.
 * Source: "Leader Election" of the ZooKeeper recipes; Curator's LeaderLatch and its bugs (CURATOR-504, 644, 696, 724).
 *
 * Suspended: **not leader** at once, since ownership is unknown. When the connection returns with the same session and
 * the node still there, leadership returns too, with the same fencing token. Lost: not leader, and back to the end of
 * the line with the next session.
 */
import { isNoNode, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { RecipeError } from '../errors.js';
import { decideLock, LOCK_KIND } from '../lock/lock-decision.js';
import { contend } from '../support/contention.js';
import type { NodeGrant } from '../support/grant.js';
import { isOfKind, join } from '../support/names.js';
import { breathe, isPassing } from '../support/passing.js';
import { contendersInOrder } from '../support/sequence.js';
import { Wake } from '../support/waiting.js';

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
  /** Told once, of what ended the candidacy other than `close`: missing permission, for instance. */
  readonly onFailure?: (error: unknown) => void;
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
    // The look at the state is a look at the clock: after a pause longer than the session this says the truth.
    return this.client.state === 'connected' ? this.current : null;
  }

  /** Stands for election until closed. @throws RecipeError `RECIPE_MISUSED` when started twice. */
  start(): void {
    if (this.running) throw new RecipeError('RECIPE_MISUSED', 'this latch was started already', false);
    this.running = this.run().catch((error: unknown) => {
      if (this.stop.signal.aborted) return;
      this.failure = error;
      this.options.onFailure?.(error);
    });
  }

  /** Steps down and leaves the line. @throws what ended the candidacy, if something other than this did. */
  async close(): Promise<void> {
    this.stop.abort();
    await this.running;
    if (this.failure !== null) throw this.failure;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop.abort();
    await this.running;
  }

  /** The identity of the first in line, leader or about to be; `null` when nobody stands. */
  async leader(): Promise<string | null> {
    try {
      const { children } = await this.client.getChildren(this.path);
      for (const { name } of contendersInOrder(children, (child) => isOfKind(child, LOCK_KIND))) {
        const found = await this.dataOf(name);
        if (found !== null) return found;
      }
    } catch (error) {
      if (!isNoNode(error)) throw error;
    }
    return null;
  }

  private async dataOf(name: string): Promise<string | null> {
    try {
      return (await this.client.getData(join(this.path, name))).data.toString();
    } catch (error) {
      if (isNoNode(error)) return null;
      throw error;
    }
  }

  private async run(): Promise<void> {
    const { signal } = this.stop;
    while (!signal.aborted) {
      const contention = { directory: this.path, kind: LOCK_KIND, data: this.options.identity, decide: decideLock };
      const grant = await contend(this.client, contention, { signal });
      try {
        await this.lead(grant);
      } finally {
        await grant.giveBack();
      }
    }
  }

  /** Returns when the grant is over or the latch is closed. */
  private async lead(grant: NodeGrant): Promise<void> {
    const over = new Wake();
    const unsubscribe = this.client.on('state', ({ state }) => {
      // A read-only server is as good as none: it cannot know who leads.
      if (state !== 'connected') this.end(state === 'lost' || state === 'closed' ? 'lost' : 'suspended');
      else if (grant.held) void this.beginAgain(grant);
    });
    const onOver = () => {
      // At once, and not when the line below gets its turn: whoever asks in between must hear the truth.
      this.end(this.stop.signal.aborted ? 'released' : 'lost');
      over.fire();
    };
    grant.signal.addEventListener('abort', onOver, { once: true });
    this.stop.signal.addEventListener('abort', onOver, { once: true });
    if (this.client.state === 'connected' && grant.held && !this.stop.signal.aborted) this.begin(grant);
    try {
      if (grant.held && !this.stop.signal.aborted) await over.promise;
    } finally {
      unsubscribe();
      this.stop.signal.removeEventListener('abort', onOver);
      grant.signal.removeEventListener('abort', onOver);
    }
  }

  /** After a reconnect: the node may have gone meanwhile, and its watch need not have been told yet. */
  private async beginAgain(grant: NodeGrant): Promise<void> {
    while (grant.held && !this.stop.signal.aborted && this.client.state === 'connected') {
      try {
        const stat = await this.client.exists(grant.path, { signal: grant.signal });
        const ours = stat !== null && stat.czxid === grant.fencingToken;
        if (!ours) return grant.lose('it was gone after a reconnect');
        if (this.client.state === 'connected' && grant.held && !this.stop.signal.aborted) this.begin(grant);
        return;
      } catch (error) {
        if (!isPassing(error)) return;
        await breathe(grant.signal);
      }
    }
  }

  private begin(grant: NodeGrant): void {
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
