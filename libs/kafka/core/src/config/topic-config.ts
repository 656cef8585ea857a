/** The configs of a topic: their names, the broker's keys they default to, and what they may be (LogConfig.scala). */
import { ErrorCode, KafkaAnswerError } from '@menagerie/kafka-protocol';

type Kind = 'integer' | 'number' | 'boolean' | 'policy' | readonly string[];

export interface TopicConfigKey {
  readonly name: string;
  /** The broker's key whose value holds for topics that say nothing. */
  readonly brokerKey: string;
  readonly fallback: string;
  readonly kind: Kind;
  readonly min?: number;
}

/** Their defaults stand in keys of the broker that count hours, so that the keys named here have none of their own. */
export const DEFAULT_IN_HOURS: ReadonlySet<string> = new Set(['retention.ms', 'segment.ms', 'segment.jitter.ms']);

const key = (name: string, brokerKey: string, fallback: string | number, kind: Kind, min?: number): TopicConfigKey => ({
  name,
  brokerKey,
  fallback: String(fallback),
  kind,
  ...(min === undefined ? {} : { min }),
});

const WEEK_MS = 7 * 24 * 3_600_000;
const DAY_MS = 24 * 3_600_000;
const FOREVER = '9223372036854775807';

export const topicConfigKeys: readonly TopicConfigKey[] = [
  key('cleanup.policy', 'log.cleanup.policy', 'delete', 'policy'),
  key('compression.type', 'compression.type', 'producer', [
    'producer',
    'uncompressed',
    'gzip',
    'snappy',
    'lz4',
    'zstd',
  ]),
  key('delete.retention.ms', 'log.cleaner.delete.retention.ms', DAY_MS, 'integer', 0),
  key('file.delete.delay.ms', 'log.segment.delete.delay.ms', 60_000, 'integer', 0),
  key('flush.messages', 'log.flush.interval.messages', FOREVER, 'integer', 0),
  key('flush.ms', 'log.flush.interval.ms', FOREVER, 'integer', 0),
  key('follower.replication.throttled.replicas', 'follower.replication.throttled.replicas', '', ['']),
  key('index.interval.bytes', 'log.index.interval.bytes', 4096, 'integer', 0),
  key('leader.replication.throttled.replicas', 'leader.replication.throttled.replicas', '', ['']),
  key('max.compaction.lag.ms', 'log.cleaner.max.compaction.lag.ms', FOREVER, 'integer', 1),
  key('max.message.bytes', 'message.max.bytes', 1_000_012, 'integer', 0),
  key('message.downconversion.enable', 'log.message.downconversion.enable', 'true', 'boolean'),
  key('message.format.version', 'log.message.format.version', '2.4-IV1', ['2.4-IV1']),
  key('message.timestamp.difference.max.ms', 'log.message.timestamp.difference.max.ms', FOREVER, 'integer', 0),
  key('message.timestamp.type', 'log.message.timestamp.type', 'CreateTime', ['CreateTime', 'LogAppendTime']),
  key('min.cleanable.dirty.ratio', 'log.cleaner.min.cleanable.ratio', 0.5, 'number', 0),
  key('min.compaction.lag.ms', 'log.cleaner.min.compaction.lag.ms', 0, 'integer', 0),
  key('min.insync.replicas', 'min.insync.replicas', 1, 'integer', 1),
  key('preallocate', 'log.preallocate', 'false', 'boolean'),
  key('retention.bytes', 'log.retention.bytes', -1, 'integer', -1),
  key('retention.ms', 'log.retention.ms', WEEK_MS, 'integer', -1),
  key('segment.bytes', 'log.segment.bytes', 1024 * 1024 * 1024, 'integer', 14),
  key('segment.index.bytes', 'log.index.size.max.bytes', 10 * 1024 * 1024, 'integer', 0),
  key('segment.jitter.ms', 'log.roll.jitter.ms', 0, 'integer', 0),
  key('segment.ms', 'log.roll.ms', WEEK_MS, 'integer', 1),
  key('unclean.leader.election.enable', 'unclean.leader.election.enable', 'false', 'boolean'),
];

const byName = new Map(topicConfigKeys.map((each) => [each.name, each]));

/** @throws KafkaAnswerError `INVALID_CONFIG` for a key that does not exist or a value it cannot have */
export function checkTopicConfig(name: string, value: string): void {
  const known = byName.get(name);
  const invalid = (problem: string) => new KafkaAnswerError(ErrorCode.INVALID_CONFIG, problem);
  if (known === undefined) throw invalid(`Unknown topic config name: ${name}`);
  const problem = problemOf(known, value);
  if (problem !== null) throw invalid(`Invalid value ${value} for configuration ${name}: ${problem}`);
}

/** What is wrong with a value, or null. */
export function problemOf({ kind, min }: TopicConfigKey, value: string): string | null {
  if (kind === 'boolean') return value === 'true' || value === 'false' ? null : 'expected true or false';
  if (kind === 'policy') {
    const parts = value.split(',').map((part) => part.trim());
    return parts.every((part) => part === 'delete' || part === 'compact') ? null : 'expected compact, delete or both';
  }
  if (kind === 'integer' || kind === 'number') {
    const wellFormed = kind === 'integer' ? /^-?\d{1,19}$/.test(value) : /^-?\d*\.?\d+$/.test(value);
    if (!wellFormed) return kind === 'integer' ? 'expected a whole number' : 'expected a number';
    return min !== undefined && Number(value) < min ? `expected at least ${min}` : null;
  }
  return kind.includes('') || kind.includes(value) ? null : `expected one of ${kind.join(', ')}`;
}
