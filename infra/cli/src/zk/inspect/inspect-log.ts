/** `menagerie zk log FILE`: every transaction of a log, ours or Apache's, and how the file ends. Source: LogFormatter.java. */
import { createReadStream } from 'node:fs';
import { decodeTxnRecord, LogReader, maxFieldBytes, ZkProtocolError } from '@menagerie/zookeeper-protocol';
import { CliError, UsageError } from '../../errors.js';
import type { Output } from '../../context.js';
import { describeRecord, hex, operationName, plain } from './records.js';

export interface InspectOptions {
  readonly json: boolean;
  /** jute.maxbuffer of the server that wrote it. */
  readonly maxBufferBytes: number;
}

/** @throws UsageError if there is no such file, CliError if it is damaged; what was good before was written then */
export async function inspectLog(
  path: string,
  { json, maxBufferBytes }: InspectOptions,
  output: Output,
): Promise<void> {
  const fieldBytes = maxFieldBytes(maxBufferBytes);
  const reader = new LogReader({ maxRecordBytes: fieldBytes });
  let count = 0;
  try {
    for await (const chunk of createReadStream(path)) {
      for (const { offset, bytes } of reader.push(chunk as Buffer)) {
        const record = decodeTxnRecord(bytes, fieldBytes);
        const name = operationName(record.header.type);
        output.line(json ? JSON.stringify(plain({ offset, operation: name, ...record })) : describeRecord(record));
        count++;
      }
      if (reader.ended) break;
    }
    const end = reader.end();
    const last = end.lastZxid === null ? 'none' : `0x${hex(end.lastZxid)}`;
    output.note(`${count} transactions, last zxid ${last}, ends ${end.kind} at byte ${end.offset}`);
  } catch (error) {
    throw problem(path, error);
  }
}

export function problem(path: string, error: unknown): Error {
  if (error instanceof ZkProtocolError) return new CliError('CLI_DAMAGED_FILE', `${path}: ${error.message}`);
  if (error instanceof Error && 'syscall' in error) return new UsageError(error.message);
  return error as Error;
}
