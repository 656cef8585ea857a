/** A member of the ensemble inside the application, and the configuration it follows from. Pure. */
import { ZooKeeperModuleError } from '../errors.js';

export interface Member {
  /** From 1 to 255, the same on all replicas. */
  readonly id: number;
  readonly host: string;
  readonly clientPort: number;
  readonly quorumPort: number;
  readonly electionPort: number;
}

export interface MemberOptions {
  /** Which of `members` this process is. */
  readonly id: number;
  /** All of them, the same list on all replicas: three tolerate the loss of one. */
  readonly members: readonly Member[];
  /** Where log and snapshots are kept; of this replica alone, and kept over restarts. */
  readonly dataDir: string;
  /** Default 2000, as Apache's sample. Sessions are 2 to 20 ticks. */
  readonly tickTimeMs?: number;
}

/** @throws ZooKeeperModuleError one line that names the option */
export function zooCfgOf({ id, members, dataDir, tickTimeMs = 2_000 }: MemberOptions): string {
  const own = members.find((member) => member.id === id);
  const ids = new Set(members.map((member) => member.id));
  if (own === undefined || ids.size !== members.length) {
    const listed = members.map((member) => member.id).join(', ');
    const message = `ensemble: expected id ${id} once in members, got ${listed}`;
    throw new ZooKeeperModuleError('ZOOKEEPER_MODULE_OPTION', message);
  }
  const unfit = members.find((member) => !/^[\w.-]+$/.test(member.host)) ?? (/[\r\n]/.test(dataDir) ? own : undefined);
  if (unfit !== undefined) {
    const message = `ensemble: expected host names and a plain path, got "${unfit.host}", "${dataDir}"`;
    throw new ZooKeeperModuleError('ZOOKEEPER_MODULE_OPTION', message);
  }
  const servers = members.map(
    ({ id: each, host, quorumPort, electionPort }) => `server.${each}=${host}:${quorumPort}:${electionPort}`,
  );
  return [
    `dataDir=${dataDir}`,
    `clientPort=${own.clientPort}`,
    `clientPortAddress=${own.host}`,
    `tickTime=${tickTimeMs}`,
    'initLimit=10',
    'syncLimit=5',
    'autopurge.purgeInterval=1',
    ...(members.length > 1 ? servers : []),
    '',
  ].join('\n');
}
