/**
 * Acknowledgements of proposals: each one, in order, and none before it is on disk. The leader may be Apache's, which
 * counts them one by one, so none is left out even if its commit has come already. Source: SendAckRequestProcessor.java.
 */
import { PacketType } from '@menagerie/zookeeper-protocol';
import type { PacketBatch } from '../packets.js';

export class ProposalAcks {
  /** Last one acknowledged; null until NEWLEADER is, which has to be first (ZOOKEEPER-4685). */
  private acked: bigint | null = null;
  /** Last one of this epoch that was appended. */
  private appended = 0n;
  private durableZxid = 0n;

  constructor(
    private readonly toLeader: PacketBatch,
    private readonly isSilent: boolean,
  ) {}

  /** From now on. @param lastCommitted what needs none: everything up to here, all of it in this epoch or before */
  start(lastCommitted: bigint): void {
    this.acked = lastCommitted;
    this.send();
  }

  append(zxid: bigint): void {
    this.appended = zxid;
  }

  durable(zxid: bigint): void {
    if (zxid > this.durableZxid) this.durableZxid = zxid;
    this.send();
  }

  private send(): void {
    if (this.acked === null || this.isSilent) return;
    const last = this.durableZxid < this.appended ? this.durableZxid : this.appended;
    while (this.acked < last) {
      this.acked += 1n;
      this.toLeader.add(PacketType.ACK, this.acked);
    }
  }
}
