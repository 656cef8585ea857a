/** Finds out before anything starts whether somebody else sits on a port that one of our processes is to have. */
import { once } from 'node:events';
import { createServer } from 'node:net';

import type { ProcessPlan } from '../declare/plan.js';
import { PortTakenError } from '../errors.js';
import { isAlive } from '../registry/process-identity.js';
import type { Registry } from '../registry/registry.js';

/**
 * A process that an earlier start has left behind does not count: its supervisor ends it before the port is used.
 * @throws PortTakenError that names every port that is taken
 */
export async function assertPortsFree(processes: readonly ProcessPlan[], registry: Registry): Promise<void> {
  const taken: string[] = [];
  for (const { id, host, ports } of processes) {
    const record = registry.process(id);
    if (record !== undefined && isAlive(record)) continue;
    for (const [name, port] of Object.entries(ports)) {
      if (!(await isFree(host, port))) taken.push(`${port} (${id}, ${name})`);
    }
  }
  if (taken.length > 0) throw new PortTakenError(taken);
}

async function isFree(host: string, port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
