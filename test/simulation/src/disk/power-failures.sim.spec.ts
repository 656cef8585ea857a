/**
 * The power fails at one moment after the other of what the storage does in several steps. Whole lives seldom get there:
 * these moments are short, and there must be several files to do it with.
 */
import { createDatabase, makeZxid, type Proposal, type ReplicatedDatabase, Storage } from '@menagerie/ensemble';
import { encodeTxnRecord, OPEN_ACL, OpCode, type Txn } from '@menagerie/zookeeper-protocol';
import { describe, expect, it } from 'vitest';
import { Random } from '../engine/random.js';
import { VirtualTime } from '../engine/virtual-time.js';
import { storageConfigOf } from '../server/storage-config.js';
import { closeDescriptors, mount, newMountPoint, unmount } from './mount.js';
import { SimulatedDisk } from './simulated-disk.js';

const MEAN_SYNC_MS = 1;
/** Whatever is tried here takes less. */
const LONG_MS = 60;
const POWER_FAILURES = 40;
/** Some ten transactions make a file of the log. */
const LOG_FILE_BYTES = 1_500;
const LAST = 35;

const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

function transaction(counter: number): Proposal {
  const zxid = makeZxid(1, counter);
  const data = Buffer.alloc(40, counter);
  const txn: Txn = {
    type: OpCode.create,
    path: `/${counter}`,
    data,
    acl: OPEN_ACL,
    ephemeral: false,
    parentCVersion: counter,
  };
  const header = { clientId: 1n, cxid: counter, zxid, timeMs: 0, type: txn.type };
  return { zxid, header, txn, digest: null, bytes: encodeTxnRecord(header, txn, null) };
}

/** By the number of the last transaction. */
const DIGESTS = (() => {
  const database = createDatabase();
  return Array.from({ length: LAST + 10 }, (_, i) => {
    if (i > 0) database.apply(transaction(i));
    return database.treeDigest;
  });
})();

/** A storage on a disk of which the power can fail. */
class Machine {
  private readonly time = new VirtualTime();
  private readonly disk: SimulatedDisk;
  storage!: Storage;
  database!: ReplicatedDatabase;

  constructor(random: Random) {
    this.disk = new SimulatedDisk(this.time, random, newMountPoint(), { meanSyncMs: MEAN_SYNC_MS });
    mount(this.disk);
    this.disk.initialize();
  }

  async start(): Promise<void> {
    this.database = createDatabase();
    const opening = Storage.open({
      config: { ...storageConfigOf(this.disk.root, true), txnLogSizeLimitBytes: LOG_FILE_BYTES },
      serverId: 1,
      digestEnabled: true,
      database: this.database,
      env: { monotonicMs: () => this.time.nowMs, wallMs: () => this.time.nowMs, random: () => 0.5, log },
      deliver: () => undefined,
      claim: async () => ({ release: async () => undefined }),
    });
    // Whoever awaits it hears of a failure.
    opening.catch(() => undefined);
    await this.pass(LONG_MS);
    ({ storage: this.storage } = await opening);
  }

  async pass(milliseconds: number): Promise<void> {
    this.time.promisesSettle();
    await this.time.runUntil(this.time.nowMs + milliseconds);
  }

  async write(counter: number): Promise<void> {
    const one = transaction(counter);
    this.storage.appendToLog(one.zxid, one.bytes);
    this.database.apply(one);
    this.storage.flush();
    await this.pass(LONG_MS);
  }

  powerFails(): void {
    closeDescriptors(this.disk);
    this.disk.powerFailed();
  }

  remove(): void {
    unmount(this.disk);
  }
}

/**
 * @param snapshotsAt behind which transactions a snapshot is taken
 * @returns the number of the last transaction that is there after it, by the seed
 */
async function afterPowerFailure(
  seed: number,
  snapshotsAt: readonly number[],
  work: (machine: Machine) => void,
): Promise<number> {
  const random = new Random(seed);
  const machine = new Machine(random);
  try {
    await machine.start();
    machine.storage.saveEpoch('accepted', 1);
    await machine.pass(LONG_MS);
    for (let counter = 1; counter <= LAST; counter++) {
      await machine.write(counter);
      if (!snapshotsAt.includes(counter)) continue;
      machine.storage.saveSnapshotInBackground();
      await machine.pass(LONG_MS);
    }
    work(machine);
    // Most of it is done in the first milliseconds.
    await machine.pass(random.delay(4 * MEAN_SYNC_MS));
    machine.powerFails();
    await machine.start();
    const last = Number(machine.database.lastProcessedZxid & 0xffff_ffffn);
    expect(machine.database.treeDigest, `the tree after ${last}, seed ${seed}`).toBe(DIGESTS[last]);
    return last;
  } finally {
    machine.remove();
  }
}

async function whatIsThereAfter(
  snapshotsAt: readonly number[],
  work: (machine: Machine) => void,
): Promise<Set<number>> {
  const found = new Set<number>();
  for (let seed = 1; seed <= POWER_FAILURES; seed++) found.add(await afterPowerFailure(seed, snapshotsAt, work));
  return found;
}

describe('a power failure at any moment', () => {
  // Taken out: in `cutLog`, the directory is synced behind the cut and not before it.
  it('of a truncation over several files leaves a log without a hole', async () => {
    const cutTo = 7;
    const found = await whatIsThereAfter([], ({ storage }) => storage.truncateLog(makeZxid(1, cutTo)));
    expect(Math.min(...found)).toBe(cutTo);
    expect(Math.max(...found)).toBe(LAST);
  });

  it('of taking over the history of a leader leaves the old one or the new one', async () => {
    const taken = LAST + 5;
    const found = await whatIsThereAfter([10, 20], ({ storage, database }) => {
      for (let counter = LAST + 1; counter <= taken; counter++) database.apply(transaction(counter));
      storage.saveSnapshot(1);
    });
    expect([...found].sort()).toEqual([LAST, taken]);
  });

  it('of a snapshot and of the removal of old files loses nothing', async () => {
    const found = await whatIsThereAfter([10, 20, 25, 30], ({ storage }) => {
      storage.saveSnapshotInBackground();
      void storage.purge();
    });
    expect([...found]).toEqual([LAST]);
  });
});
