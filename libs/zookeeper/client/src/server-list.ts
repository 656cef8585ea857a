/** Which server to try next: a shuffled round, over and over, and when a whole round has failed, a pause. */
import { formatServer } from './connect-string.js';
import type { ServerAddress } from './driver.js';

export class ServerList {
  readonly #random: () => number;
  #servers: readonly ServerAddress[];
  #next = 0;

  /** @param random 0 <= random() < 1; spreads the clients over the servers */
  constructor(servers: readonly ServerAddress[], random: () => number) {
    this.#random = random;
    this.#servers = shuffled(servers, random);
  }

  get size(): number {
    return this.#servers.length;
  }

  /** Other servers from now on, and a new round; those that are only in the second list come last. */
  replace(servers: readonly ServerAddress[], last: readonly ServerAddress[]): void {
    const named = new Set(servers.map(formatServer));
    const others = last.filter((server) => !named.has(formatServer(server)));
    this.#servers = [...shuffled(servers, this.#random), ...others];
    this.#next = 0;
  }

  /** This one is to be tried next. */
  prefer(server: ServerAddress): void {
    const at = this.#servers.findIndex(({ host, port }) => host === server.host && port === server.port);
    if (at !== -1) this.#next = at;
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
