/** Which TCP connections a process has opened: its socket inodes, looked up in the kernel's table. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const ESTABLISHED = '01';

/** @returns `[its port, the other's port]` of each established connection of the process */
export function openLinks(pid: number): readonly (readonly [own: number, other: number])[] {
  const inodes = socketInodes(pid);
  const tables = ['tcp', 'tcp6'].map((name) => read(`/proc/${pid}/net/${name}`));
  return tables.flatMap((table) => parseTcpTable(table)).flatMap((row) => (inodes.has(row.inode) ? [row.ports] : []));
}

/** @param table `/proc/net/tcp` or `tcp6` (proc(5)): addresses and ports are hexadecimal, the tenth column is the inode */
export function parseTcpTable(
  table: string,
): readonly { inode: string; ports: readonly [own: number, other: number] }[] {
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, local = '', remote = '', state, , , , , , inode] = line.trim().split(/\s+/);
      if (state !== ESTABLISHED || inode === undefined) return [];
      return [{ inode, ports: [portOf(local), portOf(remote)] as const }];
    });
}

function portOf(address: string): number {
  return Number.parseInt(address.slice(address.lastIndexOf(':') + 1), 16);
}

function socketInodes(pid: number): ReadonlySet<string> {
  const folder = `/proc/${pid}/fd`;
  const inodes = new Set<string>();
  for (const fd of readdirSync(folder)) {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`${folder}/${fd}`))?.[1];
      if (inode !== undefined) inodes.add(inode);
    } catch {
      // Closed between the two looks.
    }
  }
  return inodes;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // A machine without IPv6 has no tcp6.
    return '';
  }
}
