/** A program that logs for as long as a demo lasts. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LineWriter } from '@menagerie/logs-testing';

const WRITE_EVERY_MS = 50;
const MAX_LINES = 8;

/** Up to eight lines, twenty times a second, until one of the signals. */
export async function writeUntil(writer: LineWriter, ...signals: readonly AbortSignal[]): Promise<void> {
  const either = AbortSignal.any([...signals]);
  while (!either.aborted) {
    writer.write(Math.floor(Math.random() * MAX_LINES));
    await sleep(WRITE_EVERY_MS, undefined, { signal: either }).catch(() => undefined);
  }
}
