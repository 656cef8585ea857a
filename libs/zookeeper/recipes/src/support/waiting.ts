/** Waiting for one thing of several, with nothing left behind. */
import { RecipeError } from '../errors.js';

export interface WaitOptions {
  /** Gives up the waiting. What has been granted by then stays granted. */
  readonly signal?: AbortSignal;
  /** Gives up after this long; default: waits as long as it takes. */
  readonly timeoutMs?: number;
}

/**
 * One deadline for a whole procedure of many calls: a signal that fires when the caller's does or when time is up.
 * `dispose` must be called at the end, or the timer stays.
 */
export class Patience implements Disposable {
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout | undefined;
  private readonly onAbort = () => this.controller.abort(this.options.signal?.reason);

  constructor(
    private readonly what: string,
    private readonly options: WaitOptions,
  ) {
    const { signal, timeoutMs } = options;
    if (signal?.aborted) this.onAbort();
    else signal?.addEventListener('abort', this.onAbort, { once: true });
    if (timeoutMs !== undefined) {
      this.timer = setTimeout(() => this.controller.abort(this.timeoutError()), timeoutMs);
    }
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  get isOver(): boolean {
    return this.signal.aborted;
  }

  /** @throws RecipeError `RECIPE_TIMEOUT` or `RECIPE_ABORTED` when it is over. */
  throwIfOver(): void {
    if (this.isOver) throw this.error();
  }

  error(): RecipeError {
    const { reason } = this.signal;
    if (reason instanceof RecipeError) return reason;
    return new RecipeError('RECIPE_ABORTED', `${this.what}: given up by the caller`, false, { cause: reason });
  }

  /** Resolves with `promise`, or rejects when patience is over first. */
  async race<T>(promise: Promise<T>): Promise<T> {
    this.throwIfOver();
    let onAbort: () => void = () => undefined;
    const over = new Promise<never>((_resolve, reject) => {
      onAbort = () => reject(this.error());
      this.signal.addEventListener('abort', onAbort, { once: true });
    });
    try {
      return await Promise.race([promise, over]);
    } finally {
      this.signal.removeEventListener('abort', onAbort);
    }
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.options.signal?.removeEventListener('abort', this.onAbort);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  private timeoutError(): RecipeError {
    return new RecipeError('RECIPE_TIMEOUT', `${this.what}: nothing granted within ${this.options.timeoutMs} ms`, true);
  }
}

/** A one-shot event that several may fire and one waits for. */
export class Wake {
  readonly promise: Promise<void>;
  private resolve: () => void = () => undefined;

  constructor() {
    this.promise = new Promise((resolve) => (this.resolve = resolve));
  }

  readonly fire = (): void => this.resolve();
}
