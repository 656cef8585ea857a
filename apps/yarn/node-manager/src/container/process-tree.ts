/**
 * The memory of a container: resident pages of its whole process group, as `/proc` tells them.
 *
 * Not a limit set on the process (RLIMIT_AS): an interpreter such as Node reserves far more address space than it uses.
 * YARN looks at the process tree from outside too (ProcfsBasedProcessTree).
 */
import { readdir, readFile } from 'node:fs/promises';

const PAGE_BYTES = 4096;
const MEBIBYTE = 1024 * 1024;
/** Fields of /proc/PID/stat behind the name in parentheses: process group is the third, resident pages the 22nd. */
const GROUP_FIELD = 2;
const RESIDENT_FIELD = 21;

/** Resident memory in MB by process group, for all groups on this machine. */
export async function residentMbByGroup(): Promise<ReadonlyMap<number, number>> {
  const byGroup = new Map<number, number>();
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  for (const stat of await Promise.all(pids.map(readStat))) {
    if (stat === null) continue;
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const group = Number(fields[GROUP_FIELD]);
    const resident = Number(fields[RESIDENT_FIELD]) * PAGE_BYTES;
    byGroup.set(group, (byGroup.get(group) ?? 0) + resident / MEBIBYTE);
  }
  return byGroup;
}

async function readStat(pid: string): Promise<string | null> {
  try {
    return await readFile(`/proc/${pid}/stat`, 'utf8');
  } catch {
    // It ended while we looked.
    return null;
  }
}
