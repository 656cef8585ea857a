/**
 * Who of the providers is well, by the reports they send, and whom to take out of the lists.
 *
 * Out after some reports missed, in again after some good ones: one late report must not take out a server that is well.
 * Only time in which this scanner itself ran counts: after a pause of its own everybody seems silent. And when many are
 * silent at once, it is more likely the network, or the scanner, than all of them: then nobody is taken out, until
 * reports come again or a person says that it is true (the guard).
 */

export interface HealthOptions {
  /** A provider reports so often. */
  readonly reportMs: number;
  /** Out after so many reports missed in a row; 1 is the book's strict rule, which flaps. */
  readonly missesAllowed: number;
  /** One that was out is in after so many reports in a row. */
  readonly reportsNeeded: number;
  /** More than this share silent at once: nobody is taken out. One is always believed. */
  readonly guardShare: number;
}

export const DEFAULT_HEALTH: HealthOptions = { reportMs: 5_000, missesAllowed: 3, reportsNeeded: 2, guardShare: 0.15 };

interface Provider {
  heardMs: number;
  /** Reports in a row since it was out; at most `reportsNeeded`. */
  streak: number;
  isIn: boolean;
}

export interface Verdicts {
  /** To be taken out of their lists. */
  readonly remove: readonly string[];
  /** So many are silent at once that nobody is taken out. */
  readonly isGuarded: boolean;
  readonly silent: readonly string[];
}

export class HealthTable {
  private readonly providers = new Map<string, Provider>();
  private lookedMs: number;
  private confirmed = false;

  constructor(
    private readonly options: HealthOptions,
    nowMs: number,
  ) {
    this.lookedMs = nowMs;
  }

  /** Follows the lists: who is in one is known from now on, and has a whole window for its first report. */
  known(keys: ReadonlySet<string>, nowMs: number): void {
    for (const key of keys) {
      const provider = this.providers.get(key);
      if (provider === undefined) this.providers.set(key, { heardMs: nowMs, streak: 0, isIn: true });
      else if (!provider.isIn) Object.assign(provider, { isIn: true, heardMs: nowMs });
    }
    for (const [key, provider] of this.providers) if (provider.isIn && !keys.has(key)) this.providers.delete(key);
  }

  /** @returns true when one that is in no list has earned its place */
  report(key: string, nowMs: number): boolean {
    const provider = this.providers.get(key) ?? { heardMs: nowMs, streak: 0, isIn: false };
    this.providers.set(key, provider);
    const isInRow = nowMs - provider.heardMs <= this.windowMs;
    provider.heardMs = nowMs;
    if (provider.isIn) return false;
    provider.streak = isInRow ? Math.min(provider.streak + 1, this.options.reportsNeeded) : 1;
    return provider.streak >= this.options.reportsNeeded;
  }

  /** A person says that those who are silent are dead: the guard gives way, once. */
  confirm(): void {
    this.confirmed = true;
  }

  /** @param everyMs how often this is called: what is longer was a pause of ours, and nobody's silence */
  look(nowMs: number, everyMs: number): Verdicts {
    const sinceMs = nowMs - this.lookedMs;
    const pausedMs = sinceMs > 2 * everyMs ? sinceMs - everyMs : 0;
    this.lookedMs = nowMs;
    if (pausedMs > 0) for (const provider of this.providers.values()) provider.heardMs += pausedMs;
    const listed = [...this.providers].filter(([, { isIn }]) => isIn);
    const silent = listed.filter(([, { heardMs }]) => nowMs - heardMs > this.windowMs).map(([key]) => key);
    const believed = Math.max(1, Math.floor(listed.length * this.options.guardShare));
    const isGuarded = silent.length > believed && !this.confirmed;
    if (silent.length === 0) this.confirmed = false;
    this.forget(nowMs);
    return { remove: isGuarded ? [] : silent, isGuarded, silent };
  }

  /** It is in no list any more. What it sends from now on counts towards its return. */
  removed(key: string): void {
    const provider = this.providers.get(key);
    if (provider !== undefined) Object.assign(provider, { isIn: false, streak: 0 });
    this.confirmed = false;
  }

  /** Milliseconds since each was heard of. */
  ages(nowMs: number): ReadonlyMap<string, number> {
    return new Map([...this.providers].map(([key, { heardMs }]) => [key, nowMs - heardMs]));
  }

  private get windowMs(): number {
    return this.options.reportMs * this.options.missesAllowed;
  }

  /** Strangers that reported and are in no list; without this a liar could fill the memory. */
  private forget(nowMs: number): void {
    for (const [key, { isIn, heardMs }] of this.providers) {
      if (!isIn && nowMs - heardMs > 10 * this.windowMs) this.providers.delete(key);
    }
  }
}
