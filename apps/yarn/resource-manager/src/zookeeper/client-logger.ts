/** Lets the ZooKeeper client write into the service's log. */
import type { Logger } from '@menagerie/service';
import type { ClientLogger } from '@menagerie/zookeeper-client';

export function clientLogger(logger: Logger, session: 'elector' | 'store'): ClientLogger {
  const child = logger.child({ session });
  return {
    debug: (message, fields) => child.debug({ ...fields }, message),
    info: (message, fields) => child.info({ ...fields }, message),
    warn: (message, fields) => child.warn({ ...fields }, message),
    error: (message, fields) => child.error({ ...fields }, message),
  };
}

/** As ZooKeeper's own commands print a session. */
export const formatSession = (id: bigint | null | undefined): string | null =>
  id === null || id === undefined ? null : `0x${BigInt.asUintN(64, id).toString(16)}`;
