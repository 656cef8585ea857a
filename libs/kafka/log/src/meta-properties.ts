/** `meta.properties`: whose folder this is (BrokerMetadataCheckpoint). */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { LogDirectoryError, StorageError } from './errors.js';
import { META_PROPERTIES } from './file-names.js';

export interface MetaProperties {
  readonly brokerId: number;
  readonly clusterId: string;
}

/** Null when the folder is new. @throws LogDirectoryError when the file says nothing of use */
export function readMetaProperties(dir: string): MetaProperties | null {
  const path = join(dir, META_PROPERTIES);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new LogDirectoryError(`${path}: ${String(error)}`, error);
  }
  const brokerId = /^broker\.id=(\d+)$/m.exec(text)?.[1];
  const clusterId = /^cluster\.id=(\S+)$/m.exec(text)?.[1];
  if (brokerId === undefined || clusterId === undefined) {
    throw new LogDirectoryError(`${path}: expected broker.id and cluster.id`);
  }
  return { brokerId: Number(brokerId), clusterId };
}

export function writeMetaProperties(dir: string, { brokerId, clusterId }: MetaProperties): void {
  const path = join(dir, META_PROPERTIES);
  try {
    writeFileSync(`${path}.tmp`, `#\nversion=0\nbroker.id=${brokerId}\ncluster.id=${clusterId}\n`);
    renameSync(`${path}.tmp`, path);
  } catch (error) {
    throw new StorageError(`write ${path}`, error);
  }
}
