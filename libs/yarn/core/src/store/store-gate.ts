/**
 * Whether the store still takes writes (`RMStateStoreState`, with a reason).
 *
 * ACTIVE goes over into one of the others once and never back: a fenced store means that another ResourceManager is
 * active, and whoever wants to write again must first become active again and open a new store.
 */
export const StoreState = {
  Active: 'ACTIVE',
  /** Another ResourceManager holds the fence. */
  Fenced: 'FENCED',
  /** A write failed for another reason; in HA that too leads to standby. */
  Failed: 'FAILED',
  Closed: 'CLOSED',
} as const;
export type StoreState = (typeof StoreState)[keyof typeof StoreState];

export class StoreGate {
  private current: StoreState = StoreState.Active;
  private why: string | null = null;

  get state(): StoreState {
    return this.current;
  }

  /** What closed it; null while open, or after an orderly close. */
  get reason(): string | null {
    return this.why;
  }

  get isOpen(): boolean {
    return this.current === StoreState.Active;
  }

  /**
   * Returns whether this shut it: only the first trouble starts the way to standby. A write that was under way when the
   * store was closed may still be refused; that is then what the gate says.
   */
  shut(state: Exclude<StoreState, 'ACTIVE'>, why: string | null): boolean {
    const wasOpen = this.isOpen;
    if (wasOpen || this.current === StoreState.Closed) {
      this.current = state;
      this.why = why;
    }
    return wasOpen;
  }
}
