/**
 * Which process is meant: a pid alone is reused by the system, a pid and its start time are not.
 * Nothing here or in chaos signals a process that is not found by both.
 */
import { readFileSync } from 'node:fs';

export interface ProcessIdentity {
  readonly pid: number;
  /** Boot id and start in clock ticks since boot: different for any two processes of one pid. */
  readonly startTime: string;
}

/** @returns the process that has this pid now; none when it is gone, or dead and only not yet reaped */
export function identify(pid: number): ProcessIdentity | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  const parsed = parseStat(stat);
  return parsed === undefined || parsed.dead ? undefined : { pid, startTime: `${bootId()}:${parsed.startTicks}` };
}

/** @returns true when exactly this process lives */
export function isAlive(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startTime === identity.startTime;
}

/** @returns true when SIGSTOP holds exactly this process */
export function isPaused(identity: ProcessIdentity): boolean {
  try {
    const parsed = parseStat(readFileSync(`/proc/${identity.pid}/stat`, 'utf8'));
    return isAlive(identity) && parsed?.state === 'T';
  } catch {
    return false;
  }
}

/** @returns false when the process is not there any more; nothing was signalled then */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false;
  try {
    return process.kill(identity.pid, signal);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}

/** @param stat the content of `/proc/PID/stat`: the name in brackets may hold anything, brackets too (proc(5)) */
export function parseStat(stat: string): { state: string; dead: boolean; startTicks: string } | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  const startTicks = fields[19];
  if (state === undefined || startTicks === undefined) return undefined;
  return { state, dead: state === 'Z' || state === 'X', startTicks };
}

let knownBootId: string | undefined;

function bootId(): string {
  knownBootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return knownBootId;
}
