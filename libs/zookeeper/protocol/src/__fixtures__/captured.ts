/** The captured bytes, and ways to feed them in pieces, for the specs. */
import { readFileSync } from 'node:fs';

export interface CapturedConnection {
  /** What the side that opened the connection sent. */
  readonly dialler: Buffer;
  readonly acceptor: Buffer;
}

export function capturedFile(name: 'log.bin' | 'snapshot.bin'): Buffer {
  return readFileSync(new URL(name, import.meta.url));
}

export function capturedConnections(name: 'client.json' | 'quorum.json' | 'election.json'): CapturedConnection[] {
  const connections = JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8')) as Record<string, string>[];
  return connections.map(({ dialler, acceptor }) => ({
    dialler: Buffer.from(dialler!, 'base64'),
    acceptor: Buffer.from(acceptor!, 'base64'),
  }));
}

/** The same bytes in chunks of one size, each in memory of its own, as sockets bring them. */
export function inChunks(bytes: Buffer, size: number): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(Buffer.from(bytes.subarray(at, at + size)));
  return chunks;
}

/** Java writes what is outside of the basic plane as two surrogates; we never do, so such bytes do not come back. */
export function hasEncodedSurrogates(bytes: Buffer): boolean {
  return bytes.some((byte, at) => byte === 0xed && bytes[at + 1]! >= 0xa0);
}
