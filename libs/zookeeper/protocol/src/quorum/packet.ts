/**
 * A packet between leader and learner. There is no length in front of it: the stream is only as good as its reader.
 *
 *   QuorumPacket = int type, long zxid, buffer data, vector<Id> authinfo
 */
import type { JuteReader } from '../jute/reader.js';
import type { JuteWriter } from '../jute/writer.js';
import { decodeId, encodeId } from '../records.js';
import type { QuorumPacket } from './types.js';

export function encodeQuorumPacket(writer: JuteWriter, packet: QuorumPacket): void {
  writer.writeInt(packet.type);
  writer.writeLong(packet.zxid);
  writer.writeBuffer(packet.data);
  writer.writeVector(packet.authinfo, encodeId);
}

export function decodeQuorumPacket(reader: JuteReader): QuorumPacket {
  const type = reader.readInt();
  const zxid = reader.readLong();
  const data = reader.readBuffer();
  return { type, zxid, data, authinfo: reader.readVector(decodeId) };
}
