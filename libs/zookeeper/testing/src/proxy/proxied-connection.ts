/** One client's connection through a link, with its counterpart to the server. */
import { connect, type Socket } from 'node:net';
import { frame } from '@menagerie/zookeeper-protocol';
import { ReplyObserver, type ObservedReply } from './observed-reply.js';

/** The condition of a link; one object for all its connections. */
export interface LinkState {
  stalled: boolean;
  delayMs: number;
  /** Replies to lose, each once. */
  readonly traps: Trap[];
}

export interface Trap {
  readonly predicate: (reply: ObservedReply) => boolean;
  readonly sprung: (reply: ObservedReply) => void;
}

export class ProxiedConnection {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #state: LinkState;
  #observer: ReplyObserver | null = new ReplyObserver();
  /** What a stall holds back, in order. Its size is bounded by the windows of the sockets, which are paused. */
  #held: (() => void)[] = [];
  #over = false;

  constructor(
    client: Socket,
    target: { readonly host: string; readonly port: number },
    state: LinkState,
    onOver: () => void,
  ) {
    this.#client = client;
    this.#state = state;
    this.#server = connect({ ...target, allowHalfOpen: true });
    client.setNoDelay();
    this.#server.setNoDelay();
    const over = (failed: boolean): void => {
      const ended = client.destroyed && this.#server.destroyed;
      if (this.#over || (!failed && !ended)) return;
      this.#over = true;
      this.destroy();
      onOver();
    };
    for (const socket of [client, this.#server]) socket.on('error', () => over(true)).on('close', () => over(false));
    // An end in good order is passed on behind the data it follows: a reset would throw away what is still on the way.
    client.on('end', () => this.#pass(() => this.#server.end()));
    this.#server.on('end', () => this.#pass(() => client.end()));
    client.on('data', (chunk: Buffer) => this.#pass(() => this.#toServer(chunk)));
    this.#server.on('data', (chunk: Buffer) => this.#pass(() => this.#toClient(chunk)));
  }

  /** Both sides see a reset, as when the machine on the other end is gone. */
  destroy(): void {
    this.#held = [];
    if (this.#client.readyState === 'open') this.#client.resetAndDestroy();
    this.#client.destroy();
    this.#server.destroy();
  }

  resume(): void {
    const held = this.#held;
    this.#held = [];
    for (const act of held) act();
    this.#client.resume();
    this.#server.resume();
  }

  #pass(act: () => void): void {
    // Equal delays keep the order; whoever changes the delay in mid-stream takes what comes.
    if (this.#state.delayMs > 0) setTimeout(() => this.#passNow(act), this.#state.delayMs).unref();
    else this.#passNow(act);
  }

  #passNow(act: () => void): void {
    if (!this.#state.stalled) return act();
    this.#held.push(act);
    this.#client.pause();
    this.#server.pause();
  }

  #toServer(chunk: Buffer): void {
    if (this.#over) return;
    try {
      this.#observer?.request(chunk);
    } catch {
      // Not the client protocol (a four-letter word, say): it passes unseen.
      this.#observer = null;
    }
    this.#server.write(chunk);
  }

  #toClient(chunk: Buffer): void {
    if (this.#observer === null) {
      if (!this.#over) this.#client.write(chunk);
      return;
    }
    for (const { payload, reply } of this.#observe(chunk, this.#observer)) {
      if (this.#over) return;
      const trap = reply === null ? -1 : this.#state.traps.findIndex(({ predicate }) => predicate(reply));
      if (reply !== null && trap !== -1) {
        const [sprung] = this.#state.traps.splice(trap, 1);
        this.destroy();
        sprung!.sprung(reply);
        return;
      }
      this.#client.write(frame(payload));
    }
  }

  /** A server which does not speak the protocol to a client that does has nothing to say that could be passed on. */
  #observe(chunk: Buffer, observer: ReplyObserver): ReturnType<ReplyObserver['reply']> {
    try {
      return observer.reply(chunk);
    } catch {
      this.destroy();
      return [];
    }
  }
}
