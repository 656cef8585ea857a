/** What the servers of the ensemble say of themselves, by `srvr` and, where it is allowed, `mntr`. */
import { fourLetterWord } from '@menagerie/topology';

import type { EnsembleServer } from './model.js';

const TIMEOUT_MS = 3_000;

export interface ServerAddress {
  readonly id: string;
  readonly host: string;
  readonly port: number;
}

/** @param zkConnect `host:port,host:port/chroot`; servers are then known by their address */
export function serversOf(zkConnect: string): readonly ServerAddress[] {
  const [servers = ''] = zkConnect.split(/(?=\/)/);
  return servers.split(',').map((server) => {
    const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(server.trim()) ?? [];
    return { id: `${host}:${port}`, host, port: Number(port) };
  });
}

export async function serverStatus({ id, host, port }: ServerAddress): Promise<EnsembleServer> {
  const address = `${host}:${port}`;
  try {
    const [srvr, mntr] = await Promise.all([
      fourLetterWord(host, port, 'srvr', TIMEOUT_MS),
      fourLetterWord(host, port, 'mntr', TIMEOUT_MS),
    ]);
    return { id, address, ...parseSrvr(srvr), ...parseMntr(mntr) };
  } catch (error) {
    return { id, address, problem: error instanceof Error ? error.message : String(error) };
  }
}

/** Source of the format: ServerCnxn / StatCommand of Apache ZooKeeper. */
export function parseSrvr(answer: string): Omit<EnsembleServer, 'id' | 'address'> {
  const role = /^Mode: (\w+)/m.exec(answer)?.[1];
  if (role === undefined) return { problem: answer.split('\n')[0]?.trim() || 'no answer to srvr' };
  const zxid = /^Zxid: (0x[0-9a-f]+)/im.exec(answer)?.[1];
  const connections = /^Connections: (\d+)/m.exec(answer)?.[1];
  const nodes = /^Node count: (\d+)/m.exec(answer)?.[1];
  return {
    role,
    ...(zxid === undefined ? {} : { zxid, epoch: Number(BigInt(zxid) >> 32n) }),
    ...(connections === undefined ? {} : { connections: Number(connections) }),
    ...(nodes === undefined ? {} : { nodes: Number(nodes) }),
  };
}

/** A server that does not allow `mntr` says so in words, which hold no such key. */
export function parseMntr(answer: string): Pick<EnsembleServer, 'sessions'> {
  const sessions = /^zk_global_sessions\t(\d+)/m.exec(answer)?.[1];
  return sessions === undefined ? {} : { sessions: Number(sessions) };
}

/** Exactly one leader (or one standalone server) and nobody without a role is a whole ensemble. */
export function ensembleProblems(servers: readonly EnsembleServer[]): readonly string[] {
  const problems = servers.flatMap(({ id, problem }) => (problem === undefined ? [] : [`${id}: ${problem}`]));
  const leaders = servers.filter(({ role }) => role === 'leader' || role === 'standalone').map(({ id }) => id);
  if (leaders.length === 0) return [...problems, 'ensemble: no leader'];
  return leaders.length === 1 ? problems : [...problems, `ensemble: ${leaders.length} leaders (${leaders.join(', ')})`];
}
