/** The whole tree as one server sees it, so that two servers can be compared by what their clients read. */
import { isNoNode, ZooKeeper, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import type { TestServer } from '@menagerie/zookeeper-testing';

export const SESSION_TIMEOUT_MS = 8000;

export function clientOf(connect: string): Promise<ZooKeeperClient> {
  return ZooKeeper.connect({ connect, sessionTimeoutMs: SESSION_TIMEOUT_MS, connectTimeoutMs: 30_000 });
}

/** Path, data and every field of the stat, one line a node; what is under /zookeeper is each server's own. */
export async function treeOf(server: TestServer): Promise<string[]> {
  const client = await clientOf(server.address);
  try {
    await client.sync('/');
    const lines: string[] = [];
    await walk(client, '/', lines);
    return lines.sort();
  } finally {
    await client.close();
  }
}

async function walk(client: ZooKeeperClient, path: string, lines: string[]): Promise<void> {
  if (path === '/zookeeper') return;
  try {
    const { data, stat } = await client.getData(path);
    const fields = Object.entries(stat).map(([name, value]) => `${name}=${value}`);
    lines.push(`${path} ${data.toString('base64')} ${fields.join(' ')}`);
    const { children } = await client.getChildren(path);
    for (const name of children) await walk(client, path === '/' ? `/${name}` : `${path}/${name}`, lines);
  } catch (error) {
    if (!isNoNode(error)) throw error;
  }
}
