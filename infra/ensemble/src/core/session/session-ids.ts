/** New session ids: the server's number, the clock at its start, and a counter. */
import { CONTAINER_OWNER, firstSessionId } from '@menagerie/zookeeper-protocol';
import type { ServerId } from '../contract/index.js';

/** The server that made the session. */
export const serverOfSession = (id: bigint): ServerId => Number(BigInt.asUintN(64, id) >> 56n);

export class SessionIds {
  private nextId: bigint;

  /** @param nowMs wall clock: Apache's own clock since boot gives ids out again after a reboot */
  constructor(serverId: ServerId, nowMs: number) {
    this.nextId = firstSessionId(serverId, nowMs);
  }

  /** @param isTaken whether some session has this id already: clocks are set back */
  next(isTaken: (id: bigint) => boolean): bigint {
    while (isTaken(this.nextId) || this.nextId === CONTAINER_OWNER || this.nextId === 0n) this.advance();
    const id = this.nextId;
    this.advance();
    return id;
  }

  private advance(): void {
    this.nextId = BigInt.asIntN(64, this.nextId + 1n);
  }
}
