/**
 * What a power failure leaves of a directory is what it held when it was fsynced last. Every fsync of one is watched here,
 * and what is answered for has to be in it by then: the very file, since a name may have stood for another before.
 */
import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createNode, openStorage, scratchDirectory, storageConfig } from '../__fixtures__/disk.js';

const inodeOf = (path: string): number | null => statSync(path, { throwIfNoEntry: false })?.ino ?? null;

/** @returns whether a path would be what it is now after a power failure, there or gone */
async function watchDirectories(): Promise<(path: string) => boolean> {
  const durable = new Map<string, ReadonlyMap<string, number | null>>();
  const any = await open('.', 'r');
  const prototype = Object.getPrototypeOf(any) as FileHandle;
  await any.close();
  const { sync } = prototype;
  prototype.sync = async function (this: FileHandle) {
    const path = readlinkSync(`/proc/self/fd/${this.fd}`);
    const isDirectory = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
    const entries = isDirectory ? readdirSync(path).map((name) => [name, inodeOf(join(path, name))] as const) : null;
    await sync.call(this);
    if (entries !== null) durable.set(path, new Map(entries));
  };
  onTestFinished(() => void (prototype.sync = sync));
  return (path) => (durable.get(dirname(path))?.get(basename(path)) ?? null) === inodeOf(path);
}

describe.skipIf(process.platform !== 'linux')('a file is there for good before it is relied on', () => {
  it('as a directory, the first snapshot, a log, an epoch, a snapshot beside it, one that replaces all', async () => {
    const isDurable = await watchDirectories();
    const parent = scratchDirectory();
    const dataDir = join(parent, 'made', 'here');
    const { storage, write, next, snapshot } = await openStorage(storageConfig(dataDir), { serverId: 1 });
    const files = join(dataDir, 'version-2');
    const expectThere = (name: string): void =>
      expect({ name, isThere: inodeOf(join(files, name)) !== null, isDurable: isDurable(join(files, name)) }).toEqual({
        name,
        isThere: true,
        isDurable: true,
      });
    expect([join(parent, 'made'), dataDir, files].map(isDurable)).toEqual([true, true, true]);
    expectThere('snapshot.0');

    await write(createNode(1, 1));
    expectThere('log.100000001');

    storage.saveEpoch('accepted', 1);
    await next('epochSaved');
    expectThere('acceptedEpoch');

    await snapshot();
    expectThere('snapshot.100000001');

    await write(createNode(1, 2));
    storage.saveSnapshot(7);
    await next('snapshotSaved');
    expectThere('snapshot.100000002');
    for (const gone of ['snapshot.0', 'snapshot.100000001', 'log.100000001']) {
      expect([gone, inodeOf(join(files, gone)), isDurable(join(files, gone))]).toEqual([gone, null, true]);
    }
  });
});
