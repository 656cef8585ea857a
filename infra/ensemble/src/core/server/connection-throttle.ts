/**
 * New sessions, not too many at once: a bucket of tokens that fills with time, and before it is empty for long a share of
 * the newcomers turned away by lot, so that a crowd which comes back after an outage does not come back all together.
 * Source: BlueThrottle.java; Feng et al., BLUE: A New Class of Active Queue Management Algorithms.
 */
export interface ConnectionThrottleConfig {
  /** `connection_throttle_tokens`; 0: everybody is let in. */
  readonly tokens: number;
  /** `connection_throttle_fill_time`, `connection_throttle_fill_count`: so many tokens in so many milliseconds. */
  readonly fillTimeMs: number;
  readonly fillCount: number;
  /** `connection_throttle_freeze_time`: how often the lot is changed; null: there is none. */
  readonly freezeTimeMs: number | null;
  /** `connection_throttle_drop_increase`: by so much with each change, while the bucket is empty. */
  readonly dropIncrease: number;
  readonly dropDecrease: number;
  /** `connection_throttle_decrease_ratio`: as long as no more of the bucket is gone than this part. */
  readonly decreaseRatio: number;
  /** What each kind costs (`connection_throttle_weight_enabled`); one token each without. */
  readonly weights: ConnectionWeights;
}

export interface ConnectionWeights {
  readonly globalSession: number;
  readonly renewSession: number;
  readonly localSession: number;
}

export const NO_CONNECTION_THROTTLE: ConnectionThrottleConfig = {
  tokens: 0,
  fillTimeMs: 1,
  fillCount: 1,
  freezeTimeMs: null,
  dropIncrease: 0.02,
  dropDecrease: 0.002,
  decreaseRatio: 0,
  weights: { globalSession: 1, renewSession: 1, localSession: 1 },
};

export class ConnectionThrottle {
  /** Invariant: 0 <= tokens <= config.tokens. */
  private tokens: number;
  private filledMs: number;
  private changedMs: number;
  /** Invariant: 0 <= dropChance <= 1. */
  dropChance = 0;

  constructor(
    private readonly config: ConnectionThrottleConfig,
    private readonly random: () => number,
    nowMs: number,
  ) {
    this.tokens = config.tokens;
    this.filledMs = this.changedMs = nowMs;
  }

  /** @returns whether somebody of that kind may come in, whom it costs a session's tokens */
  admits(kind: keyof ConnectionWeights, nowMs: number): boolean {
    const { config } = this;
    if (config.tokens === 0) return true;
    this.fill(nowMs);
    if (config.freezeTimeMs !== null && this.isUnlucky(config.freezeTimeMs, nowMs)) return false;
    const needed = config.weights[kind];
    if (this.tokens < needed) return false;
    this.tokens -= needed;
    return true;
  }

  /** Tokens that the bucket is short of being full. */
  get deficit(): number {
    return this.config.tokens - this.tokens;
  }

  private fill(nowMs: number): void {
    const { tokens, fillTimeMs, fillCount } = this.config;
    const passedMs = nowMs - this.filledMs;
    if (passedMs <= fillTimeMs) return;
    this.tokens = Math.min(tokens, this.tokens + Math.floor((passedMs * fillCount) / fillTimeMs));
    this.filledMs = nowMs;
  }

  private isUnlucky(freezeTimeMs: number, nowMs: number): boolean {
    const { tokens, dropIncrease, dropDecrease, decreaseRatio } = this.config;
    if (nowMs - this.changedMs > freezeTimeMs) {
      const gone = tokens - this.tokens;
      if (gone === tokens) this.dropChance = Math.min(1, this.dropChance + dropIncrease);
      else if (gone <= Math.round(tokens * decreaseRatio))
        this.dropChance = Math.max(0, this.dropChance - dropDecrease);
      this.changedMs = nowMs;
    }
    return this.random() < this.dropChance;
  }
}
