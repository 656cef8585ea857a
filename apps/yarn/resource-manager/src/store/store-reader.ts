/** Reads the whole store: which applications and attempts there are, and the key of the masters' tokens. */
import { SPLIT_INDEXES, type StoredApplication, StoreLayout } from '@menagerie/yarn-core';
import {
  decodeApplicationRecord,
  decodeAttemptRecord,
  decodeMasterKeyState,
  type MasterKey,
  YarnRecordError,
} from '@menagerie/yarn-protocol';
import { isNoNode, type ZooKeeperClient } from '@menagerie/zookeeper-client';

/** Reads that are under way at the same time. */
const CONCURRENCY = 32;

export interface StoreContent {
  readonly applications: readonly StoredApplication[];
  /** Where each application was found, which another split may have decided. */
  readonly paths: ReadonlyMap<string, string>;
  /** First levels of split applications. */
  readonly directories: ReadonlySet<string>;
  readonly masterKey: MasterKey | null;
}

interface Place {
  readonly applicationId: string;
  readonly path: string;
}

/** @throws YarnRecordError for a znode that cannot be read; it names the znode */
export async function readStore(client: ZooKeeperClient, layout: StoreLayout): Promise<StoreContent> {
  const directories = new Set<string>();
  const places: Place[] = [];
  for (const split of SPLIT_INDEXES) {
    const directory = layout.applicationDirectory(split);
    for (const name of StoreLayout.applicationNames(await children(client, directory))) {
      const path = `${directory}/${name}`;
      if (split === 0) {
        places.push({ applicationId: name, path });
        continue;
      }
      directories.add(path);
      for (const rest of await children(client, path)) {
        places.push({ applicationId: name + rest, path: `${path}/${rest}` });
      }
    }
  }
  const applications = await inParallel(places, (place) => readApplication(client, place));
  return {
    applications: applications.filter((one) => one !== null),
    paths: new Map(places.map((place) => [place.applicationId, place.path])),
    directories,
    masterKey: await readMasterKey(client, layout),
  };
}

async function readApplication(client: ZooKeeperClient, place: Place): Promise<StoredApplication | null> {
  const bytes = await data(client, place.path);
  if (bytes === null) return null;
  const application = decodeApplicationRecord(bytes, place.path);
  if (application.context.applicationId !== place.applicationId) {
    const got = application.context.applicationId;
    throw new YarnRecordError('YARN_BAD_RECORD', `${place.path}: expected ${place.applicationId} in it, got ${got}`);
  }
  const attempts = [];
  for (const attemptId of StoreLayout.attemptNames(await children(client, place.path))) {
    const path = StoreLayout.attempt(place.path, attemptId);
    const attempt = await data(client, path);
    if (attempt !== null) attempts.push(decodeAttemptRecord(attempt, path));
  }
  return { application, attempts };
}

async function readMasterKey(client: ZooKeeperClient, layout: StoreLayout): Promise<MasterKey | null> {
  const bytes = await data(client, layout.masterTokens);
  return bytes === null || bytes.length === 0 ? null : decodeMasterKeyState(bytes, layout.masterTokens);
}

/** None if the node is not there. */
async function children(client: ZooKeeperClient, path: string): Promise<readonly string[]> {
  try {
    return (await client.getChildren(path)).children;
  } catch (error) {
    if (isNoNode(error)) return [];
    throw error;
  }
}

/** Null if the node is not there. */
export async function data(client: ZooKeeperClient, path: string): Promise<Buffer | null> {
  try {
    return (await client.getData(path)).data;
  } catch (error) {
    if (isNoNode(error)) return null;
    throw error;
  }
}

async function inParallel<T, R>(list: readonly T[], what: (one: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < list.length; at = next++) results[at] = await what(list[at] as T);
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, list.length) }, worker));
  return results;
}
