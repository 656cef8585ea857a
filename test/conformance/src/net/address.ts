import type { ConnectionOptions } from 'node:tls';

/** Where a server listens for clients; a server of the test kit is one. */
export interface Address {
  readonly host: string;
  readonly clientPort: number;
  /** Given: TLS is spoken there. */
  readonly tls?: ConnectionOptions;
}

export const describeAddress = ({ host, clientPort }: Address): string => `${host}:${clientPort}`;
