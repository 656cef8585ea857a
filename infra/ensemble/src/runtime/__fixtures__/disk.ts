/** What the specs of the runtime share: directories that go with the test, transactions, a storage to put them in. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DIGEST_VERSION, encodeTxnRecord, OPEN_ACL, OpCode, type Txn } from '@menagerie/zookeeper-protocol';
import { onTestFinished } from 'vitest';
import {
  makeZxid,
  type CoreLog,
  type Env,
  type LogFields,
  type PeerInput,
  type Proposal,
} from '../../core/contract/index.js';
import { createDatabase, type ReplicatedDatabase } from '../../core/database/index.js';
import type { StorageConfig } from '../config/index.js';
import { parseZooCfg } from '../config/index.js';
import { Storage, type OpenedStorage } from '../storage/storage.js';

export interface LoggedLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly event: string;
  readonly fields: LogFields;
}

export function recordingLog(): CoreLog & { readonly lines: LoggedLine[] } {
  const lines: LoggedLine[] = [];
  const at =
    (level: LoggedLine['level']) =>
    (event: string, fields: LogFields = {}): void =>
      void lines.push({ level, event, fields });
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

export function testEnv(log: CoreLog = recordingLog()): Env {
  return { monotonicMs: () => performance.now(), wallMs: () => Date.now(), random: () => 0.5, log };
}

export function scratchDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'menagerie-ensemble-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export function storageConfig(dataDir: string, more: Partial<StorageConfig> = {}): StorageConfig {
  return { ...parseZooCfg(`dataDir=${dataDir}\nclientPort=1`, null).storage, ...more };
}

/** The nth transaction of an epoch: creates `/<epoch>-<n>`. */
export function createNode(epoch: number, counter: number, data = Buffer.from('x')): Proposal {
  const path = `/${epoch}-${counter}`;
  return proposal(epoch, counter, {
    type: OpCode.create,
    path,
    data,
    acl: OPEN_ACL,
    ephemeral: false,
    parentCVersion: counter,
  });
}

/** The same transaction, with what a leader says the tree is after it. */
export function withDigest({ zxid, header, txn }: Proposal, treeDigest: bigint): Proposal {
  const digest = { version: DIGEST_VERSION, treeDigest };
  return { zxid, header, txn, digest, bytes: encodeTxnRecord(header, txn, digest) };
}

export function proposal(epoch: number, counter: number, txn: Txn): Proposal {
  const zxid = makeZxid(epoch, counter);
  const header = { clientId: 0x100n, cxid: counter, zxid, timeMs: 1_700_000_000_000 + counter, type: txn.type };
  return { zxid, header, txn, digest: null, bytes: encodeTxnRecord(header, txn, null) };
}

export interface OpenStorage extends OpenedStorage {
  readonly database: ReplicatedDatabase;
  readonly inputs: PeerInput[];
  readonly log: ReturnType<typeof recordingLog>;
  /** Applies, logs, and waits until it is durable. */
  write(...proposals: readonly Proposal[]): Promise<void>;
  /** The next input of a kind, from the first that no call has returned yet. */
  next<K extends PeerInput['kind']>(kind: K): Promise<Extract<PeerInput, { kind: K }>>;
  /** A snapshot as one is taken while serving. Resolves when it is on the disk. */
  snapshot(): Promise<void>;
}

export async function openStorage(
  config: StorageConfig,
  { serverId = null, log = recordingLog() }: { serverId?: number | null; log?: ReturnType<typeof recordingLog> } = {},
): Promise<OpenStorage> {
  const database = createDatabase({});
  const inputs: PeerInput[] = [];
  let taken = 0;
  let wake: () => void = () => {};
  const opened = await Storage.open({
    config,
    serverId,
    digestEnabled: true,
    database,
    env: testEnv(log),
    deliver: (input) => {
      inputs.push(input);
      wake();
    },
  });
  const { storage } = opened;
  onTestFinished(() => storage.close());
  const next: OpenStorage['next'] = async (kind) => {
    for (;;) {
      while (taken < inputs.length) {
        const input = inputs[taken++]!;
        if (input.kind === kind) return input as never;
      }
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  return {
    ...opened,
    database,
    inputs,
    log,
    next,
    async write(...proposals) {
      for (const one of proposals) {
        storage.appendToLog(one.zxid, one.bytes);
        database.apply(one);
      }
      storage.flush();
      const last = proposals.at(-1)!.zxid;
      while ((await next('durable')).zxid < last);
    },
    async snapshot() {
      const before = storage.stats.snapshot.count;
      storage.saveSnapshotInBackground();
      while (storage.stats.snapshot.count === before) await new Promise((resolve) => setImmediate(resolve));
    },
  };
}
