/** The protocol library's recordings of Apache's servers, which are the first inputs of most targets. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../../../../libs/zookeeper/protocol/src/__fixtures__');

export interface CapturedConnection {
  readonly dialler: Buffer;
  readonly acceptor: Buffer;
}

export function capturedConnections(name: 'client' | 'quorum' | 'election'): CapturedConnection[] {
  const connections = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Record<string, string>[];
  return connections.map(({ dialler = '', acceptor = '' }) => ({
    dialler: Buffer.from(dialler, 'base64'),
    acceptor: Buffer.from(acceptor, 'base64'),
  }));
}

export const capturedFile = (name: 'log.bin' | 'snapshot.bin'): Buffer => readFileSync(join(folder, name));
