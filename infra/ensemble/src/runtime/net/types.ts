import type { LogFields } from '../../core/contract/index.js';

export interface HostPort {
  /** A name or an address; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Where the sockets tell what happened to them; a stranger's bad bytes are one line and nothing more. */
export interface NetLog {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
}

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
