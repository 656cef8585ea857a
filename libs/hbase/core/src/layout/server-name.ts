/**
 * One start of one server: `host,port,startcode` (ServerName.java). The start code is what tells a server from its own
 * previous run at the same address.
 */
import { HBaseError } from '../errors.js';

export interface ServerName {
  readonly host: string;
  readonly port: number;
  /** Milliseconds since 1970 at its start. */
  readonly startcode: number;
}

export const formatServer = ({ host, port, startcode }: ServerName): string => `${host},${port},${startcode}`;
export const addressOf = (server: string): string => server.slice(0, server.lastIndexOf(','));

/** @throws HBaseError `HBASE_BAD_SERVER_NAME` */
export function parseServer(text: string): ServerName {
  const found = /^([^\s,/]+),(\d{1,5}),(\d{1,16})$/.exec(text);
  const [port, startcode] = [Number(found?.[2]), Number(found?.[3])];
  if (found === null || port > 65_535) {
    throw new HBaseError('HBASE_BAD_SERVER_NAME', `expected host,port,startcode, got ${JSON.stringify(text)}`, false);
  }
  return { host: found[1]!, port, startcode };
}
