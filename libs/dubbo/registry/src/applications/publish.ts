/** Lists a process under its application, with what it offers, and the application under each interface. */
import { type DubboPaths, type DubboUrl, instancesPath } from '@menagerie/dubbo-url';
import { CreateMode, isBadVersion, isNodeExists, isNoNode, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { encodeInstance, metadataOf } from './instance.js';

const MAX_TRIES = 20;

export interface Published {
  readonly path: string;
  readonly data: string;
}

/** The process's own node. Precondition: all URLs are of one process, and there is at least one. */
export function instanceOf(application: string, urls: readonly [DubboUrl, ...DubboUrl[]], nowMs: number): Published {
  const [{ host, port, parameters }] = urls;
  const { revision } = metadataOf(application, urls);
  const own = ['pid', 'timestamp', 'weight'].flatMap((key) => {
    const value = parameters[key];
    return value === undefined ? [] : [[key, value] as const];
  });
  const instance = { application, host, port, revision, metadata: Object.fromEntries(own) };
  return { path: `${instancesPath(application)}/${host}:${port}`, data: encodeInstance(instance, nowMs) };
}

/** What is offered, by revision, and who offers it, by interface: both stay when the process goes. */
export async function publishMetadata(
  client: ZooKeeperClient,
  paths: DubboPaths,
  application: string,
  urls: readonly DubboUrl[],
): Promise<void> {
  const metadata = metadataOf(application, urls);
  const path = paths.metadata(application, metadata.revision);
  await client.mkdirp(path.slice(0, path.lastIndexOf('/')));
  await client.create(path, JSON.stringify(metadata), { mode: CreateMode.persistent }).catch((error: unknown) => {
    if (!isNodeExists(error)) throw error;
  });
  for (const name of new Set(urls.map(({ serviceInterface }) => serviceInterface))) {
    await map(client, paths.mapping(name), application);
  }
}

/** Several may do so at once: whoever comes second reads again. */
async function map(client: ZooKeeperClient, path: string, application: string): Promise<void> {
  await client.mkdirp(path.slice(0, path.lastIndexOf('/')));
  for (let tries = 1; ; tries += 1) {
    try {
      const { data, stat } = await client.getData(path);
      const known = data
        .toString()
        .split(',')
        .filter((one) => one !== '');
      if (known.includes(application)) return;
      await client.setData(path, [...known, application].join(','), { version: stat.version });
      return;
    } catch (error) {
      if (tries === MAX_TRIES || !(isNoNode(error) || isBadVersion(error))) throw error;
      if (isNoNode(error)) {
        await client.create(path, '').catch((second: unknown) => {
          if (!isNodeExists(second)) throw second;
        });
      }
    }
  }
}
