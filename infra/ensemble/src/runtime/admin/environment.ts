/** What `envi` tells: Apache's names where they mean something here, Node in Java's place. Source: Environment.java. */
import { arch, homedir, hostname, release, totalmem, type, userInfo } from 'node:os';
import { cwd, execPath, memoryUsage, pid, version } from 'node:process';
import { getHeapStatistics } from 'node:v8';
import { FULL_VERSION } from './version.js';

const MIB = 1 << 20;
/** Java's names of them. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'aarch64' };

export function environmentEntries(): [key: string, value: string][] {
  const { total_heap_size: heap, used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  const megabytes = (bytes: number): string => `${Math.floor(bytes / MIB)}MB`;
  return [
    ['zookeeper.version', FULL_VERSION],
    ['host.name', hostname()],
    ['node.version', version],
    ['node.path', execPath],
    ['os.name', type()],
    ['os.arch', ARCHITECTURES[arch()] ?? arch()],
    ['os.version', release()],
    ['user.name', userInfo().username],
    ['user.home', homedir()],
    ['user.dir', cwd()],
    ['os.memory.free', megabytes(heap - used)],
    ['os.memory.max', megabytes(Math.min(limit, totalmem()))],
    ['os.memory.total', megabytes(heap)],
    ['process.pid', String(pid)],
    ['process.memory.rss', megabytes(memoryUsage().rss)],
  ];
}
