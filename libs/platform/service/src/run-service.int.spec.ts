/** A service as a real process: what is seen from outside when it starts, stops and fails. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';

const fixture = join(import.meta.dirname, '__fixtures__/service.mjs');
const running = new Set<ChildProcess>();

afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
});

class Process {
  readonly lines: string[] = [];
  stderr = '';
  readonly #child: ChildProcess;
  readonly #exit: Promise<[number | null, NodeJS.Signals | null]>;
  #wake: () => void = () => undefined;

  constructor(environment: Record<string, string>) {
    const child = spawn(process.execPath, [fixture], { env: { PATH: process.env['PATH'], ...environment } });
    running.add(child);
    this.#child = child;
    this.#exit = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
    void this.#exit.then(() => this.#wake());
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.lines.push(line);
      this.#wake();
    });
    child.stderr.on('data', (data) => (this.stderr += String(data)));
  }

  /** @returns the first log record whose message matches; fails when the process ends without it */
  async log(pattern: RegExp): Promise<Record<string, unknown>> {
    for (;;) {
      const line = this.lines.find((candidate) => candidate.startsWith('{') && pattern.test(candidate));
      if (line !== undefined) return JSON.parse(line) as Record<string, unknown>;
      if (this.#child.exitCode !== null)
        throw new Error(`ended without ${pattern}: ${this.lines.join('\n')}${this.stderr}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async exitCode(): Promise<number | null> {
    const [code] = await this.#exit;
    return code;
  }
}

async function start(environment: Record<string, string> = {}): Promise<{ service: Process; url: string }> {
  const service = new Process({ FIXTURE_ID: 'fix1', FIXTURE_PORT: '0', ...environment });
  const { url } = await service.log(/listens on/);
  return { service, url: String(url) };
}

describe('a service process', () => {
  it('answers health with its identity and its indicators, and metrics with its labels', async () => {
    const { url } = await start();
    const health = await fetch(`${url}/health`);
    expect(health.status).toBe(200);
    const { details } = (await health.json()) as { details: Record<string, Record<string, unknown>> };
    expect(details['process']).toMatchObject({ service: 'fixture/service', instance: 'fix1' });
    expect(details['work']).toEqual({ status: 'up', role: 'standby' });
    const metrics = await fetch(`${url}/metrics`);
    expect(metrics.headers.get('content-type')).toContain('text/plain');
    expect(await metrics.text()).toMatch(/process_cpu_seconds_total\{service="fixture\/service",instance="fix1"\}/);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('%s runs the stop hooks in order and ends with 0', async (signal) => {
    const { service, url } = await start();
    // A client that keeps its connection must not hold the stop back.
    await (await fetch(`${url}/health`, { headers: { connection: 'keep-alive' } })).text();
    service.signal(signal);
    service.signal(signal);
    expect(await service.exitCode()).toBe(0);
    expect(service.lines.filter((line) => line.startsWith('hook'))).toEqual(['hook leave', 'hook drain', 'hook close']);
    expect(service.lines.at(-1)).toContain('"stopped"');
  });

  it('a stop hook that never ends costs the deadline and exit code 1, and is named', async () => {
    const { service } = await start({ MISBEHAVE: 'never-stop', STOP_DEADLINE_MS: '300' });
    service.signal('SIGTERM');
    expect(await service.exitCode()).toBe(1);
    expect(await service.log(/fatal/)).toMatchObject({
      msg: 'not stopped after 300 ms, still waiting for drain of stuck',
    });
  });

  it('a stop hook that fails is logged, the others run, exit code 1', async () => {
    const { service } = await start({ MISBEHAVE: 'fail-stop' });
    service.signal('SIGTERM');
    expect(await service.exitCode()).toBe(1);
    expect(await service.log(/drain of broken failed/)).toMatchObject({ level: 'error' });
    expect(service.lines).toContain('hook close');
  });

  it('a missing variable is one line with its name, and exit code 2', async () => {
    const service = new Process({ FIXTURE_PORT: '0' });
    expect(await service.exitCode()).toBe(2);
    expect(service.stderr).toBe('FIXTURE_ID: is not set\n');
    expect(service.lines).toEqual([]);
  });

  it('a busy port is one line, exit code 2, and nothing was started', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const { port } = squatter.address() as AddressInfo;
    const service = new Process({ FIXTURE_ID: 'fix1', FIXTURE_PORT: String(port), MISBEHAVE: 'throw-at-start' });
    expect(await service.exitCode()).toBe(2);
    expect(service.stderr).toBe(`port ${port} on 127.0.0.1 is already in use\n`);
    expect(service.lines).toEqual([]);
    squatter.close();
  });

  it('a failure to start is one fatal record with the stack, and exit code 1', async () => {
    const service = new Process({ FIXTURE_ID: 'fix1', FIXTURE_PORT: '0', MISBEHAVE: 'throw-at-start' });
    expect(await service.exitCode()).toBe(1);
    expect(service.lines.length).toBe(1);
    expect(await service.log(/fire/)).toMatchObject({ level: 'fatal', err: { message: 'the disk is on fire' } });
  });

  it('a rejection that nobody handles ends the process with 1 and says why', async () => {
    const { service } = await start({ MISBEHAVE: 'throw-later' });
    service.signal('SIGUSR2');
    expect(await service.exitCode()).toBe(1);
    expect(await service.log(/forgotten promise/)).toMatchObject({ level: 'fatal' });
  });
});
