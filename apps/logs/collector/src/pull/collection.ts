/**
 * One source on its way into every sink. Each sink has a puller of its own: one that is full or away holds back nobody
 * but itself, and goes on at its own offset when it is back.
 */
import type { Puller } from './puller.js';

export class Collection {
  /** @param pullers by the sink's name, at least one, all of one gen; the first one's lines are the source's rate */
  constructor(private readonly pullers: ReadonlyMap<string, Puller>) {}

  start(): void {
    for (const puller of this.all) puller.start();
  }

  /** Resolves when nothing of it writes any more, into any sink. */
  async stop(): Promise<void> {
    await Promise.all(this.all.map((puller) => puller.stop()));
  }

  get gen(): number {
    return this.first.gen;
  }

  /** Somebody else has it, by the word of at least one sink. */
  get fenced(): boolean {
    return this.all.some(({ fenced }) => fenced);
  }

  /** Everything before it is in every sink. */
  get offset(): number {
    return Math.min(...this.all.map(({ offset }) => offset));
  }

  /** Bytes that the agent has and some sink has not. */
  get lagBytes(): number {
    return Math.max(...this.all.map(({ lagBytes }) => lagBytes));
  }

  get lostBytes(): number {
    return Math.max(...this.all.map(({ lostBytes }) => lostBytes));
  }

  /** Why some sink gets nothing at the moment; null when all do. */
  get trouble(): string | null {
    for (const [sink, { trouble }] of this.pullers) {
      if (trouble !== null) return this.pullers.size > 1 ? `${sink}: ${trouble}` : trouble;
    }
    return null;
  }

  /** Lines a second, smoothed. */
  rate(): number {
    return this.first.rate();
  }

  private get all(): readonly Puller[] {
    return [...this.pullers.values()];
  }

  private get first(): Puller {
    const [first] = this.pullers.values();
    if (first === undefined) throw new Error('expected a sink at least');
    return first;
  }
}
