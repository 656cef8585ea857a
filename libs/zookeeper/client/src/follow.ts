/**
 * A node followed for as long as somebody listens, over one-shot watches, reconnects and new sessions.
 *
 * Each turn reads the node and leaves a watch in the same request, so there is no moment in which a change can slip
 * through. After a reconnect the node is read again: the server reports what changed while we were away as a single
 * event, or not at all if it was made and undone. What happens while the consumer is busy collapses into one snapshot,
 * so nothing piles up: there is no buffer.
 */
import type { Snapshot, SnapshotCause, WatchEvent, WatchKind } from './api.js';
import { isAborted, isClosed, isSessionLost, isZooKeeperError } from './errors.js';
import { pause } from './pause.js';
import type { Watcher } from './watch-registry.js';

/** What following needs of the client. */
export interface FollowSource {
  /** Reads with a watch left behind, also where nothing is. Aborted by the signal. */
  read(
    path: string,
    kind: WatchKind,
    watcher: Watcher,
    signal: AbortSignal,
  ): Promise<Omit<Snapshot, 'cause' | 'event'>>;
  forget(path: string, watcher: Watcher): void;
  /** Calls back after each reconnect and each new session; returns the function that ends it. */
  onRenewed(listener: (cause: 'reconnect' | 'session') => void): () => void;
  /** Calls back when the client is closed; returns the function that ends it. */
  onClosed(listener: () => void): () => void;
}

/** Causes by weight: a snapshot that answers several says the heaviest. */
const weights: Readonly<Record<SnapshotCause, number>> = { reconnect: 1, event: 2, session: 3, start: 4 };
/** Between reads that fail for a reason which may pass, so that a refusing server is not asked in a tight loop. */
const RETRY_PAUSE_MS = 200;

export class Follower implements AsyncIterableIterator<Snapshot> {
  readonly #snapshots: AsyncGenerator<Snapshot, void, void>;
  readonly #stop = new AbortController();
  #cause: SnapshotCause | null = 'start';
  #event: WatchEvent | null = null;
  #wake: () => void = () => undefined;

  constructor(
    readonly source: FollowSource,
    readonly path: string,
    readonly kind: WatchKind,
    signal: AbortSignal | undefined,
  ) {
    if (signal?.aborted) this.#end();
    const onAbort = (): void => this.#end();
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#stop.signal.addEventListener('abort', () => signal?.removeEventListener('abort', onAbort), { once: true });
    this.#snapshots = this.#run();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Snapshot, void>> {
    return this.#snapshots.next();
  }

  /** Ends also a `next` that waits for a change. */
  return(): Promise<IteratorResult<Snapshot, void>> {
    this.#end();
    return this.#snapshots.return();
  }

  async *#run(): AsyncGenerator<Snapshot, void, void> {
    const watcher: Watcher = (type) => {
      // The end of the session is followed by a new one, and that is the moment to read again.
      if (type !== 'session-lost') this.#dirty('event', { type, path: this.path });
    };
    const offs = [this.source.onRenewed((cause) => this.#dirty(cause, null)), this.source.onClosed(() => this.#end())];
    let last: Snapshot | null = null;
    try {
      while (await this.#change()) {
        const [cause, event] = this.#take();
        const read = await this.#read(watcher, cause, event);
        if (read === null) continue;
        if (last !== null && last.generation === read.generation && sameNode(last, read)) continue;
        last = read;
        yield read;
      }
    } finally {
      for (const off of offs) off();
      this.source.forget(this.path, watcher);
      this.#end();
    }
  }

  /** Null if there is a better moment to read: it has been noted as a cause. */
  async #read(watcher: Watcher, cause: SnapshotCause, event: WatchEvent | null): Promise<Snapshot | null> {
    try {
      const read = await this.source.read(this.path, this.kind, watcher, this.#stop.signal);
      return { ...read, cause, ...(cause === 'event' && event !== null ? { event } : {}) };
    } catch (error) {
      if (isClosed(error) || isAborted(error)) this.#end();
      else if (!isZooKeeperError(error) || !error.retryable) throw error;
      else {
        this.#dirty(cause, event);
        // A new session announces itself; everything else that may pass is worth a look a little later.
        if (!isSessionLost(error)) await pause(RETRY_PAUSE_MS, this.#stop.signal);
      }
      return null;
    }
  }

  /** Waits for a reason to read; false when the end has come. */
  async #change(): Promise<boolean> {
    while (this.#cause === null && !this.#stop.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return !this.#stop.signal.aborted;
  }

  #dirty(cause: SnapshotCause, event: WatchEvent | null): void {
    if (this.#cause === null || weights[cause] >= weights[this.#cause]) this.#cause = cause;
    if (event !== null) this.#event = event;
    this.#wake();
  }

  #take(): [SnapshotCause, WatchEvent | null] {
    const taken: [SnapshotCause, WatchEvent | null] = [this.#cause ?? 'event', this.#event];
    this.#cause = null;
    this.#event = null;
    return taken;
  }

  #end(): void {
    this.#stop.abort();
    this.#wake();
  }
}

/** Whether two reads of the same kind show the same: creation and last change of what the kind looks at. */
function sameNode(a: Snapshot, b: Snapshot): boolean {
  if (a.stat === null || b.stat === null) return a.stat === b.stat;
  if (a.stat.czxid !== b.stat.czxid) return false;
  return a.children === null ? a.stat.mzxid === b.stat.mzxid : a.stat.pzxid === b.stat.pzxid;
}
