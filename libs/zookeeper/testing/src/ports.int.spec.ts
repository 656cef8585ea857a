import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allocatePort, allocatePorts, releasePort } from './ports.js';

/** Asks for ports in a process of its own, which then ends as told. */
function portsOfAnotherProcess(count: number, end: 'exit' | 'kill', TMPDIR: string = tmpdir()): number[] {
  const module = join(import.meta.dirname, '..', 'dist', 'ports.js');
  const script = `
    import { writeSync } from 'node:fs';
    const { allocatePorts } = await import(${JSON.stringify(module)});
    writeSync(1, JSON.stringify(await allocatePorts(${count})));
    ${end === 'kill' ? "process.kill(process.pid, 'SIGKILL'); await new Promise(() => setInterval(() => 0, 1000));" : ''}
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    env: { ...process.env, TMPDIR },
  });
  if (stdout === '') throw new Error(`expected ports, got ${stderr}`);
  return JSON.parse(stdout) as number[];
}

describe('free ports', () => {
  it('are free, and given to nobody else until they are released', async () => {
    const ports = await allocatePorts(50);
    expect(new Set(ports).size).toBe(50);
    for (const port of ports.slice(0, 5)) {
      const server = createServer().listen(port, '127.0.0.1');
      await once(server, 'listening');
      server.close();
    }
    expect(ports).not.toContain(await allocatePort());
    ports.forEach(releasePort);
  });

  it('of other processes are not ours', async () => {
    const ours = new Set(await allocatePorts(200));
    for (const port of portsOfAnotherProcess(200, 'exit')) expect(ours.has(port)).toBe(false);
    ours.forEach(releasePort);
  });

  it('are claimed by nobody for ever when their process was killed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ports-'));
    try {
      const left = new Set(portsOfAnotherProcess(4_000, 'kill', folder));
      // Every fourth port is claimed by the dead: their claims are found, removed, and the ports given out again.
      const later = portsOfAnotherProcess(6_000, 'exit', folder);
      expect(later.some((port) => left.has(port))).toBe(true);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
