/**
 * A link that can fail: a TCP proxy between clients and one server, which can be cut, stalled, slowed, or lose exactly
 * one reply, the moment at which a client can not know whether what it asked for was done.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { allocatePort, releasePort } from '../ports.js';
import { ProxiedConnection, type LinkState } from './proxied-connection.js';
import type { ObservedReply } from './observed-reply.js';

export interface LinkTarget {
  readonly host: string;
  readonly port: number;
}

export class LinkProxy implements AsyncDisposable {
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly #server: Server;
  readonly #connections = new Set<ProxiedConnection>();
  readonly #state: LinkState = { stalled: false, delayMs: 0, traps: [] };
  #target: LinkTarget;
  #cut = false;
  #accepted = 0;

  private constructor(target: LinkTarget, port: number) {
    this.#target = target;
    this.port = port;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
  }

  static async start(target: LinkTarget): Promise<LinkProxy> {
    const proxy = new LinkProxy(target, await allocatePort());
    proxy.#server.listen({ host: proxy.host, port: proxy.port });
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** `host:port` for a connect string. */
  get address(): string {
    return `${this.host}:${this.port}`;
  }

  /** Connections open now. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Connections taken so far, those refused by a cut included. */
  get acceptedCount(): number {
    return this.#accepted;
  }

  /** Where new connections go. */
  retarget(target: LinkTarget): void {
    this.#target = target;
  }

  /** Ends all connections, and new ones at once, until `heal`. */
  cut(): void {
    this.#cut = true;
    this.dropConnections();
  }

  /** Ends all connections; new ones are let through. */
  dropConnections(): void {
    for (const connection of this.#connections) connection.destroy();
  }

  /** Half-open: connections stay and are still taken, but nothing passes in either direction until `heal`. */
  stall(): void {
    this.#state.stalled = true;
  }

  /** Everything passes again; what a stall held back arrives late. */
  heal(): void {
    this.#cut = false;
    this.#state.stalled = false;
    this.#state.delayMs = 0;
    for (const connection of this.#connections) connection.resume();
  }

  /** Holds everything back for so long, in each direction. */
  delay(ms: number): void {
    this.#state.delayMs = ms;
  }

  /**
   * The next reply for which the predicate holds is thrown away and its connection ended: the server did what was asked,
   * the client never hears of it. Resolves with that reply when it has happened.
   */
  dropNextReply(predicate: (reply: ObservedReply) => boolean): Promise<ObservedReply> {
    return new Promise((resolve) => this.#state.traps.push({ predicate, sprung: resolve }));
  }

  /** Replies that were to be lost and have not come yet are let through. */
  forgetTraps(): void {
    this.#state.traps.length = 0;
  }

  async close(): Promise<void> {
    this.dropConnections();
    if (this.#server.listening) {
      this.#server.close();
      await once(this.#server, 'close');
    }
    releasePort(this.port);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #accept(socket: Socket): void {
    this.#accepted++;
    if (this.#cut) {
      socket.resetAndDestroy();
      return;
    }
    const connection = new ProxiedConnection(socket, this.#target, this.#state, () =>
      this.#connections.delete(connection),
    );
    this.#connections.add(connection);
  }
}
