/** The load: a C program on librdkafka, compiled on demand, which prints what it did as one line of JSON. */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from '@menagerie/platform-testing';

const run = promisify(execFile);
const RUN_MS = 120_000;

export const librdkafkaMissing = (): string | null =>
  spawnSync('sh', ['-c', 'echo "#include <librdkafka/rdkafka.h>" | cc -E -']).status === 0
    ? null
    : 'expected a C compiler and librdkafka-dev, which is the load';

async function program(): Promise<string> {
  const source = join(repositoryRoot(), 'apps/kafka/broker/src/__fixtures__/librdkafka-client.c');
  const binary = join(repositoryRoot(), 'test/bench/dist/native/librdkafka-client');
  if (!existsSync(binary) || statSync(binary).mtimeMs < statSync(source).mtimeMs) {
    mkdirSync(dirname(binary), { recursive: true });
    await run('cc', ['-O2', '-o', binary, source, '-lrdkafka', '-lpthread']);
  }
  return binary;
}

export interface ClientResult {
  readonly messages: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Of the modes that measure it, in milliseconds. */
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  readonly maxMs?: number;
}

/** @throws Error with the program's own words when it fails */
export async function librdkafka(...args: readonly (string | number)[]): Promise<ClientResult> {
  const { stderr } = await run(await program(), args.map(String), { timeout: RUN_MS, maxBuffer: 16 * 1024 * 1024 });
  return JSON.parse(stderr.trim().split('\n').at(-1)!) as ClientResult;
}
