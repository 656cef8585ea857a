/** The whole of it as a newcomer meets it: `npm start`, `menagerie status`, Ctrl-C, a busy port, and the same through Nx. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allProcesses, menagerie, parseSettings, plan } from '@menagerie/topology';
import { waitFor } from '@menagerie/zookeeper-testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const READY_WAIT_MS = 150_000;
const END_WAIT_MS = 60_000;
const TRIES = 200;

/** A system of its own: other ports, other data, and all it has written to the terminal. */
class System {
  readonly dataRoot = mkdtempSync(join(tmpdir(), 'menagerie-start-'));
  readonly environment: NodeJS.ProcessEnv;
  output = '';
  private child: ChildProcess | null = null;

  constructor(portOffset: number) {
    this.environment = {
      ...process.env,
      MENAGERIE_DATA: this.dataRoot,
      MENAGERIE_PORT_OFFSET: String(portOffset),
      NX_DAEMON: 'false',
    };
  }

  start(file: string, ...args: string[]): void {
    // A group of its own, so that Ctrl-C can be what a terminal makes of it: a signal to all of them.
    const child = spawn(file, args, { cwd: root, env: this.environment, detached: true });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (this.output += String(text)));
    this.child = child;
  }

  async line(pattern: RegExp): Promise<string> {
    const match = await waitFor(
      () => {
        if (this.child?.exitCode !== null) throw new Error(`it ended with ${this.child?.exitCode}:\n${this.output}`);
        return pattern.exec(this.output);
      },
      { timeoutMs: READY_WAIT_MS, what: `a line like ${pattern}`, intervalMs: 100 },
    );
    return match[0];
  }

  /** @returns the exit code; null if the signal ended it */
  async pressCtrlC(): Promise<number | null> {
    const child = this.child!;
    const ended = once(child, 'exit', { signal: AbortSignal.timeout(END_WAIT_MS) });
    process.kill(-child.pid!, 'SIGINT');
    return ((await ended) as [number | null])[0];
  }

  menagerie(...args: string[]): { status: number | null; stdout: string; stderr: string } {
    const command = join(root, 'bin/menagerie');
    return spawnSync(process.execPath, [command, ...args], { cwd: root, env: this.environment, encoding: 'utf8' });
  }

  /** Every process that was started for this system, whoever its parent is by now. */
  processes(): number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => {
        try {
          return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`MENAGERIE_DATA=${this.dataRoot}\0`);
        } catch {
          return false; // Ended, or not ours to look at.
        }
      });
  }

  async isGone(): Promise<void> {
    await waitFor(() => this.processes().length === 0, { timeoutMs: 30_000, what: 'the end of every process' });
  }

  async remove(): Promise<void> {
    if (this.child !== null && this.child.exitCode === null) await this.pressCtrlC().catch(() => undefined);
    for (const pid of this.processes()) process.kill(pid, 'SIGKILL');
    rmSync(this.dataRoot, { recursive: true, force: true });
  }
}

const portsOf = (portOffset: number): number[] =>
  allProcesses(plan(menagerie, parseSettings(root, { portOffset: String(portOffset) }))).flatMap(({ ports }) =>
    Object.values(ports),
  );

/** An offset at which nothing of the system meets anybody, below the range of outgoing connections. */
async function freeOffset(): Promise<number> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const offset = 10_000 + 10 * Math.floor(Math.random() * 1_000);
    const free = await Promise.all(portsOf(offset).map(isFree));
    if (free.every(Boolean)) return offset;
  }
  throw new Error(`expected an offset with free ports, found none in ${TRIES} tries`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

describe('npm start', () => {
  let portOffset: number;
  let system: System;

  beforeAll(async () => {
    portOffset = await freeOffset();
    system = new System(portOffset);
    system.start('npm', 'start');
    await system.line(/^ready .*$/m);
  });
  afterAll(() => system?.remove());

  it('ends in a line that begins with "ready" and lists the addresses', async () => {
    const line = await system.line(/^ready .*$/m);
    expect(line).toContain(`zookeeper 127.0.0.1:${2181 + portOffset}`);
    expect(line).toContain(`http://127.0.0.1:${8088 + portOffset}`);
  });

  it('has a status that says all is well, with exit status 0', () => {
    const { status, stdout } = system.menagerie('status', '--json');
    expect(status, stdout).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ healthy: true });
  });

  it('a second time on the same ports is one clear line and exit status 2', async () => {
    const other = new System(portOffset);
    try {
      const { status, stdout, stderr } = other.menagerie('start');
      expect(status).toBe(2);
      const said = stderr.split('\n').filter((line) => line.trim() !== '');
      expect(said, stdout).toHaveLength(1);
      expect(said[0]).toContain(String(2181 + portOffset));
      expect(other.processes()).toEqual([]);
    } finally {
      await other.remove();
    }
  });

  it('stops at Ctrl-C and leaves no process and no port', async () => {
    // npm itself ends by the signal, as programs do that a terminal has interrupted.
    expect([0, null]).toContain(await system.pressCtrlC());
    await system.isGone();
    expect((await Promise.all(portsOf(portOffset).map(isFree))).every(Boolean)).toBe(true);
  });
});

describe('nx run-many --target=serve', () => {
  let system: System;
  afterAll(() => system?.remove());

  it('starts the same system, and leaves nothing at Ctrl-C either', async () => {
    const portOffset = await freeOffset();
    system = new System(portOffset);
    system.start('npx', 'nx', 'run-many', '--target=serve');
    const { status, stdout, stderr } = system.menagerie('status', '--wait', '--timeout', '120', '--json');
    expect(status, `${stdout}\n${stderr}\n${system.output}`).toBe(0);
    await system.pressCtrlC();
    await system.isGone();
    expect((await Promise.all(portsOf(portOffset).map(isFree))).every(Boolean)).toBe(true);
  });
});
