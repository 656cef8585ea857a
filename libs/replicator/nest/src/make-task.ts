/** The nodes of a task, made where they are missing and never written over. */
import { replicatorPaths, type Task, type TaskRef } from '@menagerie/replicator-core';
import { isNodeExists, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import type { Access } from './access.js';

/** @returns false when there was one already, which is left as it is */
export async function makeTask(client: ZooKeeperClient, access: Access, ref: TaskRef, task: Task): Promise<boolean> {
  const above: string[] = [replicatorPaths.root, replicatorPaths.tasks, replicatorPaths.groups];
  if (ref.group !== null) above.push(replicatorPaths.group(ref.group));
  for (const path of above) await make(client, path, '', access.readable);
  const isNew = await make(client, replicatorPaths.task(ref), JSON.stringify(task), access.own);
  await make(client, replicatorPaths.instances(ref), '', access.readable);
  return isNew;
}

async function make(client: ZooKeeperClient, path: string, data: string, acl: Access['own']): Promise<boolean> {
  try {
    await client.create(path, data, { acl });
    return true;
  } catch (error) {
    if (isNodeExists(error)) return false;
    throw error;
  }
}
