/** What the specs of this folder share: sockets that are closed with the test, and waiting on a condition. */
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { NetLog } from './types.js';

export interface RecordedLine {
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export function recordingLog(): NetLog & { readonly lines: RecordedLine[] } {
  const lines: RecordedLine[] = [];
  const record = (event: string, fields = {}) => void lines.push({ event, fields });
  return { lines, debug: () => undefined, info: record, warn: record };
}

export interface Visitor {
  readonly socket: Socket;
  /** All that came so far. */
  received(): Buffer;
  readonly closed: Promise<void>;
}

export function visit(port: number): Visitor {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  let bytes = Buffer.alloc(0);
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => (bytes = Buffer.concat([bytes, chunk])));
  onTestFinished(() => void socket.destroy());
  return { socket, received: () => bytes, closed: new Promise((resolve) => socket.on('close', () => resolve())) };
}

/** Polls until `condition` holds; the deadline only ends a test that has failed. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited 10 s in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
