/**
 * The people who look after the servers: they start one again that gave up, and put a new disk into one whose own is
 * damaged: empty, without the file `initialize`, and only while a leader serves that nobody can be about to replace.
 */
import type { Observer } from '../checkers/observer.js';
import type { VirtualTime } from '../engine/virtual-time.js';
import type { SimulatedNetwork } from '../network/network.js';
import type { SimulatedServer } from '../server/simulated-server.js';

const LOOK_EVERY_MS = 250;
/** What was promised on the lost disk may have been promised to a leader whose rival does not know it yet. */
const REPLACED_AFTER_MS = 3_000;

export class Operators {
  /** Servers with a damaged disk, or with a new one that is not filled yet. */
  private readonly unreliable = new Set<SimulatedServer>();
  private readonly stoppedAtMs = new Map<SimulatedServer, number>();

  constructor(
    private readonly time: VirtualTime,
    private readonly network: SimulatedNetwork,
    private readonly observer: Observer,
    private readonly servers: readonly SimulatedServer[],
    /** A minority of them may be damaged; none: nobody may. */
    private readonly voters: readonly number[],
  ) {}

  start(): void {
    this.time.after(LOOK_EVERY_MS, () => {
      for (const server of this.servers) this.see(server);
      this.start();
    });
  }

  /** Whether all others together still have everything, and can go on. */
  mayHarm(server: SimulatedServer): boolean {
    if (this.servers.length === 1 || this.voters.length === 0) return false;
    this.forgetFilled();
    const harmed = new Set([...this.unreliable, server].filter(({ id }) => this.voters.includes(id)));
    if (harmed.size > (this.voters.length - 1) >> 1) return false;
    this.unreliable.add(server);
    return true;
  }

  private see(server: SimulatedServer): void {
    if (server.stoppedBy === null) return void this.stoppedAtMs.delete(server);
    const { disk } = server;
    if (disk.isDamaged) {
      const sinceMs = this.stoppedAtMs.get(server) ?? this.time.nowMs;
      this.stoppedAtMs.set(server, sinceMs);
      if (this.time.nowMs - sinceMs < REPLACED_AFTER_MS || !this.isQuiet()) return;
      this.observer.tell(() => `server ${server.id} gets a new disk`);
      disk.replace();
    }
    this.observer.tell(() => `server ${server.id} is started by hand`);
    server.start();
  }

  private isQuiet(): boolean {
    if (this.network.hasCuts || this.servers.some((server) => server.isPaused)) return false;
    return this.servers.filter((server) => server.isLeading && server.isServing).length === 1;
  }

  private forgetFilled(): void {
    for (const server of this.unreliable) {
      if (!server.disk.isDamaged && server.isServing) this.unreliable.delete(server);
    }
  }
}
