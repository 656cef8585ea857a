/**
 * One direction of a connection between leader and learner, out of chunks of any size.
 *
 *   stream   = (packet | SNAP packet, snapshot body, ustring "BenWasHere")*
 *
 * The snapshot has no length either, so whether one follows has to be known: it does on a learner's side behind every
 * SNAP, and never on a leader's side.
 */
import { SnapshotSignatureError } from '../errors.js';
import { DEFAULT_MAX_FIELD_BYTES } from '../jute/limits.js';
import type { JuteReader } from '../jute/reader.js';
import { SnapshotStreamDecoder } from '../snapshot/decode.js';
import { SNAPSHOT_SIGNATURE } from '../snapshot/encode.js';
import type { SnapshotItem } from '../snapshot/types.js';
import { RecordStream } from '../stream/record-stream.js';
import { decodeQuorumPacket } from './packet.js';
import { PacketType, type QuorumPacket } from './types.js';

export type QuorumStreamItem =
  | { readonly kind: 'packet'; readonly packet: QuorumPacket }
  | { readonly kind: 'snapshotItem'; readonly item: SnapshotItem }
  /** The whole snapshot was there, and its end mark. */
  | { readonly kind: 'snapshotEnd' };

export interface QuorumStreamDecoderOptions {
  /** Whose ears these are. */
  readonly side: 'leader' | 'learner';
  readonly maxFieldBytes?: number;
}

export class QuorumStreamDecoder {
  private readonly maxFieldBytes: number;
  private readonly isLearner: boolean;
  private readonly records: RecordStream;
  /** Set while a snapshot's body is being read; bytes go there first. */
  private snapshot: SnapshotStreamDecoder | null = null;
  private expectsSignature = false;

  constructor(options: QuorumStreamDecoderOptions) {
    this.maxFieldBytes = options.maxFieldBytes ?? DEFAULT_MAX_FIELD_BYTES;
    this.isLearner = options.side === 'learner';
    this.records = new RecordStream(this.maxFieldBytes);
  }

  /**
   * Takes the next bytes and returns what they complete, in order.
   *
   * @throws JuteError, SnapshotError, SnapshotSignatureError; the connection is of no use after any of them
   */
  push(chunk: Buffer): QuorumStreamItem[] {
    const items: QuorumStreamItem[] = [];
    let bytes: Buffer | null = chunk;
    while (bytes !== null)
      bytes = this.snapshot === null ? this.readRecords(bytes, items) : this.readSnapshot(bytes, items);
    return items;
  }

  /** @returns the bytes behind a SNAP packet, null if there was none */
  private readRecords(bytes: Buffer, items: QuorumStreamItem[]): Buffer | null {
    this.records.push(bytes);
    for (;;) {
      if (this.expectsSignature) {
        const signature = this.records.next(decodeSignature);
        if (signature === null) return null;
        if (signature.text !== SNAPSHOT_SIGNATURE) throw new SnapshotSignatureError(signature.text);
        this.expectsSignature = false;
        items.push({ kind: 'snapshotEnd' });
      }
      const packet = this.records.next(decodeQuorumPacket);
      if (packet === null) return null;
      items.push({ kind: 'packet', packet });
      if (this.isLearner && packet.type === PacketType.SNAP) {
        this.snapshot = new SnapshotStreamDecoder({ form: 'network', maxFieldBytes: this.maxFieldBytes });
        return this.records.takeRest();
      }
    }
  }

  /** @returns the bytes behind the snapshot's body, null if it has not ended */
  private readSnapshot(bytes: Buffer, items: QuorumStreamItem[]): Buffer | null {
    const snapshot = this.snapshot!;
    for (const item of snapshot.push(bytes)) items.push({ kind: 'snapshotItem', item });
    if (!snapshot.done) return null;
    this.snapshot = null;
    this.expectsSignature = true;
    return snapshot.takeRest();
  }
}

function decodeSignature(reader: JuteReader): { text: string | null } {
  return { text: reader.readString() };
}
