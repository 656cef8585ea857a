/** Calls a second and their latency, the same load for every contestant. */
import { Agent, request } from 'node:http';
import { Client, credentials } from '@grpc/grpc-js';
import type { PartContext, Recorder, Target } from '../harness/bench.js';
import type { Stage } from './stage.js';
import { decode, encode, PATH } from './wire.js';

export type Contestant = 'menagerie' | 'grpc-js' | 'http';

const WARMUP_MS = 1_000;

interface Caller {
  call(text: string): Promise<unknown>;
  close(): Promise<void> | void;
}

export async function measureCalls(
  stage: Stage,
  contestant: Contestant,
  bytes: number,
  row: string,
  record: Recorder,
  context: PartContext,
  target?: Target,
): Promise<void> {
  const { child, ports } = await stage.provider('calls');
  const caller = await open(stage, contestant, ports);
  try {
    const text = 'x'.repeat(bytes);
    const links = context.setting('callers');
    await load(caller, text, links, WARMUP_MS);
    const cpu = process.cpuUsage();
    const { latenciesMs, tookMs } = await load(caller, text, links, context.measureMs);
    const { user, system } = process.cpuUsage(cpu);
    latenciesMs.sort((a, b) => a - b);
    const percentile = (share: number): number => latenciesMs[Math.floor(latenciesMs.length * share)] ?? 0;
    const name = (what: string): string => `${row}: ${what}`;
    record.add({ name: name('calls'), unit: '1/s', ...(target && { target }) }, (latenciesMs.length * 1_000) / tookMs);
    record.add({ name: name('p99'), unit: 'ms' }, percentile(0.99));
    record.add({ name: name('CPU a call'), unit: 'us' }, (user + system) / latenciesMs.length);
  } finally {
    await caller.close();
    child.kill('SIGKILL');
  }
}

async function load(caller: Caller, text: string, links: number, forMs: number) {
  const latenciesMs: number[] = [];
  const beganMs = performance.now();
  const worker = async (): Promise<void> => {
    for (;;) {
      const sentMs = performance.now();
      if (sentMs - beganMs >= forMs) return;
      const answer = await caller.call(text);
      if (answer !== text) throw new Error('expected what was sent, got something else');
      latenciesMs.push(performance.now() - sentMs);
    }
  };
  await Promise.all(Array.from({ length: links }, worker));
  return { latenciesMs, tookMs: performance.now() - beganMs };
}

async function open(stage: Stage, contestant: Contestant, ports: { grpc: number; http: number }): Promise<Caller> {
  if (contestant === 'menagerie') {
    const { reference, close } = await stage.reference();
    await waitForProvider(reference);
    return { call: (text) => reference.call('echo', [text]), close };
  }
  if (contestant === 'grpc-js') {
    const client = new Client(`127.0.0.1:${ports.grpc}`, credentials.createInsecure());
    return {
      call: (text) =>
        new Promise((resolve, reject) => {
          const options = { deadline: Date.now() + 5_000 };
          client.makeUnaryRequest<unknown, unknown>(PATH, encode, decode, [text], options, (error, value) =>
            error === null ? resolve(value) : reject(error),
          );
        }),
      close: () => client.close(),
    };
  }
  const agent = new Agent({ keepAlive: true });
  return {
    call: (text) => post(agent, ports.http, text),
    close: () => agent.destroy(),
  };
}

function post(agent: Agent, port: number, text: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const body = encode([text]);
    const headers = {
      'content-type': 'application/json',
      'content-length': body.length,
    };
    const options = {
      agent,
      host: '127.0.0.1',
      port,
      method: 'POST',
      path: PATH,
      headers,
      timeout: 5_000,
    };
    request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(decode(Buffer.concat(chunks))));
    })
      .on('error', reject)
      .end(body);
  });
}

async function waitForProvider(reference: { readonly providers: readonly unknown[] }): Promise<void> {
  const endMs = performance.now() + 30_000;
  while (reference.providers.length !== 1) {
    if (performance.now() > endMs) throw new Error(`expected one provider, got ${reference.providers.length}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
