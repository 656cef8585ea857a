/**
 * Who can talk to whom, and how long it takes. A connection keeps order and loses nothing while it lives: what is sent
 * into a cut waits, as TCP sends again, and arrives when the cut heals, unless somebody closed the connection first.
 * Between connections there is no order.
 */
import type { Random } from '../engine/random.js';
import type { VirtualTime } from '../engine/virtual-time.js';
import { Connection } from './connection.js';

export type Host = string;

export const hostOf = (server: number): Host => `server-${server}`;

export interface NetworkSpeed {
  readonly meanDelayMs: number;
}

export class SimulatedNetwork {
  private readonly cut = new Set<string>();
  /** By direction: how many times slower than the others. */
  private readonly slow = new Map<string, number>();
  private readonly connections = new Set<Connection>();

  constructor(
    readonly time: VirtualTime,
    private readonly random: Random,
    private readonly speed: NetworkSpeed,
  ) {}

  get hasCuts(): boolean {
    return this.cut.size > 0;
  }

  isCut(from: Host, to: Host): boolean {
    return this.cut.size > 0 && this.cut.has(`${from}>${to}`);
  }

  cutOneWay(from: Host, to: Host): void {
    this.cut.add(`${from}>${to}`);
  }

  cutBothWays(a: Host, b: Host): void {
    this.cutOneWay(a, b);
    this.cutOneWay(b, a);
  }

  slowDown(from: Host, to: Host, factor: number): void {
    this.slow.set(`${from}>${to}`, factor);
  }

  /** No cut and no slow link is left. */
  heal(): void {
    this.cut.clear();
    this.slow.clear();
    for (const connection of [...this.connections]) connection.healed();
  }

  delayMs(from: Host, to: Host): number {
    const factor = this.slow.size === 0 ? 1 : (this.slow.get(`${from}>${to}`) ?? 1);
    return this.random.delay(this.speed.meanDelayMs) * factor;
  }

  /** A message of its own, lost in a cut. */
  datagram(from: Host, to: Host, deliver: () => void): void {
    if (!this.isCut(from, to)) this.time.after(this.delayMs(from, to), deliver);
  }

  /** Both ends are told by `onClosed` when either closes, the other one after a delay, and not through a cut. */
  connect(from: Host, to: Host): Connection {
    const connection = new Connection(from, to, this);
    this.connections.add(connection);
    return connection;
  }

  /** A process ends: its system resets every connection it had, or says nothing if its cable is cut too. */
  processDied(host: Host): void {
    for (const connection of this.of(host)) connection.close(host);
  }

  /** A machine has lost its power: nobody is told before it is back. */
  powerFailed(host: Host): void {
    for (const connection of this.of(host)) connection.vanish(host);
  }

  /** It is back, and knows nothing of the connections it had. */
  powerReturned(host: Host): void {
    for (const connection of this.of(host)) connection.resetBy(host);
  }

  /** A host gives up all its connections, and the other ends are not told. */
  loseAddress(host: Host): void {
    for (const connection of this.of(host)) connection.abandon(host);
  }

  /** Every connection of a host breaks while both ends live; what was under way is lost. */
  hangUp(host: Host): void {
    for (const connection of this.of(host)) connection.break();
  }

  forget(connection: Connection): void {
    this.connections.delete(connection);
  }

  private of(host: Host): Connection[] {
    return [...this.connections].filter(({ from, to }) => from === host || to === host);
  }
}
