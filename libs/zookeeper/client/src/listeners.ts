/** Who wants to be told. */

export class Listeners<T> {
  readonly #listeners = new Set<(value: T) => void>();

  /** Each `add` is its own listener, also of the same function; returns what takes it off. */
  add(listener: (value: T) => void): () => void {
    const own = (value: T): void => listener(value);
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  /** Synchronously, in the order they came. One that throws keeps neither the others nor us from going on. */
  tell(value: T): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(value);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
