/**
 * Streams a snapshot to one learner at the learner's pace, and holds back what must follow it.
 * The tree goes on changing meanwhile; the source hands out the state of the moment it was begun.
 */
import type { Socket } from 'node:net';
import { encodeSnapshotSignature, JuteWriter } from '@menagerie/zookeeper-protocol';
import type { SnapshotSource } from '../../core/contract/index.js';
import { reasonOf } from './types.js';

/** Small enough that one piece is made in about a millisecond. */
const PIECE_BYTES = 128 * 1024;
/** Proposals and commits that may pile up behind a snapshot; a learner that needs longer starts again. */
const MAX_HELD_BACK_BYTES = 256 << 20;

export class SnapshotSender {
  private heldBack: Buffer[] = [];
  private heldBackBytes = 0;
  private over = false;

  constructor(
    private readonly socket: Socket,
    private readonly source: SnapshotSource,
    /** Gets everything that was held back, in order, once the snapshot is out. */
    private readonly onDone: (heldBack: readonly Buffer[]) => void,
    /** It came to nothing: too much was held back, or the source gave up. The connection is of no use any more. */
    private readonly onFailed: (reason: string) => void,
  ) {
    socket.once('close', this.abort);
    setImmediate(this.pump);
  }

  holdBack(bytes: Buffer): void {
    this.heldBack.push(bytes);
    this.heldBackBytes += bytes.length;
    if (this.heldBackBytes > MAX_HELD_BACK_BYTES && !this.over) {
      this.abort();
      this.onFailed('too much to send behind a snapshot');
    }
  }

  private readonly pump = (): void => {
    if (this.over) return;
    let piece: Buffer | null;
    try {
      piece = this.source.next(PIECE_BYTES);
    } catch (error) {
      this.abort();
      this.onFailed(reasonOf(error));
      return;
    }
    if (piece !== null) {
      if (this.socket.write(piece)) setImmediate(this.pump);
      else this.socket.once('drain', this.pump);
      return;
    }
    const signature = new JuteWriter(64);
    encodeSnapshotSignature(signature);
    this.socket.write(signature.toBuffer());
    this.over = true;
    this.socket.off('close', this.abort);
    this.onDone(this.heldBack);
  };

  private readonly abort = (): void => {
    if (this.over) return;
    this.over = true;
    this.heldBack = [];
    this.source.abort();
  };
}
