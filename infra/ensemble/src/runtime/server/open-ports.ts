/** The ports of a server, taken before anything else: a busy one is the user's business and not a matter of retrying. */
import { createServer } from 'node:net';
import type { HostPort } from '../../core/quorum/index.js';
import { PortError, systemErrorCode } from '../errors.js';
import { closeServer, listen } from '../net/listen.js';

export type PortPurpose = 'client' | 'secure client' | 'quorum' | 'election' | 'admin' | 'metrics';

/** @throws PortError for what the system says against it */
export async function openPort<T>(purpose: PortPurpose, address: HostPort, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    throw new PortError(purpose, address.host, address.port, problemOf(error), { cause: error });
  }
}

/** The quorum port is opened by who leads: that it can be is tried now. */
export async function expectFree(purpose: PortPurpose, address: HostPort): Promise<void> {
  await openPort(purpose, address, async () => {
    const probe = createServer();
    await listen(probe, address);
    await closeServer(probe, []);
  });
}

function problemOf(error: unknown): string {
  switch (systemErrorCode(error)) {
    case 'EADDRINUSE':
      return 'expected it to be free, another process listens there';
    case 'EADDRNOTAVAIL':
      return 'expected an address of this machine, found one of another';
    case 'EACCES':
      return 'expected to be allowed to listen there, the system refuses';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'expected a name with an address, found none';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
