/**
 * Writes snapshots piece by piece, so that no piece holds up who makes it.
 *
 *   body    = int count, (long sessionId, int timeOut)*, int count, (long index, vector<ACL>)*, node*, ustring "/"
 *   node    = ustring path, buffer data, long aclIndex, StatPersisted
 *   network = body, ustring "BenWasHere"
 *   file    = int "ZKSN", int 2, long dbid, body, seal, digest, seal, [long lastProcessedZxid, seal]
 *   seal    = long Adler-32 of all bytes before it, ustring "/"
 *   digest  = long zxid, int version, long treeDigest
 *
 * Source: FileSnap.serialize, SnapStream.sealStream, DataTree.serializeNode, LearnerHandler.run.
 */
import { ADLER32_INITIAL, adler32 } from '../checksum/adler32.js';
import { JuteWriter } from '../jute/writer.js';
import { encodeAclList, encodeStatPersisted } from '../records.js';
import type { Acl, StatPersisted } from '../types.js';
import type { SnapshotTrailer } from './types.js';

/** "ZKSN" */
export const SNAPSHOT_MAGIC = 0x5a4b534e;
export const SNAPSHOT_VERSION = 2;
/** Apache writes this and reads anything. */
export const SNAPSHOT_DB_ID = -1n;

/** The path that ends the nodes; the root itself is written as "". */
export const SNAPSHOT_END_PATH = '/';

/** What a leader writes behind a body, so that the learner knows that it kept in step. */
export const SNAPSHOT_SIGNATURE = 'BenWasHere';

export function encodeSnapshotHeader(writer: JuteWriter, dbId: bigint = SNAPSHOT_DB_ID): void {
  writer.writeInt(SNAPSHOT_MAGIC);
  writer.writeInt(SNAPSHOT_VERSION);
  writer.writeLong(dbId);
}

/** Comes before the sessions, of which there must then be exactly as many. */
export function encodeSnapshotSessionCount(writer: JuteWriter, count: number): void {
  writer.writeInt(count);
}

export function encodeSnapshotSession(writer: JuteWriter, sessionId: bigint, timeoutMs: number): void {
  writer.writeLong(sessionId);
  writer.writeInt(timeoutMs);
}

/** Comes before the ACLs, of which there must then be exactly as many. */
export function encodeSnapshotAclCount(writer: JuteWriter, count: number): void {
  writer.writeInt(count);
}

export function encodeSnapshotAcl(writer: JuteWriter, index: number, acl: readonly Acl[]): void {
  writer.writeLongFromNumber(index);
  encodeAclList(writer, acl);
}

export function encodeSnapshotNode(
  writer: JuteWriter,
  path: string,
  data: Uint8Array | null,
  aclIndex: number,
  stat: StatPersisted,
): void {
  writer.writeString(path);
  writer.writeBuffer(data);
  writer.writeLongFromNumber(aclIndex);
  encodeStatPersisted(writer, stat);
}

/** Ends the body. */
export function encodeSnapshotEnd(writer: JuteWriter): void {
  writer.writeString(SNAPSHOT_END_PATH);
}

/** Ends the network form. */
export function encodeSnapshotSignature(writer: JuteWriter): void {
  writer.writeString(SNAPSHOT_SIGNATURE);
}

/**
 * Makes a file out of a body: `header()`, then the body's pieces, each shown to `body()`, then `trailer()`; all to be
 * written in this order.
 */
export class SnapshotFileFrame {
  private readonly writer = new JuteWriter(256);
  private checksum = ADLER32_INITIAL;

  header(dbId: bigint = SNAPSHOT_DB_ID): Buffer {
    encodeSnapshotHeader(this.writer, dbId);
    return this.take();
  }

  /** @returns the piece itself */
  body(piece: Buffer): Buffer {
    this.checksum = adler32(piece, this.checksum);
    return piece;
  }

  trailer(trailer: SnapshotTrailer): Buffer {
    const parts = [this.seal()];
    if (trailer.digest !== null) {
      this.writer.writeLong(trailer.digest.zxid);
      this.writer.writeInt(trailer.digest.version);
      this.writer.writeLong(trailer.digest.treeDigest);
      parts.push(this.take(), this.seal());
    }
    if (trailer.lastProcessedZxid !== null) {
      this.writer.writeLong(trailer.lastProcessedZxid);
      parts.push(this.take(), this.seal());
    }
    return Buffer.concat(parts);
  }

  /** A seal covers the seals before it. */
  private seal(): Buffer {
    this.writer.writeLongFromNumber(this.checksum);
    this.writer.writeString(SNAPSHOT_END_PATH);
    return this.take();
  }

  private take(): Buffer {
    return this.body(this.writer.toBuffer());
  }
}
