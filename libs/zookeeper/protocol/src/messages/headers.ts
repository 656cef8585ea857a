/**
 * What stands in front of every message but the two of the handshake.
 *
 *   RequestHeader = int xid, int type
 *   ReplyHeader   = int xid, long zxid, int err
 *
 * The record that belongs to the type follows; in a reply only if err is 0 (a refused SASL token is the one exception).
 */
import type { JuteReader } from '../jute/reader.js';
import type { JuteWriter } from '../jute/writer.js';
export interface RequestHeader {
  readonly xid: number;
  /** One of `OpCode`; kept a number because any number can arrive. */
  readonly type: number;
}

export interface ReplyHeader {
  readonly xid: number;
  /** The last zxid the answering server had applied; in a watch event the one of the triggering transaction, or -1. */
  readonly zxid: bigint;
  /** One of `ErrorCode`; kept a number because newer servers know more. */
  readonly err: number;
}

export function encodeRequestHeader(writer: JuteWriter, header: RequestHeader): void {
  writer.writeInt(header.xid);
  writer.writeInt(header.type);
}

export function decodeRequestHeader(reader: JuteReader): RequestHeader {
  const xid = reader.readInt();
  return { xid, type: reader.readInt() };
}

export function encodeReplyHeader(writer: JuteWriter, header: ReplyHeader): void {
  writer.writeInt(header.xid);
  writer.writeLong(header.zxid);
  writer.writeInt(header.err);
}

export function decodeReplyHeader(reader: JuteReader): ReplyHeader {
  const xid = reader.readInt();
  const zxid = reader.readLong();
  return { xid, zxid, err: reader.readInt() };
}
