/** Disks that are full, slow or broken, and data that are damaged or gone. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync, readSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '@menagerie/zookeeper-testing';
import type { ChaosEnsemble } from '../cluster/ensemble.js';
import { has } from '../cluster/command.js';
import { whyNoDisk } from '../cluster/disk.js';
import { always, anyone, ensureRunning, leaderOrAny, type Fault, type Stage, type Struck } from './fault.js';

const SLOW_FSYNC_MS = 400;
/** How long a server with damaged data may take to serve, or to say that it will not. */
const DECIDE_MS = 60_000;

const whyNoStrace = (): string => (has('strace') ? '' : 'strace is not installed');

const FSYNC = 'fsync,fdatasync';
/** Of files only: what goes to a socket has no position. */
const FILE_WRITE = 'pwrite64';

/** Every one of those calls of the process meets with the injection, until it is mended. */
async function inject(
  stage: Stage,
  id: number | null,
  calls: string,
  injection: string,
  what: string,
): Promise<Struck | null> {
  const pid = id === null ? undefined : stage.ensemble.part(id).server.pid;
  if (id === null || pid === undefined) return null;
  const args = ['-f', '-q', '-p', String(pid), '-o', '/dev/null', '-e', `trace=${calls}`];
  const strace = spawn('strace', [...args, '-e', `inject=${calls}:${injection}`], { stdio: 'ignore' });
  // A tracer that does not come up is a fault that did not happen.
  strace.on('error', () => undefined);
  await waitFor(() => strace.exitCode !== null || isTraced(pid), { timeoutMs: 5_000, what: 'strace to attach' });
  const mend = async (): Promise<void> => {
    if (strace.exitCode === null && strace.signalCode === null) {
      const ended = once(strace, 'exit');
      strace.kill('SIGTERM');
      await ended;
    }
    ensureRunning(stage.ensemble, id);
  };
  return { what: `server ${id}: ${what}`, victims: [id], mend };
}

function isTraced(pid: number): boolean {
  try {
    return !/^TracerPid:\s+0$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return true; // Gone already.
  }
}

/** The newest file of a kind, as far as it has been written. */
function newest(ensemble: ChaosEnsemble, id: number, kind: 'log' | 'snapshot'): string | null {
  const folder = ensemble.dataOf(id);
  const names = readdirSync(folder).filter((name) => new RegExp(`^${kind}\\.[0-9a-f]+$`).test(name));
  const zxid = (name: string): bigint => BigInt(`0x${name.slice(kind.length + 1)}`);
  const name = names.sort((one, other) => (zxid(one) < zxid(other) ? 1 : -1))[0];
  return name === undefined ? null : join(folder, name);
}

function flipOneByte(file: string, fraction: number): number {
  const { size } = statSync(file);
  const descriptor = openSync(file, 'r+');
  try {
    const all = Buffer.alloc(size);
    readSync(descriptor, all, 0, size, 0);
    let end = size;
    while (end > 0 && all[end - 1] === 0) end--;
    const at = Math.floor(fraction * end);
    writeSync(descriptor, Buffer.from([all[at]! ^ 0x55]), 0, 1, at);
    return at;
  } finally {
    closeSync(descriptor);
  }
}

/** It serves, or it says that it can not; then its data are thrown away, as an operator would, and come from the leader. */
async function startOnDamage(ensemble: ChaosEnsemble, id: number): Promise<'serves' | 'refused'> {
  const { server } = ensemble.part(id);
  server.launch();
  await waitFor(async () => !server.running || (await server.mode()) !== null, {
    timeoutMs: DECIDE_MS,
    what: `server ${id} to serve or to refuse its damaged data`,
  });
  if (server.running) return 'serves';
  loseData(ensemble, id);
  server.launch();
  return 'refused';
}

function loseData(ensemble: ChaosEnsemble, id: number): void {
  rmSync(ensemble.dataOf(id), { recursive: true, force: true });
}

function damage(kind: 'log' | 'snapshot'): Fault {
  return {
    name: `corrupt-${kind}`,
    company: 'alone',
    ends: true,
    whyNot: always,
    strike: async (stage) => {
      const { ensemble, chance } = stage;
      const id = anyone(stage);
      if (id === null) return null;
      await ensemble.kit.kill(id);
      const file = newest(ensemble, id, kind);
      const at = file === null ? 0 : flipOneByte(file, chance.next());
      const what = `server ${id}: byte ${at} of its newest ${kind} is another`;
      return { what, victims: [id], mend: async () => void (await startOnDamage(ensemble, id)) };
    },
  };
}

export const diskFaults: readonly Fault[] = [
  {
    name: 'disk-full',
    company: 'any',
    ends: true,
    whyNot: whyNoDisk,
    strike: async (stage) => {
      const id = await leaderOrAny(stage);
      if (id === null) return null;
      const { disk } = stage.ensemble.part(id);
      await disk.fill();
      const mend = async (): Promise<void> => {
        disk.free();
        ensureRunning(stage.ensemble, id);
      };
      return { what: `the disk of server ${id} is full`, victims: [id], mend };
    },
  },
  {
    name: 'slow-fsync',
    company: 'any',
    ends: false,
    whyNot: whyNoStrace,
    strike: async (stage) =>
      inject(
        stage,
        await leaderOrAny(stage),
        FSYNC,
        `delay_enter=${SLOW_FSYNC_MS * 1000}`,
        `fsync takes ${SLOW_FSYNC_MS} ms longer`,
      ),
  },
  {
    name: 'failing-fsync',
    company: 'any',
    ends: true,
    whyNot: whyNoStrace,
    strike: async (stage) => inject(stage, anyone(stage), FSYNC, 'error=EIO', 'fsync fails with EIO'),
  },
  {
    name: 'failing-write',
    company: 'any',
    ends: true,
    whyNot: ({ engine }) => whyNoStrace() || (engine === 'apache' ? 'Java writes its log by another call' : ''),
    strike: async (stage) =>
      inject(stage, await leaderOrAny(stage), FILE_WRITE, 'error=ENOSPC', 'writes to files fail with ENOSPC'),
  },
  damage('log'),
  damage('snapshot'),
  {
    name: 'lose-data',
    company: 'alone',
    ends: true,
    whyNot: always,
    strike: async ({ ensemble, chance, free }) => {
      if (free.length === 0) return null;
      const id = chance.pick(free);
      await ensemble.kit.kill(id);
      loseData(ensemble, id);
      const mend = async (): Promise<void> => ensureRunning(ensemble, id);
      return { what: `server ${id} has lost all its data`, victims: [id], mend };
    },
  },
];
