/** What an agent remembers of a source over its own death: which file holds which part of the stream. */
import { createHash } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { type History, LogsError } from '@menagerie/logs-core';
import { z } from 'zod';

const offset = z.int().min(0);
const checkpointSchema = z.object({
  version: z.literal(1),
  segments: z
    .array(z.object({ base: offset, fileId: z.string().max(64), fileStart: offset, length: offset }))
    .min(1)
    .max(1_000),
  /** How the last segment's file began: its number may belong to another file by now. */
  head: z.object({ bytes: offset, sha256: z.string() }),
});
export type Checkpoint = z.infer<typeof checkpointSchema>;
export type Head = Checkpoint['head'];

const HEAD_BYTES = 256;

const fileOf = (folder: string, source: string): string => join(folder, `${source}.history.json`);

/** @returns null when there is none. @throws LogsError `LOGS_BAD_PAYLOAD` when it cannot be read: not to be guessed at */
export async function readCheckpoint(folder: string, source: string): Promise<Checkpoint | null> {
  const file = fileOf(folder, source);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const parsed = checkpointSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new LogsError('LOGS_BAD_PAYLOAD', `${file}: expected a history of version 1, got something else`, false);
}

export async function writeCheckpoint(folder: string, source: string, history: History, head: Head): Promise<void> {
  const file = fileOf(folder, source);
  const draft = `${file}.draft`;
  const handle = await open(draft, 'w');
  try {
    await handle.writeFile(JSON.stringify({ version: 1, segments: [...history.segments], head } satisfies Checkpoint));
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
}

/** @param most as many bytes as were there when the head was taken, for a comparison */
export async function readHead(file: FileHandle, most: number = HEAD_BYTES): Promise<Head> {
  const { buffer, bytesRead } = await file.read(
    Buffer.alloc(Math.min(most, HEAD_BYTES)),
    0,
    Math.min(most, HEAD_BYTES),
    0,
  );
  return { bytes: bytesRead, sha256: createHash('sha256').update(buffer.subarray(0, bytesRead)).digest('hex') };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
