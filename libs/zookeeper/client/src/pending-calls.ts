/**
 * The calls that have not ended: those that wait for a connection and those that wait for an answer.
 *
 * Every call ends exactly once, by an answer, the end of its session, its deadline, its signal or the closing of the
 * client, whichever comes first. Calls are sent in the order they were made. When a connection goes, calls that only
 * look (`repeatable`) go back to the front of the queue; of the others nobody knows whether they were done.
 */
import { AbortListeners } from './abort-listeners.js';
import type { CallOptions } from './api.js';
import type { Driver, WireCallName, WireCalls, WireOutcome } from './driver.js';
import {
  ZkAbortedError,
  ZkAuthFailedError,
  ZkClosedError,
  ZkMaybeDoneError,
  ZkNotDoneError,
  ZkSessionLostError,
  ZooKeeperError,
  errorOfWireCode,
  type Outcome,
} from './errors.js';

export interface CallSpec<N extends WireCallName, T> {
  readonly name: N;
  readonly request: WireCalls[N]['request'];
  /** For messages: `create /a`. */
  readonly what: string;
  /** As the caller wrote it. */
  readonly path?: string;
  /** May be sent again when its answer was lost, because doing it twice is doing it once. */
  readonly repeatable: boolean;
  /** Runs in the moment the reply arrives, before anything that follows it on the connection; throws to reject. */
  readonly accept: (reply: WireCalls[N]['reply']) => T;
  /** Turns an error code into a value; null to reject. */
  readonly acceptRefusal?: (wireCode: number) => { readonly value: T } | null;
}

/** Why calls of a session end without an answer. */
export type SessionEnd = 'lost' | 'closed' | 'auth-failed';

export interface PendingCallsOptions {
  readonly maxPending: number;
  readonly defaultTimeoutMs: number;
  /** The session calls made now belong to; null while there is none. */
  readonly generation: () => number | null;
}

interface PendingCall {
  readonly what: string;
  readonly path: string | undefined;
  readonly repeatable: boolean;
  /** Null until it is sent, if it was made while there was no session. */
  generation: number | null;
  /** Whether it was ever handed to a server without an answer: what nobody can take back. */
  sent: boolean;
  settled: boolean;
  transmit: (driver: Driver) => void;
  reject: (error: Error) => void;
}

export class PendingCalls {
  readonly #options: PendingCallsOptions;
  readonly #aborts = new AbortListeners();
  /** In the order they were made. Invariant: disjoint from `#sent`; both hold unsettled calls only. */
  #waiting = new Set<PendingCall>();
  readonly #sent = new Set<PendingCall>();
  /** Calls the last connection took with it which will be sent again, until `requeue`. */
  #returned: PendingCall[] = [];

  constructor(options: PendingCallsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#waiting.size + this.#sent.size + this.#returned.length;
  }

  get hasWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** The call waits until `flush`. */
  add<N extends WireCallName, T>(spec: CallSpec<N, T>, options: CallOptions): Promise<T> {
    const { signal, timeoutMs = this.#options.defaultTimeoutMs } = options;
    const details = { path: spec.path };
    if (signal?.aborted) {
      return Promise.reject(
        new ZkAbortedError(`${spec.what}: aborted before it was sent`, { ...details, cause: signal.reason as unknown }),
      );
    }
    if (this.size >= this.#options.maxPending) {
      const message = `${spec.what}: ${this.#options.maxPending} calls are pending already, the most allowed`;
      return Promise.reject(new ZkNotDoneError('ZK_QUEUE_FULL', message, { ...details, retryable: true }));
    }
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => this.#timeOut(call, timeoutMs), timeoutMs);
      const settle = (): boolean => {
        if (call.settled) return false;
        call.settled = true;
        clearTimeout(timer);
        offAbort?.();
        this.#waiting.delete(call);
        this.#sent.delete(call);
        return true;
      };
      const call: PendingCall = {
        what: spec.what,
        path: spec.path,
        repeatable: spec.repeatable,
        generation: this.#options.generation(),
        sent: false,
        settled: false,
        transmit: (driver) => driver.call(spec.name, spec.request, (outcome) => this.#end(call, spec, outcome, finish)),
        reject: (error) => {
          if (settle()) reject(error);
        },
      };
      const finish = (value: T): void => {
        if (settle()) resolve(value);
      };
      const offAbort = signal && this.#aborts.add(signal, () => this.#abort(call, signal.reason));
      this.#waiting.add(call);
    });
  }

  /** Sends what waits, in order, for as long as `mayGo` says that the driver is attached to this generation's session. */
  flush(driver: Driver, generation: number, mayGo: () => boolean): void {
    for (const call of this.#waiting) {
      if (!mayGo()) return;
      this.#waiting.delete(call);
      this.#sent.add(call);
      call.generation = generation;
      call.sent = true;
      call.transmit(driver);
    }
  }

  /** The connection is gone and its calls have ended: what can be repeated goes back to the front. */
  requeue(): void {
    if (this.#returned.length === 0) return;
    this.#waiting = new Set([...this.#returned.filter((call) => !call.settled), ...this.#waiting]);
    this.#returned = [];
  }

  /** Ends all calls that were made in a session which is over, or in any up to it. */
  endSession(generation: number, why: SessionEnd): void {
    this.requeue();
    for (const call of [...this.#sent, ...this.#waiting]) {
      if (why !== 'lost' || (call.generation !== null && call.generation <= generation))
        call.reject(errorOfEnd(call, why));
    }
  }

  /** Ends the calls that were not sent; those that were still get their answers. */
  endWaiting(): void {
    this.requeue();
    for (const call of [...this.#waiting]) call.reject(errorOfEnd(call, 'closed'));
  }

  #end<N extends WireCallName, T>(
    call: PendingCall,
    spec: CallSpec<N, T>,
    outcome: WireOutcome<N>,
    finish: (value: T) => void,
  ): void {
    if (call.settled) return;
    if (outcome.kind === 'reply') {
      try {
        finish(spec.accept(outcome.reply));
      } catch (error) {
        call.reject(error as Error);
      }
    } else if (outcome.kind === 'refused') {
      const accepted = spec.acceptRefusal?.(outcome.wireCode) ?? null;
      if (accepted !== null) finish(accepted.value);
      else call.reject(errorOfWireCode(outcome.wireCode, spec.what, spec.path));
    } else if (outcome.kind === 'unreadable') {
      const code = outcome.tooLarge ? 'ZK_TOO_LARGE' : 'ZK_BAD_REPLY';
      const message = `${spec.what}: the reply can not be used: ${outcome.reason}`;
      call.reject(new ZooKeeperError(code, message, { path: spec.path, outcome: outcomeOf(call) }));
    } else {
      this.#lose(call, outcome.sent);
    }
  }

  #lose(call: PendingCall, sent: boolean): void {
    this.#sent.delete(call);
    if (call.repeatable || !sent) {
      call.sent = false;
      this.#returned.push(call);
      return;
    }
    const message = `${call.what}: the connection was lost before the answer came`;
    call.reject(new ZkMaybeDoneError('ZK_CONNECTION_LOST', message, { path: call.path }));
  }

  #timeOut(call: PendingCall, timeoutMs: number): void {
    const { path, what } = call;
    const message = call.sent
      ? `${what}: no answer in ${timeoutMs} ms`
      : `${what}: no connection in ${timeoutMs} ms, not sent`;
    call.reject(
      outcomeOf(call) === 'maybe-done'
        ? new ZkMaybeDoneError('ZK_TIMEOUT', message, { path })
        : new ZkNotDoneError('ZK_TIMEOUT', message, { path, retryable: true }),
    );
  }

  #abort(call: PendingCall, cause: unknown): void {
    const message = `${call.what}: aborted ${call.sent ? 'while its answer was awaited' : 'before it was sent'}`;
    call.reject(new ZkAbortedError(message, { path: call.path, outcome: outcomeOf(call), cause }));
  }
}

/** What is known of a call that ends without an answer. One that only looks changes nothing, sent or not. */
function outcomeOf(call: PendingCall): Outcome {
  return call.sent && !call.repeatable ? 'maybe-done' : 'not-done';
}

function errorOfEnd(call: PendingCall, why: SessionEnd): Error {
  const { what, path, sent } = call;
  const details = { path, outcome: outcomeOf(call) };
  const when = sent ? 'before the answer came' : 'before it was sent';
  switch (why) {
    case 'lost':
      return new ZkSessionLostError(`${what}: the session ended ${when}`, details);
    case 'closed':
      return new ZkClosedError(`${what}: the client was closed ${when}`, details);
    case 'auth-failed':
      return new ZkAuthFailedError(
        `${what}: the server refused the credentials and closed the connection ${when}`,
        details,
      );
  }
}
