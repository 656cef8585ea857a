/**
 * Sessions that only the server knows whose clients they are: no transaction begins or ends them, and none of their
 * nodes ends with them. One that wants an ephemeral node becomes a session like all others first, if it may.
 * Source: UpgradeableSessionTracker.java, LocalSessionTracker.java, QuorumZooKeeperServer.checkUpgradeSession.
 */
import {
  decodeCreateRequest,
  decodeMultiRequest,
  isCreateMode,
  isEphemeral,
  JuteReader,
  OpCode,
  ZkProtocolError,
} from '@menagerie/zookeeper-protocol';
import { SessionTracker, type TrackedSession } from '../session/index.js';

export class LocalSessions {
  /** Limit: the connections of this server, and those that went away without a word, until they expire. */
  private readonly tracker: SessionTracker;

  /** @param isUpgradable `localSessionsUpgradingEnabled` */
  constructor(
    tickTimeMs: number,
    nowMs: number,
    readonly isUpgradable: boolean,
  ) {
    this.tracker = new SessionTracker(tickTimeMs, [], nowMs);
  }

  get size(): number {
    return this.tracker.size;
  }

  get(id: bigint): TrackedSession | null {
    return this.tracker.get(id) ?? null;
  }

  begin(id: bigint, timeoutMs: number, nowMs: number): TrackedSession {
    return this.tracker.track(id, timeoutMs, nowMs);
  }

  /** @returns whether it is alive */
  touch(session: TrackedSession, timeoutMs: number, nowMs: number): boolean {
    return this.tracker.touchTracked(session, timeoutMs, nowMs);
  }

  remove(id: bigint): void {
    this.tracker.remove(id);
  }

  nextExpiryMs(): number | null {
    return this.tracker.nextExpiryMs();
  }

  /** Those that nobody heard from in time; they are gone. */
  takeExpired(nowMs: number): readonly bigint[] {
    const expired = this.tracker.takeExpired(nowMs).map(({ id }) => id);
    for (const id of expired) this.tracker.remove(id);
    return expired;
  }
}

/** Whether the request makes a node that lives as long as its session. One that can not be read does not. */
export function createsEphemeral(type: number, body: Buffer, maxFieldBytes: number): boolean {
  if (type !== OpCode.create && type !== OpCode.create2 && type !== OpCode.multi) return false;
  const reader = new JuteReader(body, maxFieldBytes);
  try {
    if (type !== OpCode.multi) return isEphemeralFlag(decodeCreateRequest(reader).flags);
    return decodeMultiRequest(reader).ops.some(
      (op) => (op.type === OpCode.create || op.type === OpCode.create2) && isEphemeralFlag(op.request.flags),
    );
  } catch (error) {
    if (error instanceof ZkProtocolError) return false;
    throw error;
  }
}

const isEphemeralFlag = (flags: number): boolean => isCreateMode(flags) && isEphemeral(flags);
