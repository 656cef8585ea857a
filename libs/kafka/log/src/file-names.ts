/** Kafka's names for files and folders. */
import { join } from 'node:path';

/** Offsets are 20 digits wide, so that names sort as their offsets do. */
const name = (offset: number): string => String(offset).padStart(20, '0');

export const logFile = (dir: string, baseOffset: number) => join(dir, `${name(baseOffset)}.log`);
export const offsetIndexFile = (dir: string, baseOffset: number) => join(dir, `${name(baseOffset)}.index`);
export const timeIndexFile = (dir: string, baseOffset: number) => join(dir, `${name(baseOffset)}.timeindex`);
export const txnIndexFile = (dir: string, baseOffset: number) => join(dir, `${name(baseOffset)}.txnindex`);
export const producerSnapshotFile = (dir: string, offset: number) => join(dir, `${name(offset)}.snapshot`);

/** Written aside before it replaces a segment; of no meaning after a crash. */
export const cleanedFile = (dir: string, baseOffset: number) => join(dir, `${name(baseOffset)}.log.cleaned`);

/** The offset in a name with this ending; null for another file. */
export function offsetInName(file: string, ending: string): number | null {
  const match = /^(\d{20})\.(\w+)$/.exec(file);
  return match !== null && match[2] === ending ? Number(match[1]) : null;
}

export const LEADER_EPOCH_CHECKPOINT = 'leader-epoch-checkpoint';
export const RECOVERY_POINT_CHECKPOINT = 'recovery-point-offset-checkpoint';
export const HIGH_WATERMARK_CHECKPOINT = 'replication-offset-checkpoint';
export const LOG_START_CHECKPOINT = 'log-start-offset-checkpoint';
export const CLEANER_CHECKPOINT = 'cleaner-offset-checkpoint';
export const CLEAN_SHUTDOWN_FILE = '.kafka_cleanshutdown';
export const META_PROPERTIES = 'meta.properties';
export const DELETE_ENDING = '-delete';

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export const partitionName = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`;

/** `my-topic-3` is partition 3 of `my-topic`; null for a folder that is no partition's. */
export function parsePartitionName(folder: string): TopicPartition | null {
  const match = /^(.+)-(\d+)$/.exec(folder);
  return match === null ? null : { topic: match[1]!, partition: Number(match[2]) };
}
