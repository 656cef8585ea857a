/**
 * Global ids at the price of one write a block: each process leases a range and hands it out alone.
 * A process that dies leaves the rest of its block unused; an id is never given twice.
 */
import { isMaybeDone, isSessionLost, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { RecipeError } from '../errors.js';
import { breathe, isPassing } from '../support/passing.js';
import { AtomicCounter } from './atomic-counter.js';

export interface IdBlocksOptions {
  /** Ids a block; default 1000. */
  readonly blockSize?: number;
  /** The first id of all; default 1. */
  readonly first?: bigint;
}

/** Each further try needs a reply that was lost, or an outage of a call's deadline. */
const MAX_TRIES = 100;

export class IdBlocks {
  private readonly counter: AtomicCounter;
  private readonly blockSize: bigint;
  /** Invariant: next <= end; [next, end) is leased to us and not handed out. */
  private next = 0n;
  private end = 0n;
  private leasing: Promise<void> | null = null;

  constructor(client: ZooKeeperClient, path: string, options: IdBlocksOptions = {}) {
    const { blockSize = 1000, first = 1n } = options;
    if (!Number.isSafeInteger(blockSize) || blockSize < 1) {
      throw new RecipeError('RECIPE_MISUSED', `a block has a whole number of ids from 1, not ${blockSize}`, false);
    }
    this.blockSize = BigInt(blockSize);
    this.counter = new AtomicCounter(client, path, first);
  }

  /** The next id. Calls made while a block is being leased share that lease. */
  async take(): Promise<bigint> {
    while (this.next === this.end) {
      this.leasing ??= this.lease().finally(() => (this.leasing = null));
      await this.leasing;
    }
    const id = this.next;
    this.next += 1n;
    return id;
  }

  private async lease(): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        this.end = await this.counter.add(this.blockSize);
        this.next = this.end - this.blockSize;
        return;
      } catch (error) {
        // The block may have been leased to nobody: a gap, and gaps are allowed.
        if (!(isMaybeDone(error) || isPassing(error) || isSessionLost(error)) || tries === MAX_TRIES) throw error;
        await breathe();
      }
    }
  }
}
