/**
 * Free ports that no test running beside this one is given too.
 *
 * A port which was free a moment ago may be taken by another test before our server binds it. So each port is claimed
 * first, by a file that only one process can create, and kept until it is released or its process is gone. They come
 * from below the range the kernel takes ports for outgoing connections from.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestKitError } from './errors.js';

const FIRST_PORT = 15_000;
const PORT_COUNT = 15_000;
const MAX_TRIES = 500;

const claims = join(tmpdir(), 'menagerie-test-ports');
const mine = new Set<number>();

process.once('exit', () => {
  for (const port of mine) rmSync(join(claims, String(port)), { force: true });
});

/** A port on 127.0.0.1 that is free and ours until `releasePort`. */
export async function allocatePort(): Promise<number> {
  mkdirSync(claims, { recursive: true });
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORT_COUNT);
    if (!claim(port)) continue;
    if (await isFree(port)) return port;
    releasePort(port);
  }
  throw new TestKitError('TESTKIT_NO_PORT', `expected a free port, found none in ${MAX_TRIES} tries`, true);
}

export async function allocatePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let i = 0; i < count; i++) ports.push(await allocatePort());
  return ports;
}

export function releasePort(port: number): void {
  if (mine.delete(port)) rmSync(join(claims, String(port)), { force: true });
}

function claim(port: number): boolean {
  const path = join(claims, String(port));
  if (tryCreate(path)) {
    mine.add(port);
    return true;
  }
  removeIfStale(path);
  return false;
}

function tryCreate(path: string): boolean {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** A process that was killed leaves its claims behind. The next try may find the port unclaimed. */
function removeIfStale(path: string): void {
  try {
    if (isAlive(Number(readFileSync(path, 'utf8')))) return;
    const aside = `${path}.stale-${process.pid}`;
    renameSync(path, aside);
    rmSync(aside, { force: true });
  } catch {
    // Somebody else was quicker, or it is not ours to remove: the port is simply not taken.
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
