/** The client behind `ZooKeeper.connect()`: makes calls of what is asked, and passes on what happens. */
import type { Acl, EventType, Stat } from '@menagerie/zookeeper-protocol';
import type {
  AclResult,
  CallOptions,
  ChildrenResult,
  ClientLogger,
  ClientState,
  CloseResult,
  CreateOptions,
  CreateResult,
  DataResult,
  MultiOp,
  MultiResult,
  NodeData,
  ReadOptions,
  SessionChange,
  SessionInfo,
  Snapshot,
  StateChange,
  StateReason,
  VersionOptions,
  WatchCallback,
  WatchOptions,
  ZooKeeperClient,
} from './api.js';
import { checkPath, toData } from './arguments.js';
import { CallSpecs } from './call-specs.js';
import type { AuthInfo, DriverFactory, ServerAddress, WireCallName } from './driver.js';
import { ZkClosedError, ZooKeeperError, type ConnectAttempt } from './errors.js';
import { clientFollowSource } from './follow-source.js';
import { Follower } from './follow.js';
import { Listeners } from './listeners.js';
import { makeWithParents } from './mkdirp.js';
import { PendingCalls, type CallSpec } from './pending-calls.js';
import { ServerList } from './server-list.js';
import { SessionMachine } from './session-machine.js';
import { SessionRunner } from './session-runner.js';
import { WatchRegistry, type Watcher } from './watch-registry.js';

/** How long `close()` waits for a connection, and then for the server's confirmation. */
const CLOSE_WAIT_MS = 3_000;

export interface ClientSettings {
  readonly servers: readonly ServerAddress[];
  readonly chroot: string;
  readonly sessionTimeoutMs: number;
  readonly callTimeoutMs: number;
  readonly maxPendingCalls: number;
  readonly maxRequestBytes: number;
  readonly driverFactory: DriverFactory;
  readonly logger: ClientLogger;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly random: () => number;
}

export class Client implements ZooKeeperClient {
  readonly #settings: ClientSettings;
  readonly #machine: SessionMachine;
  readonly #calls: PendingCalls;
  readonly #runner: SessionRunner;
  readonly #specs: CallSpecs;
  readonly #watches = new WatchRegistry();
  readonly #stateListeners = new Listeners<StateChange>();
  readonly #sessionListeners = new Listeners<SessionChange>();
  #closing: Promise<CloseResult> | null = null;

  constructor(settings: ClientSettings) {
    this.#settings = settings;
    const { servers, sessionTimeoutMs, random, now, logger, driverFactory, chroot, maxRequestBytes } = settings;
    const machine = new SessionMachine({ sessionTimeoutMs, serverCount: servers.length, random });
    this.#machine = machine;
    this.#calls = new PendingCalls({
      maxPending: settings.maxPendingCalls,
      defaultTimeoutMs: settings.callTimeoutMs,
      generation: () => machine.session?.generation ?? null,
    });
    this.#specs = new CallSpecs({
      chroot,
      maxRequestBytes,
      register: (table, path, watcher) => this.#watches.add(table, path, watcher),
    });
    this.#runner = new SessionRunner({
      machine,
      servers: new ServerList(servers, random),
      calls: this.#calls,
      driverFactory,
      sessionTimeoutMs,
      now,
      logger,
      onState: (change) => this.#stateListeners.tell(change),
      onSession: (change) => this.#sessionListeners.tell(change),
      onSessionEnd: () => notify(this.#watches.drain(), 'session-lost'),
      onWatchEvent: (type, path) => this.#onWatchEvent(type, path),
      watches: () => this.#watches.lists(),
    });
  }

  get state(): ClientState {
    this.#runner.observe();
    return this.#machine.state;
  }

  get session(): SessionInfo | null {
    this.#runner.observe();
    return this.#machine.session;
  }

  /** What came of the tries to connect so far. */
  get attempts(): readonly ConnectAttempt[] {
    return this.#runner.attempts;
  }

  start(auth: readonly AuthInfo[]): void {
    this.#runner.start(auth);
  }

  /** Gives everything up without a word to the server. */
  abandon(reason: StateReason): void {
    this.#runner.close(reason);
  }

  on(event: 'state', listener: (change: StateChange) => void): () => void;
  on(event: 'session', listener: (change: SessionChange) => void): () => void;
  on(
    ...[event, listener]:
      | [event: 'state', listener: (change: StateChange) => void]
      | [event: 'session', listener: (change: SessionChange) => void]
  ): () => void {
    return event === 'state' ? this.#stateListeners.add(listener) : this.#sessionListeners.add(listener);
  }

  create(path: string, data?: NodeData, options: CreateOptions = {}): Promise<CreateResult> {
    return this.#call(options, () => this.#specs.create(path, data, options));
  }

  delete(path: string, options: VersionOptions = {}): Promise<void> {
    return this.#call(options, () => this.#specs.delete(path, options.version));
  }

  exists(path: string, options: ReadOptions = {}): Promise<Stat | null> {
    return this.#call(options, () => this.#specs.exists(path, toWatcher(path, options.watch)));
  }

  getData(path: string, options: ReadOptions = {}): Promise<DataResult> {
    return this.#call(options, () => this.#specs.getData(path, toWatcher(path, options.watch)));
  }

  setData(path: string, data: NodeData, options: VersionOptions = {}): Promise<Stat> {
    return this.#call(options, () => this.#specs.setData(path, data, options.version));
  }

  getChildren(path: string, options: ReadOptions = {}): Promise<ChildrenResult> {
    return this.#call(options, () => this.#specs.getChildren(path, toWatcher(path, options.watch)));
  }

  getAcl(path: string, options: CallOptions = {}): Promise<AclResult> {
    return this.#call(options, () => this.#specs.getAcl(path));
  }

  setAcl(
    path: string,
    acl: readonly Acl[],
    options: CallOptions & { readonly aclVersion?: number } = {},
  ): Promise<Stat> {
    return this.#call(options, () => this.#specs.setAcl(path, acl, options.aclVersion));
  }

  multi(ops: readonly MultiOp[], options: CallOptions = {}): Promise<readonly MultiResult[]> {
    return this.#call(options, () => this.#specs.multi(ops));
  }

  sync(path: string, options: CallOptions = {}): Promise<void> {
    return this.#call(options, () => this.#specs.sync(path));
  }

  addAuth(scheme: string, credentials: string | Buffer, options: CallOptions = {}): Promise<void> {
    return this.#call(options, () => {
      if (scheme === '') throw new ZooKeeperError('ZK_INVALID_ARGUMENT', 'expected the name of a scheme, got ""');
      const copy = toData(credentials);
      this.#runner.addCredentials({ scheme, credentials: copy });
      return this.#specs.addAuth(scheme, copy);
    });
  }

  async mkdirp(path: string, options: CallOptions & { readonly acl?: readonly Acl[] } = {}): Promise<void> {
    const { acl, ...rest } = options;
    const absolute = checkPath(this.#settings.chroot, path);
    if (absolute === '/') return;
    const { now, callTimeoutMs } = this.#settings;
    const deadlineMs = now() + (options.timeoutMs ?? callTimeoutMs);
    await makeWithParents(absolute, (node) => {
      const timeoutMs = Math.max(1, Math.ceil(deadlineMs - now()));
      return this.#call({ ...rest, timeoutMs }, () => this.#specs.createEmpty(node, acl));
    });
  }

  watch(path: string, options: WatchOptions): AsyncIterable<Snapshot> {
    checkPath(this.#settings.chroot, path);
    const source = clientFollowSource({
      exists: (watcher, signal) => this.#call({ signal }, () => this.#specs.exists(path, watcher)),
      getData: (watcher, signal) => this.#call({ signal }, () => this.#specs.getData(path, watcher)),
      getChildren: (watcher, signal) => this.#call({ signal }, () => this.#specs.getChildren(path, watcher)),
      generation: () => this.#machine.generation,
      forget: (watcher) => this.#watches.remove(checkPath(this.#settings.chroot, path), watcher),
      onState: (listener) => this.#stateListeners.add(listener),
    });
    return { [Symbol.asyncIterator]: () => new Follower(source, path, options.kind, options.signal) };
  }

  close(): Promise<CloseResult> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #shutDown(): Promise<CloseResult> {
    this.#calls.endWaiting();
    if (this.state === 'suspended') await this.#untilNotSuspended();
    const sessionClosed = this.#machine.attached && (await this.#runner.closeSession(CLOSE_WAIT_MS));
    this.#runner.close('close');
    return { sessionClosed };
  }

  #untilNotSuspended(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        off();
        resolve();
      };
      const timer = setTimeout(done, CLOSE_WAIT_MS);
      const off = this.#stateListeners.add(done);
    });
  }

  #call<N extends WireCallName, T>(options: CallOptions, specOf: () => CallSpec<N, T>): Promise<T> {
    try {
      const spec = specOf();
      this.#runner.observe();
      if (this.#closing !== null || this.#machine.state === 'closed') {
        throw new ZkClosedError(`${spec.what}: the client is closed`, { path: spec.path });
      }
      // No step in between: the caller's continuation runs in the order in which replies and watch events arrived.
      const result = this.#calls.add(spec, options);
      this.#runner.flush();
      return result;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #onWatchEvent(event: EventType, path: string): void {
    const taken = this.#watches.take(event, path);
    if (taken !== null) notify(taken.watchers, taken.type);
  }
}

function toWatcher(path: string, callback: WatchCallback | undefined): Watcher | undefined {
  return callback && ((type) => callback({ type, path }));
}

/** In microtasks, which keep the order: behind the replies that arrived before, ahead of those that come after. */
function notify(watchers: readonly Watcher[], type: Parameters<Watcher>[0]): void {
  for (const watcher of watchers) queueMicrotask(() => watcher(type));
}
