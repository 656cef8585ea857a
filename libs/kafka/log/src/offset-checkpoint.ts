/** A checkpoint with one offset a partition: recovery points, high watermarks, log start offsets. */
import { readCheckpoint, writeCheckpoint } from './checkpoint-file.js';
import { CheckpointError } from './errors.js';
import { partitionName, type TopicPartition } from './file-names.js';

export type PartitionOffsets = ReadonlyMap<string, number>;

/** By `partitionName`. @throws CheckpointError */
export function readOffsets(path: string): PartitionOffsets {
  const offsets = new Map<string, number>();
  for (const line of readCheckpoint(path)) {
    const match = /^(\S+) (\d+) (\d+)$/.exec(line);
    if (match === null)
      throw new CheckpointError(path, `expected "topic partition offset", got ${JSON.stringify(line)}`);
    offsets.set(partitionName({ topic: match[1]!, partition: Number(match[2]) }), Number(match[3]));
  }
  return offsets;
}

export function writeOffsets(path: string, offsets: Iterable<readonly [TopicPartition, number]>): void {
  const lines = Array.from(offsets, ([{ topic, partition }, offset]) => `${topic} ${partition} ${offset}`);
  writeCheckpoint(path, lines);
}
