/** What a leader and its learners say to each other. Source: QuorumPacket in zookeeper.jute, Leader.java (types). */
import type { Id } from '../types.js';

export const PacketType = {
  REQUEST: 1,
  PROPOSAL: 2,
  ACK: 3,
  COMMIT: 4,
  PING: 5,
  REVALIDATE: 6,
  SYNC: 7,
  INFORM: 8,
  COMMITANDACTIVATE: 9,
  NEWLEADER: 10,
  FOLLOWERINFO: 11,
  UPTODATE: 12,
  DIFF: 13,
  TRUNC: 14,
  SNAP: 15,
  OBSERVERINFO: 16,
  LEADERINFO: 17,
  ACKEPOCH: 18,
  INFORMANDACTIVATE: 19,
} as const;

export type PacketType = (typeof PacketType)[keyof typeof PacketType];

const namesByType = new Map<number, keyof typeof PacketType>(
  (Object.keys(PacketType) as (keyof typeof PacketType)[]).map((name) => [PacketType[name], name]),
);

/** The name of a packet type for logs and metrics; null for an unknown one. */
export function packetTypeName(type: number): keyof typeof PacketType | null {
  return namesByType.get(type) ?? null;
}

export interface QuorumPacket {
  /** One of `PacketType`; kept a number because an unknown one is ignored, not refused. */
  readonly type: number;
  readonly zxid: bigint;
  readonly data: Buffer | null;
  /** Identities of the client behind a REQUEST; null in all other packets. */
  readonly authinfo: readonly Id[] | null;
}
