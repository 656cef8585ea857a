/** What the strategies are given. None of them knows a socket or a clock. */
import type { Provider } from '../provider/provider.js';

export interface Tries<R> {
  /** Who may be called now; read again for each try. Throws when there is nobody. */
  list(): readonly Provider[];
  /** One of them, if possible none that was tried. */
  select(providers: readonly Provider[], tried: ReadonlySet<Provider>): Provider;
  /** One try. The signal ends it when nobody waits for it any more. */
  invoke(provider: Provider, signal?: AbortSignal): Promise<R>;
  /** Whether another try may help. Never so of business errors. */
  mayRetry(error: unknown): boolean;
  /** Tries beyond the first; default 2. */
  readonly retries: number;
  /** Percent of providers whose failure ends a broadcast early; 100: all are called. */
  readonly failPercent: number;
  /** At once, for forking. */
  readonly forks: number;
  isReachable(provider: Provider): boolean;
  /** Told of what the caller is not told. */
  onSwallowed(error: unknown): void;
  /** Another provider is tried after this failure. */
  onRetry(error: unknown): void;
  /** Does it later, in the background. @returns false when there is no room for one more */
  later(task: () => Promise<void>): boolean;
  /** Joins the results of groups. */
  merge(results: readonly R[]): R;
}

/** `null`: an empty result. */
export type Strategy = <R>(tries: Tries<R>) => Promise<R | null>;
