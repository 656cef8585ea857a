import { statSync } from 'node:fs';

/** The version others see: the ZooKeeper whose behaviour this is, and which server does it. */
export const SERVER_VERSION = '3.8.0-menagerie.0.1.0';

/** As Apache's servers say it, with the time at which this program was compiled. */
export const FULL_VERSION = `${SERVER_VERSION}, built on ${minute(statSync(import.meta.filename).mtime)} UTC`;

function minute(date: Date): string {
  return date.toISOString().slice(0, 16).replace('T', ' ');
}
