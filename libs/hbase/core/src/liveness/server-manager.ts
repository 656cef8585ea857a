/**
 * Which region servers live: pure (ServerManager.java, RegionServerTracker.java). Birth is a report to the master, death is
 * the disappearance of an ephemeral node, found by comparing whole lists: a deletion that is missed while disconnected must
 * not be missed for good (HBASE-26029).
 */
import { ClockOutOfSyncError, YouAreDeadError } from '../errors.js';
import { addressOf, parseServer } from '../layout/server-name.js';

export interface LivenessSettings {
  /** hbase.master.maxclockskew */
  readonly maxClockSkewMs: number;
  /** hbase.master.warningclockskew */
  readonly warnClockSkewMs: number;
}
export const LIVENESS_SETTINGS: LivenessSettings = { maxClockSkewMs: 30_000, warnClockSkewMs: 10_000 };

export interface ReportForDuty {
  readonly server: string;
  /** Its clock when it sent this, milliseconds since 1970. */
  readonly clockMs: number;
}

export interface LivenessChange {
  /** To be declared dead, in this order: log fenced and split, regions given to others. */
  readonly died: readonly string[];
  readonly joined: readonly string[];
}

/** The dead that are remembered; a report of one that was forgotten is refused by its missing node all the same. */
const MAX_DEAD = 10_000;

export class ServerManager {
  private readonly online = new Set<string>();
  /** Reported, and their node was not seen yet. */
  private readonly expected = new Set<string>();
  private readonly dead = new Set<string>();
  private draining: ReadonlySet<string> = new Set();

  constructor(private readonly settings: LivenessSettings = LIVENESS_SETTINGS) {}

  get servers(): readonly string[] {
    return [...this.online].sort();
  }

  /** Those that may be given regions. */
  get assignable(): readonly string[] {
    return this.servers.filter((server) => !this.draining.has(server));
  }

  isDead(server: string): boolean {
    return this.dead.has(server);
  }

  /**
   * A server begins, or says that it is still there.
   * @returns earlier starts at the same address, which are dead at once and need not wait for their sessions
   * @throws YouAreDeadError, ClockOutOfSyncError
   */
  report({ server, clockMs }: ReportForDuty, nowMs: number): LivenessChange & { readonly skewWarning: boolean } {
    if (this.dead.has(server)) throw new YouAreDeadError(server);
    const skewMs = Math.abs(nowMs - clockMs);
    if (skewMs > this.settings.maxClockSkewMs) {
      throw new ClockOutOfSyncError(server, skewMs, this.settings.maxClockSkewMs);
    }
    const { startcode } = parseServer(server);
    const same = [...this.online].filter((other) => addressOf(other) === addressOf(server));
    if (same.some((other) => parseServer(other).startcode > startcode)) throw new YouAreDeadError(server);
    const died = same.filter((other) => other !== server);
    for (const other of died) this.bury(other);
    const isNew = !this.online.has(server);
    this.online.add(server);
    if (isNew) this.expected.add(server);
    return { died, joined: isNew ? [server] : [], skewWarning: skewMs > this.settings.warnClockSkewMs };
  }

  /** The children of `/hbase/rs`, all of them. */
  listed(children: readonly string[]): LivenessChange {
    const now = new Set(children);
    const joined = children.filter((server) => !this.online.has(server) && !this.dead.has(server));
    for (const server of children) this.expected.delete(server);
    const died = [...this.online].filter((server) => !now.has(server) && !this.expected.has(server));
    for (const server of died) this.bury(server);
    for (const server of joined) this.online.add(server);
    return { died: died.sort(), joined };
  }

  /** The children of `/hbase/draining`. */
  drained(children: readonly string[]): void {
    this.draining = new Set(children);
  }

  private bury(server: string): void {
    this.online.delete(server);
    this.expected.delete(server);
    this.dead.add(server);
    for (const oldest of this.dead) {
      if (this.dead.size <= MAX_DEAD) break;
      this.dead.delete(oldest);
    }
  }
}
