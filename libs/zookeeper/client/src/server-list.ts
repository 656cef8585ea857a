/** Which server to try next: a shuffled round, over and over, and when a whole round has failed, a pause. */
import type { ServerAddress } from './driver.js';

export class ServerList {
  readonly #servers: readonly ServerAddress[];
  #next = 0;

  /** @param random 0 <= random() < 1; spreads the clients over the servers */
  constructor(servers: readonly ServerAddress[], random: () => number) {
    this.#servers = shuffled(servers, random);
  }

  get size(): number {
    return this.#servers.length;
  }

  next(): ServerAddress {
    const server = this.#servers[this.#next % this.#servers.length];
    if (server === undefined) throw new RangeError('expected at least one server');
    this.#next = (this.#next + 1) % this.#servers.length;
    return server;
  }
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}
