/** What an empty disk may mean. Source: QuorumPeer.java, FileTxnSnapLog.java (ZOOKEEPER-261). */
import { unlink } from 'node:fs/promises';
import type { StorageConfig } from '../config/index.js';

/**
 * Whether a server without data is a new one and not one that lost its disk: an operator has said so (file
 * `initialize`), or it is to be taken for granted (db.autocreate). If not, it does not vote.
 */
export async function trustInEmptiness(config: StorageConfig): Promise<'told' | 'assumed' | 'none'> {
  try {
    await unlink(`${config.dataLogDir}/initialize`);
    return 'told';
  } catch {
    return config.dbAutocreate ? 'assumed' : 'none';
  }
}
