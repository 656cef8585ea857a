/** The client behind `ZooKeeper.connect()`: makes calls of what is asked, and passes on what happens. */
import type { Acl, Stat } from '@menagerie/zookeeper-protocol';
import type {
  AclResult,
  AddWatchOptions,
  CallOptions,
  ChildrenResult,
  ClientState,
  CloseResult,
  CreateOptions,
  CreateResult,
  DataResult,
  EnsembleConfig,
  GuaranteedDeleteOptions,
  Identity,
  MultiOp,
  MultiResult,
  NodeData,
  PersistentWatch,
  ProtectedCreateOptions,
  ProtectedCreateResult,
  ReadOp,
  ReadOptions,
  ReadResult,
  ReconfigOptions,
  SessionChange,
  SessionInfo,
  Snapshot,
  Stall,
  StateChange,
  StateReason,
  VersionOptions,
  WatchCallback,
  WatchOptions,
  ZooKeeperClient,
} from './api.js';
import { checkPath, toData } from './arguments.js';
import { CONFIG_PATH, CallSpecs } from './call-specs.js';
import type { ClientSettings } from './client-settings.js';
import type { AuthInfo, WireCallName } from './driver.js';
import { parseEnsembleConfig } from './ensemble-config.js';
import { ZkClosedError, ZooKeeperError, type ConnectAttempt } from './errors.js';
import { clientFollowSource } from './follow-source.js';
import { Follower } from './follow.js';
import { followConfig } from './follow-config.js';
import { Listeners } from './listeners.js';
import { deleteGuaranteed } from './guaranteed-delete.js';
import { makeWithParents } from './mkdirp.js';
import { PendingCalls, type CallSpec } from './pending-calls.js';
import { createProtected, deleteProtected } from './protected-create.js';
import { ServerList } from './server-list.js';
import { SessionMachine } from './session-machine.js';
import { withRetry } from './retry.js';
import { SessionRunner } from './session-runner.js';
import { StallWatch } from './stall-watch.js';
import { StandingWatches } from './standing-watches.js';
import { tellEvent, tellSessionEnd } from './tell-watchers.js';
import { WatchRegistry, type Watcher } from './watch-registry.js';

/** How long `close()` waits for a connection, and then for the server's confirmation. */
const CLOSE_WAIT_MS = 3_000;

export class Client implements ZooKeeperClient {
  readonly #settings: ClientSettings;
  readonly #machine: SessionMachine;
  readonly #calls: PendingCalls;
  readonly #runner: SessionRunner;
  readonly #specs: CallSpecs;
  readonly #watches = new WatchRegistry();
  readonly #standing: StandingWatches;
  readonly #stateListeners = new Listeners<StateChange>();
  readonly #sessionListeners = new Listeners<SessionChange>();
  readonly #stallListeners = new Listeners<Stall>();
  readonly #servers: ServerList;
  #stallWatch: StallWatch | null = null;
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
      driverName: driverFactory.driverName,
      features: driverFactory.features,
      registerPersistent: (path, recursive, watcher) => this.#watches.addPersistent(path, recursive, watcher),
      register: (table, path, watcher) => this.#watches.add(table, path, watcher),
    });
    this.#standing = new StandingWatches(chroot, this.#watches, this.#specs, (options, specOf) =>
      this.#call(options, specOf),
    );
    this.#servers = new ServerList(servers, random);
    this.#runner = new SessionRunner({
      machine,
      servers: this.#servers,
      calls: this.#calls,
      driverFactory,
      sessionTimeoutMs,
      transport: { ...settings.transport, random },
      now,
      logger,
      onState: (change) => this.#stateListeners.tell(change),
      onSession: (change) => this.#sessionListeners.tell(change),
      onSessionEnd: () => tellSessionEnd(this.#watches),
      onWatchEvent: (type, path) => tellEvent(this.#watches, type, path),
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

  /** Which credentials the server has refused; null if none. */
  get refusedCredentials(): string | null {
    return this.#runner.refusedCredentials;
  }

  start(auth: readonly AuthInfo[]): void {
    const { logger, sessionTimeoutMs, servers } = this.#settings;
    const timeoutMs = (): number => this.#machine.session?.negotiatedTimeoutMs ?? sessionTimeoutMs;
    this.#stallWatch = new StallWatch(timeoutMs, logger, (stall) => this.#stallListeners.tell(stall));
    if (this.#settings.followConfig) {
      followConfig(this, logger, (named) => {
        this.#servers.replace(named, servers);
        this.#machine.serverCount = this.#servers.size;
      });
    }
    this.#runner.start(auth);
  }

  /** Gives everything up without a word to the server. */
  abandon(reason: StateReason): void {
    this.#end(reason);
  }

  on(event: 'state', listener: (change: StateChange) => void): () => void;
  on(event: 'session', listener: (change: SessionChange) => void): () => void;
  on(event: 'stall', listener: (stall: Stall) => void): () => void;
  on(
    ...[event, listener]:
      | [event: 'state', listener: (change: StateChange) => void]
      | [event: 'session', listener: (change: SessionChange) => void]
      | [event: 'stall', listener: (stall: Stall) => void]
  ): () => void {
    if (event === 'state') return this.#stateListeners.add(listener);
    return event === 'session' ? this.#sessionListeners.add(listener) : this.#stallListeners.add(listener);
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

  multiRead(ops: readonly ReadOp[], options: CallOptions = {}): Promise<readonly ReadResult[]> {
    return this.#call(options, () => this.#specs.multiRead(ops));
  }

  addWatch(path: string, callback: WatchCallback, options: AddWatchOptions = {}): Promise<PersistentWatch> {
    return this.#standing.add(path, callback, options);
  }

  whoAmI(options: CallOptions = {}): Promise<readonly Identity[]> {
    return this.#call(options, () => this.#specs.whoAmI());
  }

  getEphemerals(prefix = '/', options: CallOptions = {}): Promise<readonly string[]> {
    return this.#call(options, () => this.#specs.getEphemerals(prefix));
  }

  getAllChildrenNumber(path: string, options: CallOptions = {}): Promise<number> {
    return this.#call(options, () => this.#specs.getAllChildrenNumber(path));
  }

  async getConfig(options: ReadOptions = {}): Promise<EnsembleConfig> {
    const { data } = await this.#call(options, () => this.#specs.getConfig(toWatcher(CONFIG_PATH, options.watch)));
    return parseEnsembleConfig(data.toString('utf8'));
  }

  async reconfig(change: ReconfigOptions): Promise<EnsembleConfig> {
    const { data } = await this.#call(change, () => this.#specs.reconfig(change));
    return parseEnsembleConfig(data.toString('utf8'));
  }

  createProtected(path: string, data?: NodeData, options: ProtectedCreateOptions = {}): Promise<ProtectedCreateResult> {
    return createProtected(this, path, data, options);
  }

  deleteProtected(directory: string, mark: string, options: GuaranteedDeleteOptions = {}): Promise<void> {
    return deleteProtected(this, directory, mark, options);
  }

  deleteGuaranteed(path: string, options: GuaranteedDeleteOptions = {}): Promise<void> {
    return deleteGuaranteed(this, path, options);
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
    const sessionClosed =
      this.#machine.state === 'connected' && this.#machine.attached && (await this.#runner.closeSession(CLOSE_WAIT_MS));
    this.#end('close');
    return { sessionClosed };
  }

  #end(reason: StateReason): void {
    this.#stallWatch?.close();
    this.#runner.close(reason);
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
    let spec: CallSpec<N, T>;
    try {
      spec = specOf();
    } catch (error) {
      return Promise.reject(error);
    }
    if (options.retry === undefined) return this.#try(spec, options);
    return withRetry(options.retry, () => this.#try(spec, options), options);
  }

  #try<N extends WireCallName, T>(spec: CallSpec<N, T>, options: CallOptions): Promise<T> {
    this.#runner.observe();
    if (this.#closing !== null || this.#machine.state === 'closed') {
      return Promise.reject(new ZkClosedError(`${spec.what}: the client is closed`, { path: spec.path }));
    }
    const span = this.#settings.tracer?.startCall({ operation: spec.name, path: spec.path });
    // No step in between: the caller's continuation runs in the order in which replies and watch events arrived.
    const result = this.#calls.add(spec, options);
    this.#runner.flush();
    if (span !== undefined) {
      result.then(
        () => span.end(null),
        (error: ZooKeeperError) => span.end(error),
      );
    }
    return result;
  }
}

function toWatcher(path: string, callback: WatchCallback | undefined): Watcher | undefined {
  return callback && ((type) => callback({ type, path }));
}
