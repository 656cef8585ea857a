/**
 * What a console may say of hosts, from who is there and who is meant to be.
 *
 * Gone is not dead: a killed agent, a dead host and a cut cable look alike from here, so it says `lost`. It says so after a
 * hold, since most come back at once; a host that comes and goes is `flapping` and told once. When many vanish in one look
 * it is more likely the network; and when the console itself has no connection, it says `frozen` and nothing about anybody.
 */
import type { Listed, Machine } from './payloads.js';

export const HostState = {
  online: 'online',
  draining: 'draining',
  /** Vanished just now; may be back in a moment. */
  suspect: 'suspect',
  lost: 'lost',
  /** Gone, and meant to be. */
  retired: 'retired',
  /** There, and in no inventory. */
  unknown: 'unknown',
  flapping: 'flapping',
} as const;
export type HostState = (typeof HostState)[keyof typeof HostState];

export interface HostView {
  readonly host: string;
  readonly state: HostState;
  readonly machine: Machine | null;
  readonly desired: string | null;
}

export interface HostEvent {
  readonly atMs: number;
  readonly host: string;
  readonly what: 'up' | 'restarted' | 'gone' | 'lost' | 'flapping';
}

export interface ViewOptions {
  /** Gone for so long before it is called lost. */
  readonly holdMs: number;
  /** More departures than this in `flapWindowMs` are flapping. */
  readonly flaps: number;
  readonly flapWindowMs: number;
}

export const DEFAULT_VIEW: ViewOptions = { holdMs: 5_000, flaps: 3, flapWindowMs: 600_000 };

interface Seen {
  bootId: string | null;
  machine: Machine | null;
  goneMs: number | null;
  wasLost: boolean;
  departures: number[];
}

const MAX_EVENTS = 500;

export class HostsView {
  private readonly seen = new Map<string, Seen>();
  private readonly log: HostEvent[] = [];

  constructor(private readonly options: ViewOptions = DEFAULT_VIEW) {}

  /** Who is there now. What happened in between shows by another boot. */
  observe(machines: ReadonlyMap<string, Machine>, nowMs: number): void {
    for (const [host, machine] of machines) {
      const seen = this.of(host);
      if (seen.machine === null) this.tell(nowMs, host, 'up');
      else if (seen.bootId !== machine.bootId) {
        this.depart(seen, host, nowMs);
        this.tell(nowMs, host, 'restarted');
      }
      Object.assign(seen, { machine, bootId: machine.bootId, goneMs: null, wasLost: false });
    }
    for (const [host, seen] of this.seen) {
      if (machines.has(host) || seen.machine === null) continue;
      Object.assign(seen, { machine: null, goneMs: nowMs });
      this.tell(nowMs, host, 'gone');
      this.depart(seen, host, nowMs);
    }
    this.tick(nowMs);
  }

  tick(nowMs: number): void {
    for (const [host, seen] of this.seen) {
      if (seen.goneMs === null || seen.wasLost || nowMs - seen.goneMs < this.options.holdMs) continue;
      seen.wasLost = true;
      this.tell(nowMs, host, 'lost');
    }
  }

  hosts(inventory: ReadonlyMap<string, Listed>, nowMs: number): readonly HostView[] {
    const names = new Set([...inventory.keys(), ...this.seen.keys()]);
    return [...names].sort().map((host) => {
      const seen = this.seen.get(host);
      const listed = inventory.get(host);
      return {
        host,
        state: this.stateOf(seen, listed, nowMs),
        machine: seen?.machine ?? null,
        desired: listed?.desired ?? null,
      };
    });
  }

  get events(): readonly HostEvent[] {
    return this.log;
  }

  private stateOf(seen: Seen | undefined, listed: Listed | undefined, nowMs: number): HostState {
    const machine = seen?.machine ?? null;
    if (seen !== undefined && this.isFlapping(seen, nowMs)) return HostState.flapping;
    if (machine !== null) {
      if (listed === undefined) return HostState.unknown;
      return machine.draining ? HostState.draining : HostState.online;
    }
    if (listed?.desired === 'retired' || listed?.desired === 'draining') return HostState.retired;
    return seen !== undefined && seen.goneMs !== null && !seen.wasLost ? HostState.suspect : HostState.lost;
  }

  private depart(seen: Seen, host: string, nowMs: number): void {
    const was = this.isFlapping(seen, nowMs);
    seen.departures = [...seen.departures, nowMs].slice(-this.options.flaps - 1);
    if (!was && this.isFlapping(seen, nowMs)) this.tell(nowMs, host, 'flapping');
  }

  private isFlapping({ departures }: Seen, nowMs: number): boolean {
    return departures.filter((at) => nowMs - at < this.options.flapWindowMs).length > this.options.flaps;
  }

  private of(host: string): Seen {
    const seen = this.seen.get(host) ?? { bootId: null, machine: null, goneMs: null, wasLost: false, departures: [] };
    this.seen.set(host, seen);
    return seen;
  }

  private tell(atMs: number, host: string, what: HostEvent['what']): void {
    this.log.push({ atMs, host, what });
    if (this.log.length > MAX_EVENTS) this.log.shift();
  }
}
