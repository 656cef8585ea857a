import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The version others see: the ZooKeeper whose behaviour this is, and which server does it. */
export const SERVER_VERSION = '3.8.0-menagerie.0.1.0';

/** When this program was compiled; now, while it is being put into one file. */
const builtAt = statSync(fileURLToPath(import.meta.url), { throwIfNoEntry: false })?.mtime ?? new Date();

/** As Apache's servers say it. */
export const FULL_VERSION = `${SERVER_VERSION}, built on ${minute(builtAt)} UTC`;

function minute(date: Date): string {
  return date.toISOString().slice(0, 16).replace('T', ' ');
}
