/**
 * One listener a signal, however many calls it may abort: a signal that lives as long as its process collects no
 * listeners, and Node has no reason to warn of a leak.
 */
export class AbortListeners {
  /** Invariant: no set is empty. */
  readonly #bySignal = new Map<AbortSignal, { readonly callbacks: Set<() => void>; readonly onAbort: () => void }>();

  /** Returns the function that takes the callback off. Precondition: the signal has not fired. */
  add(signal: AbortSignal, callback: () => void): () => void {
    const entry = this.#bySignal.get(signal) ?? this.#listen(signal);
    entry.callbacks.add(callback);
    return () => {
      if (entry.callbacks.delete(callback) && entry.callbacks.size === 0) {
        signal.removeEventListener('abort', entry.onAbort);
        this.#bySignal.delete(signal);
      }
    };
  }

  #listen(signal: AbortSignal) {
    const callbacks = new Set<() => void>();
    const onAbort = (): void => {
      for (const callback of [...callbacks]) callback();
    };
    const entry = { callbacks, onAbort };
    this.#bySignal.set(signal, entry);
    signal.addEventListener('abort', onAbort);
    return entry;
  }
}
