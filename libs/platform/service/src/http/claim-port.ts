/** Finds out that a port is busy before the service does anything that others could notice. */
import { once } from 'node:events';
import { createServer } from 'node:net';

import { PortBusyError } from '../errors.js';
import type { HostPort } from '../config/env.js';

/** @throws PortBusyError; other failures to listen (no such address, no right to) come as they are */
export async function assertPortFree({ host, port }: HostPort): Promise<void> {
  if (port === 0) return;
  const probe = createServer();
  try {
    probe.listen(port, host);
    await once(probe, 'listening');
  } catch (error) {
    throw portError(error, { host, port });
  }
  probe.close();
  await once(probe, 'close');
}

/** @returns the error to show when listening at `address` failed with `error` */
export function portError(error: unknown, { host, port }: HostPort): unknown {
  const busy = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  return busy ? new PortBusyError(host, port, error) : error;
}
