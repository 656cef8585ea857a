/** Watches that stay: asked for, and taken away again. */
import { WatcherType } from '@menagerie/zookeeper-protocol';
import type { AddWatchOptions, CallOptions, PersistentWatch, WatchCallback } from './api.js';
import { checkPath } from './arguments.js';
import type { CallSpecs } from './call-specs.js';
import { fromAbsolute } from './connect-string.js';
import type { WireCallName } from './driver.js';
import { ZooKeeperError, isClosed, isSessionLost } from './errors.js';
import type { CallSpec } from './pending-calls.js';
import type { PathWatcher, WatchRegistry } from './watch-registry.js';

type Call = <N extends WireCallName, T>(options: CallOptions, specOf: () => CallSpec<N, T>) => Promise<T>;

export class StandingWatches {
  constructor(
    private readonly chroot: string,
    private readonly watches: WatchRegistry,
    private readonly specs: CallSpecs,
    private readonly call: Call,
  ) {}

  async add(path: string, callback: WatchCallback, options: AddWatchOptions): Promise<PersistentWatch> {
    const { recursive = false } = options;
    const watcher: PathWatcher = (type, at) => callback({ type, path: fromAbsolute(this.chroot, at) });
    await this.call(options, () => this.specs.addWatch(path, recursive, watcher));
    const remove = (call: CallOptions = {}): Promise<void> => this.remove(path, recursive, watcher, call);
    return { path, recursive, remove, [Symbol.asyncDispose]: () => quietly(remove()) };
  }

  /**
   * The callback goes at once. The server is told to forget the watch only when nobody else needs it, and by its exact
   * kind if there are others on the node; a server before 3.9 does not know the kind and then tells nobody any more.
   */
  private async remove(path: string, recursive: boolean, watcher: PathWatcher, options: CallOptions): Promise<void> {
    const absolute = checkPath(this.chroot, path);
    this.watches.removePersistent(absolute, recursive, watcher);
    if (this.watches.hasPersistent(absolute, recursive)) return;
    const isUnwatched = this.watches.isUnwatched(absolute);
    const exactly = recursive ? WatcherType.PersistentRecursive : WatcherType.Persistent;
    try {
      await this.call(options, () => this.specs.removeWatches(path, isUnwatched ? WatcherType.Any : exactly));
    } catch (error) {
      // With the session or the client the watch has gone too.
      if (isSessionLost(error) || isClosed(error)) return;
      if (isUnwatched || !(error instanceof ZooKeeperError) || error.wireCode === undefined) throw error;
    }
  }
}

/** At the end of a scope there is nobody to tell; what is left behind tells nobody either. */
async function quietly(work: Promise<unknown>): Promise<void> {
  await work.catch(() => undefined);
}
