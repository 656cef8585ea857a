/**
 * Who can talk to whom, and how long it takes. A connection keeps order and loses nothing while it lives: what is sent
 * into a cut waits, as TCP sends again, and arrives when the cut heals, unless somebody closed the connection first.
 */
import type { Random } from './random.js';
import type { VirtualTime } from './virtual-time.js';

export type Host = string;

export interface Endpoint {
  /** One message; a stream of bytes is a stream of these, in order. */
  readonly onMessage: (message: unknown) => void;
  readonly onClosed: () => void;
}

export interface NetworkSpeed {
  readonly meanDelayMs: number;
}

export class SimulatedNetwork {
  private readonly cut = new Set<string>();
  private readonly connections = new Set<Connection>();

  constructor(
    private readonly time: VirtualTime,
    private readonly random: Random,
    private readonly speed: NetworkSpeed,
  ) {}

  isCut(from: Host, to: Host): boolean {
    return this.cut.has(`${from}>${to}`);
  }

  cutOneWay(from: Host, to: Host): void {
    this.cut.add(`${from}>${to}`);
  }

  cutBothWays(a: Host, b: Host): void {
    this.cutOneWay(a, b);
    this.cutOneWay(b, a);
  }

  heal(): void {
    this.cut.clear();
    for (const connection of this.connections) connection.healed();
  }

  /** A message of its own, lost in a cut. */
  datagram(from: Host, to: Host, deliver: () => void): void {
    if (this.isCut(from, to)) return;
    this.time.after(this.random.delay(this.speed.meanDelayMs), deliver);
  }

  /** Both ends are told by `onClosed` when either closes, the other one after a delay, and not through a cut. */
  connect(from: Host, to: Host): Connection {
    const connection = new Connection(from, to, this, this.time, this.random, this.speed);
    this.connections.add(connection);
    return connection;
  }

  /** A host goes down: its system resets every connection it had, or says nothing if its cable is cut too. */
  hostDown(host: Host): void {
    for (const connection of [...this.connections]) {
      if (connection.from === host || connection.to === host) connection.close(host);
    }
  }

  /** Every connection of a host breaks while both ends live; what was under way is lost. */
  hangUp(host: Host): void {
    for (const connection of [...this.connections]) {
      if (connection.from === host || connection.to === host) connection.break();
    }
  }

  forget(connection: Connection): void {
    this.connections.delete(connection);
  }
}

export class Connection {
  private readonly ends = new Map<Host, Endpoint>();
  private readonly lastArrivalMs = new Map<Host, number>();
  private readonly closedFor = new Set<Host>();
  /** Sent into a cut; `null` stands for the end of the connection. */
  private readonly held = new Map<Host, (unknown | null)[]>();

  constructor(
    readonly from: Host,
    readonly to: Host,
    private readonly network: SimulatedNetwork,
    private readonly time: VirtualTime,
    private readonly random: Random,
    private readonly speed: NetworkSpeed,
  ) {}

  attach(host: Host, endpoint: Endpoint): void {
    this.ends.set(host, endpoint);
  }

  send(by: Host, message: NonNullable<unknown>): void {
    if (!this.closedFor.has(by)) this.pass(this.other(by), message);
  }

  /** The closing end hears nothing more, at once; the other end notices behind all that was sent. */
  close(by: Host): void {
    if (this.closedFor.has(by)) return;
    const receiver = this.other(by);
    this.closedFor.add(by);
    if (this.closedFor.has(receiver)) this.network.forget(this);
    else this.pass(receiver, null);
  }

  /** Both ends are told, each after a delay, and get nothing more. */
  break(): void {
    this.network.forget(this);
    for (const end of [this.from, this.to]) {
      if (this.closedFor.has(end)) continue;
      this.closedFor.add(end);
      this.time.after(this.random.delay(this.speed.meanDelayMs), () => this.ends.get(end)?.onClosed());
    }
  }

  healed(): void {
    for (const [receiver, messages] of [...this.held]) {
      this.held.delete(receiver);
      for (const message of messages) this.pass(receiver, message);
    }
  }

  private pass(receiver: Host, message: unknown | null): void {
    const sender = this.other(receiver);
    const held = this.held.get(receiver);
    if (held || this.network.isCut(sender, receiver)) {
      if (held) held.push(message);
      else this.held.set(receiver, [message]);
      return;
    }
    // In order: nothing overtakes what was sent before on the same connection.
    const soonest = this.time.nowMs + this.random.delay(this.speed.meanDelayMs);
    const arrival = Math.max(soonest, this.lastArrivalMs.get(receiver) ?? 0);
    this.lastArrivalMs.set(receiver, arrival);
    this.time.after(arrival - this.time.nowMs, () => this.arrive(receiver, message));
  }

  private arrive(receiver: Host, message: unknown | null): void {
    if (this.closedFor.has(receiver)) return;
    if (message !== null) return this.ends.get(receiver)?.onMessage(message);
    this.closedFor.add(receiver);
    this.network.forget(this);
    this.ends.get(receiver)?.onClosed();
  }

  private other(host: Host): Host {
    return host === this.from ? this.to : this.from;
  }
}
