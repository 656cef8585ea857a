/**
 * An application's view of its configuration: typed, followed, and never worse than the last good value.
 *
 * Push, then pull: ZooKeeper says that something changed, the client reads it. A value that cannot be parsed, or that the
 * application's own `read` refuses, is reported and not applied. With a `folder`, what was applied last is kept on disk,
 * secrets excepted, and stands in when there is no ensemble at the start.
 */
import { messageOf, configPaths, parseDocument } from '@menagerie/platform-core';
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';
import { ConfigStore } from '@menagerie/zookeeper-recipes';
import { LastGood } from '../disk/last-good.js';

export interface Applied<T> {
  readonly value: T;
  /** Of the node; -1 for one from the disk. */
  readonly version: number;
  readonly isFromDisk: boolean;
}

export interface WatchedOptions<T> {
  /** From the parsed document to what the application uses; what it throws means that the value is no good. */
  readonly read: (document: unknown) => T;
  readonly signal?: AbortSignal;
  /** Told of values that were not applied. */
  readonly onRejected?: (why: string, version: number) => void;
  /** A large fan-out spreads its reads over so many milliseconds. Default 0. */
  readonly jitterMs?: number;
  /** Never written to disk. Default false. */
  readonly isSecret?: boolean;
}

export interface ConfigClientOptions {
  /** For the last good values; default: none are kept. */
  readonly folder?: string;
  readonly now?: () => number;
}

export class ConfigClient {
  private readonly store: ConfigStore;
  private readonly disk: LastGood | null;
  private readonly now: () => number;

  constructor(
    client: ZooKeeperClient,
    readonly application: string,
    options: ConfigClientOptions = {},
  ) {
    this.store = new ConfigStore(client, configPaths.app(application));
    this.disk = options.folder === undefined ? null : new LastGood(options.folder);
    this.now = options.now ?? Date.now;
  }

  /**
   * The value now and after each change that is good. Ends when the signal fires or the client is closed. Values that
   * come while the caller is busy with one collapse into the latest.
   */
  async *watch<T>(key: string, options: WatchedOptions<T>): AsyncGenerator<Applied<T>, void, void> {
    const { read, isSecret = false, onRejected, jitterMs, signal } = options;
    const texts = new Map<T, string>();
    const parse = (data: Buffer): T => {
      const text = data.toString();
      const value = read(parseDocument(key, text));
      texts.clear();
      texts.set(value, text);
      return value;
    };
    const follow = {
      parse,
      ...(jitterMs === undefined ? {} : { jitterMs }),
      ...(signal === undefined ? {} : { signal }),
      onRejected: (error: unknown, version: number) => onRejected?.(messageOf(error), version),
    };
    for await (const { value, version } of this.store.follow(key, follow)) {
      if (!isSecret) this.disk?.keep(this.nameOf(key), texts.get(value) ?? '', this.now());
      yield { value, version, isFromDisk: false };
    }
  }

  /** What was applied last, by whichever process of this application used the folder. */
  lastGood<T>(key: string, read: (document: unknown) => T): Applied<T> | null {
    const kept = this.disk?.find(this.nameOf(key));
    if (!kept) return null;
    try {
      return { value: read(parseDocument(key, kept.text)), version: -1, isFromDisk: true };
    } catch {
      return null;
    }
  }

  private nameOf(key: string): string {
    return `${this.application}/${key}`;
  }
}
