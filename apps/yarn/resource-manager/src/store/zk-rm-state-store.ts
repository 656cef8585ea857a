/**
 * The state store of one active life (ZKRMStateStore): takes the fence over, checks version, counts the epoch, loads all
 * there is, then writes what the active services decide.
 */
import {
  checkLayout,
  checkSize,
  CURRENT_LAYOUT,
  fencedRootAcl,
  nextEpoch,
  type RmEffect,
  type StoredApplication,
  StoreLayout,
  type StoreState,
} from '@menagerie/yarn-core';
import {
  applicationOfAttempt,
  decodeEpoch,
  decodeVersion,
  encodeApplicationRecord,
  encodeAttemptRecord,
  encodeEpoch,
  encodeMasterKeyState,
  encodeVersion,
  type MasterKey,
} from '@menagerie/yarn-protocol';
import { isNodeExists, isNoNode, isZooKeeperError, OPEN_ACL, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { FencedWriter, type FencedWriterOptions, type Write } from './fenced-writer.js';
import { data, readStore } from './store-reader.js';
import type { StoreSession } from './store-session.js';

export interface StateStoreOptions extends Omit<FencedWriterOptions, 'client' | 'fencingLock'> {
  readonly session: StoreSession;
  readonly layout: StoreLayout;
  /** 16 random bytes: the key of the masters' tokens, should the store have none yet. */
  readonly newMasterKey: () => MasterKey;
}

export type StoreEffect = Extract<RmEffect, { kind: `${'store' | 'update' | 'remove'}-${string}` }>;

/** Diagnostics come to a record when its application ends; they must fit in then. */
const ROOM_FOR_ITS_END_BYTES = 65_536;
/** Tries of one step of opening, when its reply gets lost. */
const OPEN_TRIES = 3;

export class ZkRmStateStore {
  private constructor(
    private readonly writer: FencedWriter,
    private readonly layout: StoreLayout,
    /** How often a ResourceManager had become active before. */
    readonly epoch: number,
    readonly applications: readonly StoredApplication[],
    readonly masterKey: MasterKey,
    private readonly paths: Map<string, string>,
    private readonly directories: Set<string>,
    private readonly znodeLimitBytes: number,
  ) {}

  get state(): StoreState {
    return this.writer.gate.state;
  }

  /**
   * Takes the fence, then reads. From the moment the root has our ACL every write of the active before us is refused, so
   * what is read after it is final.
   *
   * @throws YarnRecordError for a store of another major version or with unreadable records; ZooKeeperError
   */
  static async open(options: StateStoreOptions): Promise<ZkRmStateStore> {
    const { session, layout } = options;
    const client = await session.open();
    await steadily(() => client.mkdirp(layout.parent));
    await steadily(() => create(client, layout.root));
    await steadily(() => client.setAcl(layout.root, fencedRootAcl(OPEN_ACL, session.holder)));
    await steadily(() => remove(client, layout.fencingLock));
    for (const directory of layout.directories) await steadily(() => create(client, directory));

    const writer = new FencedWriter({ ...options, client, fencingLock: layout.fencingLock });
    const put = (path: string, bytes: Buffer) =>
      writer.write([{ write: { kind: 'put', path, data: bytes }, known: true }]);
    const version = await data(client, layout.version);
    if (checkLayout(version === null ? null : decodeVersion(version, layout.version)) === 'write') {
      await put(layout.version, encodeVersion(CURRENT_LAYOUT));
    }
    const stored = await data(client, layout.epoch);
    const epoch = nextEpoch(stored === null ? null : decodeEpoch(stored, layout.epoch));
    await put(layout.epoch, encodeEpoch(epoch.store));

    const content = await readStore(client, layout);
    const masterKey = content.masterKey ?? options.newMasterKey();
    if (content.masterKey === null) await put(layout.masterTokens, encodeMasterKeyState(masterKey));
    const paths = new Map(content.paths);
    const directories = new Set(content.directories);
    return new ZkRmStateStore(
      writer,
      layout,
      epoch.epoch,
      content.applications,
      masterKey,
      paths,
      directories,
      options.znodeLimitBytes,
    );
  }

  /**
   * Resolves when it is in the store. Effects are carried out in the order in which they are given.
   *
   * @throws YarnRequestError `YARN_TOO_LARGE`; StoreShutError when this life is over
   */
  async carryOut(effect: StoreEffect): Promise<void> {
    await this.writer.write(this.writesOf(effect));
  }

  private writesOf(effect: StoreEffect): readonly Write[] {
    switch (effect.kind) {
      case 'store-application':
        return this.newApplication(effect.applicationId, encodeApplicationRecord(effect.record));
      case 'update-application':
        return [this.put(this.pathOf(effect.applicationId), encodeApplicationRecord(effect.record), true)];
      case 'store-attempt':
        return [this.put(this.attemptPath(effect.attemptId), encodeAttemptRecord(effect.record), false)];
      case 'update-attempt':
        return [this.put(this.attemptPath(effect.attemptId), encodeAttemptRecord(effect.record), true)];
      case 'remove-application': {
        const path = this.pathOf(effect.applicationId);
        this.paths.delete(effect.applicationId);
        const attempts = effect.attemptIds.map((attemptId) => StoreLayout.attempt(path, attemptId));
        return [...attempts, path].map((one) => ({ write: { kind: 'remove', path: one }, known: true }));
      }
      default:
        return effect satisfies never;
    }
  }

  private newApplication(applicationId: string, bytes: Buffer): readonly Write[] {
    const { path, directory } = this.layout.application(applicationId);
    checkSize({ kind: 'put', path, data: bytes }, this.znodeLimitBytes - ROOM_FOR_ITS_END_BYTES);
    this.paths.set(applicationId, path);
    const application = this.put(path, bytes, false);
    if (directory === null || this.directories.has(directory)) return [application];
    this.directories.add(directory);
    return [this.put(directory, Buffer.alloc(0), false), application];
  }

  private put(path: string, bytes: Buffer, known: boolean): Write {
    return { write: { kind: 'put', path, data: bytes }, known };
  }

  private pathOf(applicationId: string): string {
    return this.paths.get(applicationId) ?? this.layout.application(applicationId).path;
  }

  private attemptPath(attemptId: string): string {
    return StoreLayout.attempt(this.pathOf(applicationOfAttempt(attemptId)), attemptId);
  }

  /** Lets the write under way end, drops the others. */
  close(): Promise<void> {
    return this.writer.close();
  }
}

/** A step of opening that may be done twice, so it is tried again when its reply was lost. */
async function steadily(step: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await step();
      return;
    } catch (error) {
      if (!isZooKeeperError(error) || !error.retryable || tries >= OPEN_TRIES) throw error;
    }
  }
}

async function create(client: ZooKeeperClient, path: string): Promise<void> {
  try {
    await client.create(path, '', { acl: OPEN_ACL });
  } catch (error) {
    if (!isNodeExists(error)) throw error;
  }
}

async function remove(client: ZooKeeperClient, path: string): Promise<void> {
  try {
    await client.delete(path);
  } catch (error) {
    if (!isNoNode(error)) throw error;
  }
}
