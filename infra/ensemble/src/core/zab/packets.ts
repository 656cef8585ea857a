/** Packets on their way out, and transactions out of packets that came in. */
import {
  decodeTxnRecord,
  encodeQuorumPacket,
  type Id,
  JuteWriter,
  packetTypeName,
  type PacketType,
  type QuorumPacket,
} from '@menagerie/zookeeper-protocol';
import { type Proposal, type ServerId } from '../contract/index.js';

/** Filled anew for each packet, so that none costs an object. */
type Scratch = { -readonly [Field in keyof QuorumPacket]: QuorumPacket[Field] };

/** What one turn has to say to the same listeners, as one buffer. */
export class PacketBatch {
  private readonly writer = new JuteWriter();
  private readonly scratch: Scratch = { type: 0, zxid: 0n, data: null, authinfo: null };

  get isEmpty(): boolean {
    return this.writer.length === 0;
  }

  add(type: PacketType, zxid: bigint, data: Buffer | null = null, authinfo: readonly Id[] | null = null): void {
    const { scratch } = this;
    scratch.type = type;
    scratch.zxid = zxid;
    scratch.data = data;
    scratch.authinfo = authinfo;
    encodeQuorumPacket(this.writer, scratch);
  }

  /** Everything since the last call; never changed afterwards. */
  take(): Buffer {
    return this.writer.toBuffer();
  }
}

/** Shared by all calls: none of them gives control away while it writes. */
const single = new PacketBatch();

export function encodePacket(type: PacketType, zxid: bigint, data: Buffer | null = null): Buffer {
  single.add(type, zxid, data);
  return single.take();
}

const ACTIVATION_BYTES = 8;

/** COMMITANDACTIVATE: who leads from here on. INFORMANDACTIVATE: that, and the transaction. */
export function activationData(leader: ServerId, transaction: Buffer | null): Buffer {
  const head = Buffer.alloc(ACTIVATION_BYTES);
  head.writeBigInt64BE(BigInt(leader));
  return transaction === null ? head : Buffer.concat([head, transaction]);
}

/** @returns null for what is no such thing */
export function decodeActivation(data: Buffer | null): { leader: ServerId; transaction: Buffer } | null {
  if (data === null || data.length < ACTIVATION_BYTES) return null;
  return { leader: Number(data.readBigInt64BE(0)), transaction: data.subarray(ACTIVATION_BYTES) };
}

/** @throws ZkProtocolError for bytes that are no transaction */
export function decodeProposal(bytes: Buffer, maxFieldBytes: number): Proposal {
  const { header, txn, digest } = decodeTxnRecord(bytes, maxFieldBytes);
  return { zxid: header.zxid, header, txn, digest, bytes };
}

export const packetName = (packet: QuorumPacket): string => packetTypeName(packet.type) ?? `type ${packet.type}`;
