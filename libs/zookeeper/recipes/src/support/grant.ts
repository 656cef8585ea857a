/**
 * What a recipe hands out: the right to do something, with a number that proves how recent it is and a signal that says
 * when it is over. It ends by `release`, by the loss of the session, or when somebody removes its node.
 */
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';
import { RecipeError } from '../errors.js';
import { guaranteedDelete } from './guaranteed-delete.js';

export interface Grant extends AsyncDisposable {
  /** The node that stands for it. */
  readonly path: string;
  /**
   * Grows with each grant of this recipe, over the whole life of the ensemble (the node's creation zxid). Send it along
   * with every write to what is guarded, and let that refuse a smaller one than it has seen: a holder that was paused
   * for longer than its session learns of the loss only after it wakes.
   */
  readonly fencingToken: bigint;
  /** Fires when it is no longer safe to act; its reason is a `RecipeError` unless it was released. */
  readonly signal: AbortSignal;
  /** False once released or lost. */
  readonly held: boolean;
  /**
   * Gives it back; resolves when the node is gone, or certain to go with its session.
   * @throws RecipeError `RECIPE_GRANT_LOST` when it had been lost: what was done since was not protected;
   *   `RECIPE_RELEASED` when it was released before. `await using` and `with` ask for neither.
   */
  release(): Promise<void>;
}

export class NodeGrant implements Grant {
  private readonly controller = new AbortController();
  private readonly unsubscribe: () => void;
  private releasing: Promise<void> | null = null;

  constructor(
    private readonly client: ZooKeeperClient,
    readonly path: string,
    readonly fencingToken: bigint,
  ) {
    this.unsubscribe = client.on('state', ({ state }) => {
      if (state === 'lost' || state === 'closed') this.lose(`the session is ${state}`);
    });
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  get held(): boolean {
    return !this.controller.signal.aborted;
  }

  /** Called by the recipe when its node turned out to be gone. */
  lose(why: string): void {
    if (!this.held) return;
    this.unsubscribe();
    this.controller.abort(new RecipeError('RECIPE_GRANT_LOST', `${this.path}: ${why}`, false));
  }

  async release(): Promise<void> {
    if (this.releasing) throw new RecipeError('RECIPE_RELEASED', `${this.path}: released already`, false);
    if (!this.held) throw this.signal.reason;
    await this.giveBack();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.giveBack();
  }

  /** As `release`, but content with a grant that is over already. */
  giveBack(): Promise<void> {
    if (this.releasing) return this.releasing;
    if (!this.held) return Promise.resolve();
    this.unsubscribe();
    this.controller.abort('released');
    this.releasing = guaranteedDelete(this.client, this.path, this.fencingToken);
    return this.releasing;
  }
}
