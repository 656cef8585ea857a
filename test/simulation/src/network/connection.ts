/** One connection between two hosts: two streams of messages, each in order. */
import type { Host, SimulatedNetwork } from './network.js';

export interface Endpoint {
  /** One message; a stream of bytes is a stream of these, in order. */
  readonly onMessage: (message: unknown) => void;
  readonly onClosed: () => void;
}

/** One end, and what is on its way there. */
class End {
  endpoint: Endpoint | null = null;
  isClosed = false;
  lastArrivalMs = 0;
  /** Sent into a cut; `null` stands for the end of the connection. */
  held: (unknown | null)[] | null = null;

  constructor(readonly host: Host) {}
}

export class Connection {
  /** The session that the client's end speaks for, as the client knows it. */
  speaker: bigint | null = null;
  private readonly a: End;
  private readonly b: End;

  constructor(
    readonly from: Host,
    readonly to: Host,
    private readonly network: SimulatedNetwork,
  ) {
    this.a = new End(from);
    this.b = new End(to);
  }

  attach(host: Host, endpoint: Endpoint): void {
    this.end(host).endpoint = endpoint;
  }

  send(by: Host, message: NonNullable<unknown>): void {
    if (!this.end(by).isClosed) this.pass(this.other(by), message);
  }

  /** The closing end hears nothing more, at once; the other end notices behind all that was sent. */
  close(by: Host): void {
    const end = this.end(by);
    if (end.isClosed) return;
    end.isClosed = true;
    const other = this.other(by);
    if (other.isClosed) this.network.forget(this);
    else this.pass(other, null);
  }

  /** As `close`, but nobody is told: what is sent there from now on is lost, until it is reset. */
  vanish(by: Host): void {
    this.end(by).isClosed = true;
    if (this.other(by).isClosed) this.network.forget(this);
  }

  /** As `vanish`, and this end is told. */
  abandon(by: Host): void {
    const end = this.end(by);
    if (end.isClosed) return;
    this.vanish(by);
    end.endpoint?.onClosed();
  }

  /** A host that has forgotten the connection says so. */
  resetBy(host: Host): void {
    const other = this.other(host);
    if (this.end(host).isClosed && !other.isClosed) this.pass(other, null);
  }

  /** Both ends are told, each after a delay, and get nothing more. */
  break(): void {
    this.network.forget(this);
    for (const end of [this.a, this.b]) {
      if (end.isClosed) continue;
      end.isClosed = true;
      const delayMs = this.network.delayMs(this.other(end.host).host, end.host);
      this.network.time.after(delayMs, () => end.endpoint?.onClosed());
    }
  }

  healed(): void {
    for (const end of [this.a, this.b]) {
      const { held } = end;
      end.held = null;
      for (const message of held ?? []) this.pass(end, message);
    }
  }

  private pass(receiver: End, message: unknown | null): void {
    const { network } = this;
    const sender = receiver === this.a ? this.b.host : this.a.host;
    if (receiver.held !== null || network.isCut(sender, receiver.host)) {
      (receiver.held ??= []).push(message);
      return;
    }
    // In order: nothing overtakes what was sent before on the same connection.
    const { time } = network;
    const arrivalMs = Math.max(time.nowMs + network.delayMs(sender, receiver.host), receiver.lastArrivalMs);
    receiver.lastArrivalMs = arrivalMs;
    time.after(arrivalMs - time.nowMs, () => this.arrive(receiver, message));
  }

  private arrive(receiver: End, message: unknown | null): void {
    if (receiver.isClosed) return;
    if (message !== null) return receiver.endpoint?.onMessage(message);
    receiver.isClosed = true;
    this.network.forget(this);
    receiver.endpoint?.onClosed();
  }

  private end(host: Host): End {
    return host === this.from ? this.a : this.b;
  }

  private other(host: Host): End {
    return host === this.from ? this.b : this.a;
  }
}
