/**
 * Writes to the store, strictly one after the other, each a fenced transaction, until the fence is another's.
 *
 * A write whose reply is lost is sent again, adapted to what may have happened already, until it is clear that it is
 * done, refused or out of time. The first refusal of the fence shuts the gate for good: what waits behind it is dropped,
 * for it belongs to a life that is over.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  adaptToRefusal,
  checkSize,
  fencedTransaction,
  spell,
  StoreGate,
  type StoreOp,
  StoreState,
  type StoreWrite,
} from '@menagerie/yarn-core';
import { type StoreCounters, YarnRequestError } from '@menagerie/yarn-protocol';
import {
  isAborted,
  isMultiError,
  isNoAuth,
  isNodeExists,
  isNoNode,
  isZooKeeperError,
  OPEN_ACL,
  type ZooKeeperClient,
} from '@menagerie/zookeeper-client';
import { StoreShutError } from './store-errors.js';

export interface FencedWriterOptions {
  readonly client: ZooKeeperClient;
  readonly fencingLock: string;
  readonly znodeLimitBytes: number;
  /** How long one write is tried while ZooKeeper is away. */
  readonly retryMs: number;
  /** How long closing waits for the write that is under way. */
  readonly drainMs: number;
  /** Shared by all lives of this process. */
  readonly counters: Counters;
  /** Told for each write that was refused or given up; whether that ends anything depends on whose life it was. */
  readonly onTrouble: (state: 'FENCED' | 'FAILED', reason: string) => void;
}

export type Counters = { -readonly [name in keyof StoreCounters]: number };

export const newCounters = (): Counters => ({ committed: 0, fenced: 0, failed: 0, dropped: 0, retried: 0, queued: 0 });

/** Writes that may wait; nobody comes near, since every application waits for its own. */
const MAX_QUEUED = 100_000;
const RETRY_PAUSE_MS = 100;
/** A write is spelled at most twice for each of its operations: there, not there. */
const MAX_ADAPTATIONS = 200;

export interface Write {
  readonly write: StoreWrite;
  /** Whether the node is believed to be there. */
  readonly known: boolean;
}

export class FencedWriter {
  readonly gate = new StoreGate();
  private readonly breakOff = new AbortController();
  private tail: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: FencedWriterOptions) {}

  /**
   * All of it or nothing, after everything that was asked for before.
   *
   * @throws YarnRequestError `YARN_TOO_LARGE`, without consequences; StoreShutError when the store is over
   */
  write(writes: readonly Write[]): Promise<void> {
    const { counters } = this.options;
    for (const { write } of writes) checkSize(write, this.options.znodeLimitBytes);
    if (counters.queued >= MAX_QUEUED) throw new StoreShutError('FULL', `${counters.queued} writes wait`);
    counters.queued++;
    const done = this.tail.then(() => this.commit(writes)).finally(() => counters.queued--);
    this.tail = done.catch(() => undefined);
    return done;
  }

  private async commit(writes: readonly Write[]): Promise<void> {
    if (!this.gate.isOpen) return this.drop();
    let ops: readonly StoreOp[] = writes.map(({ write, known }) => spell(write, known, OPEN_ACL));
    const deadlineMs = performance.now() + this.options.retryMs;
    for (let adaptations = 0; ;) {
      try {
        await this.options.client.multi(fencedTransaction(this.options.fencingLock, ops, OPEN_ACL), {
          signal: this.breakOff.signal,
        });
        this.options.counters.committed++;
        return;
      } catch (error) {
        const adapted = this.adapted(ops, error);
        if (adapted && adaptations++ < MAX_ADAPTATIONS) ops = adapted;
        else if (this.mayPass(error) && !this.breakOff.signal.aborted && performance.now() < deadlineMs)
          await this.pause();
        else this.giveUp(error);
      }
    }
  }

  private adapted(ops: readonly StoreOp[], error: unknown): readonly StoreOp[] | null {
    if (!isMultiError(error) || error.failedIndex < 1) return null;
    if (isNodeExists(error)) return adaptToRefusal(ops, error.failedIndex - 1, 'node-exists', OPEN_ACL);
    if (isNoNode(error)) return adaptToRefusal(ops, error.failedIndex - 1, 'no-node', OPEN_ACL);
    return null;
  }

  private mayPass(error: unknown): boolean {
    return isZooKeeperError(error) && error.retryable && !isAborted(error);
  }

  private async pause(): Promise<void> {
    this.options.counters.retried++;
    await sleep(RETRY_PAUSE_MS, undefined, { signal: this.breakOff.signal }).catch(() => undefined);
  }

  private giveUp(error: unknown): never {
    if (isZooKeeperError(error) && error.code === 'ZK_TOO_LARGE') {
      throw new YarnRequestError('YARN_TOO_LARGE', error.message);
    }
    if (isAborted(error) || this.breakOff.signal.aborted) return this.drop();
    const fenced = isNoAuth(error);
    this.options.counters[fenced ? 'fenced' : 'failed']++;
    const reason = error instanceof Error ? error.message : String(error);
    const state = fenced ? StoreState.Fenced : StoreState.Failed;
    this.gate.shut(state, reason);
    this.options.onTrouble(state, reason);
    throw new StoreShutError(state, reason);
  }

  private drop(): never {
    this.options.counters.dropped++;
    throw new StoreShutError(this.gate.state, this.gate.reason);
  }

  /**
   * Lets the write that is under way come to its end, for a while: a deposed active thereby learns that it was refused,
   * and one that only lost ZooKeeper is not kept from stepping down by a write that cannot end (YARN-5694).
   */
  async close(): Promise<void> {
    const patience = setTimeout(() => this.breakOff.abort(), this.options.drainMs);
    // The write under way has passed the gate already; those behind it will find it shut.
    this.gate.shut(StoreState.Closed, null);
    await this.tail;
    clearTimeout(patience);
  }
}
