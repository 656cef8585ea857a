import type { LogFields } from '../../core/contract/index.js';

export type { HostPort } from '../../core/quorum/index.js';

/** Where the sockets tell what happened to them; a stranger's bad bytes are one line and nothing more. */
export interface NetLog {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
}

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
