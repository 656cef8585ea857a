/**
 * What a console may say of hosts, from who is there and who is meant to be.
 *
 * Gone is not dead: a killed agent, a dead host and a cut cable look alike from here, so it says `lost`. It says so after a
 * hold, since most come back at once; a host that comes and goes is `flapping` and told once. When many are gone at once it
 * is more likely the network or the ensemble: they stay `suspect` until they are back, or a person says that they are lost.
 * And when the console itself has no connection, it says `frozen` and nothing about anybody.
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
  readonly what: 'up' | 'restarted' | 'gone' | 'lost' | 'flapping' | 'mass-loss';
}

/** Hosts that are gone together, more than chance would have it: whether they are lost is for a person to say. */
export interface MassLoss {
  readonly gone: readonly string[];
  readonly of: number;
}

export interface ViewOptions {
  /** Gone for so long before it is called lost. */
  readonly holdMs: number;
  /** More departures than this in `flapWindowMs` are flapping. */
  readonly flaps: number;
  readonly flapWindowMs: number;
  /** A larger share of all hosts that is gone, and not lost yet, is a mass loss; */
  readonly massShare: number;
  /** but not of fewer hosts than this. */
  readonly massAtLeast: number;
}

export const DEFAULT_VIEW: ViewOptions = {
  holdMs: 5_000,
  flaps: 3,
  flapWindowMs: 600_000,
  massShare: 0.3,
  massAtLeast: 3,
};

interface Seen {
  bootId: string | null;
  machine: Machine | null;
  goneMs: number | null;
  /** It said that it would go. */
  wasDraining: boolean;
  wasLost: boolean;
  departures: number[];
}

const MAX_EVENTS = 500;

export class HostsView {
  private readonly seen = new Map<string, Seen>();
  private readonly log: HostEvent[] = [];
  private inMassLoss = false;

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
      seen.wasDraining = machine.draining;
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
    const loss = this.massLoss();
    if (loss !== null && !this.inMassLoss) for (const host of loss.gone) this.tell(nowMs, host, 'mass-loss');
    this.inMassLoss = loss !== null;
    if (loss === null) this.lose((goneMs) => nowMs - goneMs >= this.options.holdMs, nowMs);
  }

  massLoss(): MassLoss | null {
    const there = [...this.seen].filter(([, { wasLost, wasDraining }]) => !wasLost && !wasDraining);
    const gone = there.filter(([, { goneMs }]) => goneMs !== null).map(([host]) => host);
    const { massAtLeast, massShare } = this.options;
    return gone.length >= massAtLeast && gone.length > massShare * there.length ? { gone, of: there.length } : null;
  }

  /** A person says that those who are gone are lost indeed. */
  confirmLosses(nowMs: number): void {
    this.lose(() => true, nowMs);
    this.inMassLoss = false;
  }

  private lose(isOver: (goneMs: number) => boolean, nowMs: number): void {
    for (const [host, seen] of this.seen) {
      if (seen.goneMs === null || seen.wasLost || !isOver(seen.goneMs)) continue;
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
    const unseen = { bootId: null, machine: null, goneMs: null, wasDraining: false, wasLost: false, departures: [] };
    const seen: Seen = this.seen.get(host) ?? unseen;
    this.seen.set(host, seen);
    return seen;
  }

  private tell(atMs: number, host: string, what: HostEvent['what']): void {
    this.log.push({ atMs, host, what });
    if (this.log.length > MAX_EVENTS) this.log.shift();
  }
}
