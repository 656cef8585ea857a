/** The configuration of one server of a test ensemble, as Apache ZooKeeper writes it. */

export interface ServerPorts {
  /** Default 127.0.0.1. */
  readonly host?: string;
  readonly client: number;
  readonly quorum: number;
  readonly election: number;
}

export interface ZooCfgOptions {
  readonly id: number;
  readonly dataDir: string;
  readonly tickTimeMs: number;
  /** By server id; one entry makes a standalone server. */
  readonly ports: ReadonlyMap<number, ServerPorts>;
  /** Who of them has no vote. */
  readonly observers: readonly number[];
  /** Further keys, or other values for those below. */
  readonly extra: Readonly<Record<string, string>>;
}

/** Generous in ticks: the machine may be busy, and no test is about a server that is slow to synchronize. */
const INIT_LIMIT_TICKS = 40;
const SYNC_LIMIT_TICKS = 20;

export function zooCfg({ id, dataDir, tickTimeMs, ports, observers, extra }: ZooCfgOptions): string {
  const values: Record<string, string> = {
    tickTime: String(tickTimeMs),
    initLimit: String(INIT_LIMIT_TICKS),
    syncLimit: String(SYNC_LIMIT_TICKS),
    dataDir,
    maxClientCnxns: '0',
    'admin.enableServer': 'false',
    '4lw.commands.whitelist': '*',
    ...extra,
  };
  if (ports.size === 1) {
    const { client, host = '127.0.0.1' } = ports.get(id)!;
    Object.assign(values, { clientPort: client, clientPortAddress: host });
  }
  const lines = Object.entries(values).map(([key, value]) => `${key}=${value}`);
  if (ports.size > 1) {
    // With the client's address in it, as a server writes the line itself once the members can change (reconfig).
    for (const [server, own] of ports) lines.push(memberLine(server, own, observers.includes(server)));
  }
  return `${lines.join('\n')}\n`;
}

/** A server's line in the configuration, in the form in which servers show it. */
export function memberLine(server: number, ports: ServerPorts, isObserver: boolean): string {
  const { client, quorum, election, host = '127.0.0.1' } = ports;
  return `server.${server}=${host}:${quorum}:${election}:${isObserver ? 'observer' : 'participant'};${host}:${client}`;
}
