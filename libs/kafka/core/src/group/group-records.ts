/**
 * The records of `__consumer_offsets` (GroupMetadataManager): keys of version 1 are offsets, of version 2 groups; a null
 * value forgets the key.
 */
import { type KafkaRecord, type NewRecord, Reader, Writer } from '@menagerie/kafka-protocol';

import type { TopicPartition } from '../znodes/small-nodes.js';
import type { StoredGroup } from './group.js';

const OFFSET_KEY = 1;
const GROUP_KEY = 2;
const OFFSET_VALUE = 3;
const GROUP_VALUE = 3;

export interface CommittedOffset {
  readonly offset: number;
  readonly leaderEpoch: number;
  readonly metadata: string;
  readonly commitTimestampMs: number;
}

export type GroupRecord =
  | {
      readonly kind: 'offset';
      readonly groupId: string;
      readonly topicPartition: TopicPartition;
      /** Null: forgotten. */
      readonly committed: CommittedOffset | null;
    }
  | { readonly kind: 'group'; readonly groupId: string; readonly group: StoredGroup | null };

function putText(writer: Writer, text: string | null): void {
  if (text === null) return writer.int16(-1);
  writer.int16(Buffer.byteLength(text));
  writer.text(text);
}

function takeText(reader: Reader): string | null {
  const length = reader.int16();
  return length < 0 ? null : reader.text(length);
}

export function offsetRecord(
  groupId: string,
  { topic, partition }: TopicPartition,
  committed: CommittedOffset | null,
  nowMs: number,
): NewRecord {
  const key = new Writer(64);
  key.int16(OFFSET_KEY);
  putText(key, groupId);
  putText(key, topic);
  key.int32(partition);
  if (committed === null) return { key: key.toBuffer(), value: null, timestamp: nowMs };
  const value = new Writer(64);
  value.int16(OFFSET_VALUE);
  value.int64(committed.offset);
  value.int32(committed.leaderEpoch);
  putText(value, committed.metadata);
  value.int64(committed.commitTimestampMs);
  return { key: key.toBuffer(), value: value.toBuffer(), timestamp: nowMs };
}

export function groupRecord(groupId: string, group: StoredGroup | null, nowMs: number): NewRecord {
  const key = new Writer(64);
  key.int16(GROUP_KEY);
  putText(key, groupId);
  if (group === null) return { key: key.toBuffer(), value: null, timestamp: nowMs };
  const value = new Writer();
  value.int16(GROUP_VALUE);
  putText(value, group.protocolType);
  value.int32(group.generationId);
  putText(value, group.protocolName);
  putText(value, group.leader);
  value.int64(nowMs);
  value.int32(group.members.length);
  for (const member of group.members) {
    putText(value, member.memberId);
    putText(value, member.groupInstanceId);
    putText(value, member.clientId);
    putText(value, member.clientHost);
    value.int32(member.rebalanceTimeoutMs);
    value.int32(member.sessionTimeoutMs);
    // Only the chosen protocol's metadata is kept, as Kafka does.
    const chosen = member.protocols.find(({ name }) => name === group.protocolName)?.metadata ?? Buffer.alloc(0);
    for (const bytes of [chosen, member.assignment]) {
      value.int32(bytes.length);
      value.bytes(bytes);
    }
  }
  return { key: key.toBuffer(), value: value.toBuffer(), timestamp: nowMs };
}

/** Null for a record of a kind we do not know. @throws KafkaDecodeError */
export function readGroupRecord({ key, value }: Pick<KafkaRecord, 'key' | 'value'>): GroupRecord | null {
  if (key === null) return null;
  const reader = new Reader(key);
  const version = reader.int16();
  if (version < 0 || version > GROUP_KEY) return null;
  const groupId = takeText(reader) ?? '';
  if (version === GROUP_KEY) return { kind: 'group', groupId, group: value === null ? null : readGroup(value) };
  const topicPartition = { topic: takeText(reader) ?? '', partition: reader.int32() };
  return { kind: 'offset', groupId, topicPartition, committed: value === null ? null : readOffset(value) };
}

function readOffset(value: Buffer): CommittedOffset {
  const reader = new Reader(value);
  const version = reader.int16();
  const offset = reader.int64();
  const leaderEpoch = version >= OFFSET_VALUE ? reader.int32() : -1;
  return { offset, leaderEpoch, metadata: takeText(reader) ?? '', commitTimestampMs: reader.int64() };
}

function readGroup(value: Buffer): StoredGroup {
  const reader = new Reader(value);
  const version = reader.int16();
  const protocolType = takeText(reader) ?? '';
  const generationId = reader.int32();
  const protocolName = takeText(reader);
  const leader = takeText(reader);
  if (version >= 2) reader.int64();
  const members: StoredGroup['members'][number][] = [];
  for (let left = reader.int32(); left > 0; left--) {
    const memberId = takeText(reader) ?? '';
    const groupInstanceId = version >= GROUP_VALUE ? takeText(reader) : null;
    const clientId = takeText(reader) ?? '';
    const clientHost = takeText(reader) ?? '';
    const rebalanceTimeoutMs = version >= 1 ? reader.int32() : 0;
    const sessionTimeoutMs = reader.int32();
    const metadata = reader.bytes(reader.int32());
    const assignment = reader.bytes(reader.int32());
    members.push({
      memberId,
      groupInstanceId,
      clientId,
      clientHost,
      rebalanceTimeoutMs: rebalanceTimeoutMs || sessionTimeoutMs,
      sessionTimeoutMs,
      protocols: [{ name: protocolName ?? '', metadata }],
      assignment,
    });
  }
  return { generationId, protocolType, protocolName, leader, members };
}
