/** The same files through an agent and a collector into the sink, and through `tail -F | cat` into a file. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collectedSource } from '@menagerie/logs-sink';
import { TestLogs } from '@menagerie/logs-testing';
import { startTestEnsemble, waitFor } from '@menagerie/zookeeper-testing';

export interface Size {
  readonly mebibytes: number;
  readonly files: number;
}

export interface Collected {
  readonly bytes: number;
  readonly lines: number;
  readonly tookMs: number;
  /** Of all processes that took part, user and system. */
  readonly cpuMs: number;
}

const LINE_BYTES = 128;
const WAIT_MS = 300_000;
const LOOK_EVERY_MS = 20;

/** Text that compresses about as logs do: a counter and words. */
function content(bytes: number): Buffer {
  const lines = Math.ceil(bytes / LINE_BYTES);
  const text = Buffer.alloc(lines * LINE_BYTES);
  for (let line = 0; line < lines; line++) {
    const words = `2026-11-28T00:00:00.${String(line).padStart(9, '0')}Z INFO request ${(line * 7_919) % 100_003} served in ${line % 997} ms`;
    text.write(`${words.padEnd(LINE_BYTES - 1, ' .')}\n`, line * LINE_BYTES, 'latin1');
  }
  return text;
}

export async function collectWithMenagerie({ mebibytes, files }: Size): Promise<Collected> {
  await using ensemble = await startTestEnsemble({ servers: 1 });
  await using logs = await TestLogs.start({
    zkConnect: ensemble.connectString,
    allocators: 1,
    collectors: 1,
    agents: 1,
    sources: files,
    environment: { LOG_LEVEL: 'warn', COLLECTOR_LINGER_MS: '250' },
  });
  const text = content((mebibytes * 1024 * 1024) / files);
  const pids = [...logs.agents, ...logs.collectors].map(({ pid }) => pid ?? 0);
  const cpuBefore = cpuMsOf(pids);
  const beganMs = performance.now();
  for (const { source } of logs.writers) writeFileSync(join(logs.folder, 'source', `${source}.log`), text);
  await waitFor(
    async () => {
      const found = await Promise.all(logs.writers.map(({ source }) => collectedSource(logs.sinkDir, source)));
      return found.every((one) => one?.position === text.length);
    },
    { timeoutMs: WAIT_MS, what: 'every byte at the sink', intervalMs: LOOK_EVERY_MS },
  );
  return figures(text, files, performance.now() - beganMs, cpuMsOf(pids) - cpuBefore);
}

export async function collectWithTail({ mebibytes, files }: Size): Promise<Collected> {
  const folder = mkdtempSync(join(tmpdir(), 'menagerie-tail-'));
  const names = Array.from({ length: files }, (_, at) => join(folder, `${at}.log`));
  const target = join(folder, 'out');
  for (const name of [...names, target]) writeFileSync(name, '');
  const quoted = names.map((name) => `'${name}'`).join(' ');
  const shell = spawn('sh', ['-c', `tail -q -c +1 -F ${quoted} 2>/dev/null | cat > '${target}'`], { detached: true });
  const pid = shell.pid ?? 0;
  try {
    const text = content((mebibytes * 1024 * 1024) / files);
    const beganMs = performance.now();
    for (const name of names) writeFileSync(name, text);
    await waitFor(() => Promise.resolve(statSync(target).size >= text.length * files), {
      timeoutMs: WAIT_MS,
      what: 'every byte behind cat',
      intervalMs: LOOK_EVERY_MS,
    });
    return figures(text, files, performance.now() - beganMs, cpuMsOf(groupOf(pid)));
  } finally {
    process.kill(-pid, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

const figures = (text: Buffer, files: number, tookMs: number, cpuMs: number): Collected => ({
  bytes: text.length * files,
  lines: (text.length / LINE_BYTES) * files,
  tookMs,
  cpuMs,
});

/** Linux counts in hundredths of a second. */
const MS_PER_TICK = 10;

function cpuMsOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const fields = statOf(pid).split(' ');
    return sum + (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * MS_PER_TICK;
  }, 0);
}

/** What follows the name in `/proc/<pid>/stat`, from the state on; empty when it is gone. */
function statOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /, '');
  } catch {
    return '';
  }
}

/** The shell and its children. */
function groupOf(pid: number): readonly number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ').map(Number);
    return [pid, ...children];
  } catch {
    return [pid];
  }
}
