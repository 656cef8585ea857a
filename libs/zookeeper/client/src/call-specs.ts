/** Each operation of the API as a call: its request from checked arguments, its result from the reply. Pure. */
import { AddWatchMode, ErrorCode, WatcherType, isSequential, type Acl, type Stat } from '@menagerie/zookeeper-protocol';
import type {
  AclResult,
  ChildrenResult,
  CreateOptions,
  CreateResult,
  DataResult,
  Identity,
  MultiOp,
  MultiResult,
  NodeData,
  ReadOp,
  ReadResult,
  ReconfigOptions,
} from './api.js';
import {
  checkAcl,
  checkMode,
  checkPath,
  checkSize,
  checkTtl,
  checkVersion,
  invalid,
  isExtendedMode,
  toData,
  toWireOp,
  wireBytes,
} from './arguments.js';
import { fromAbsolute } from './connect-string.js';
import type { DriverFeature, WireCalls } from './driver.js';
import { ZkNotDoneError } from './errors.js';
import { toMultiResults, toReadResults } from './multi.js';
import type { CallSpec } from './pending-calls.js';
import type { PathWatcher, WatchTable, Watcher } from './watch-registry.js';

/** Where servers keep the ensemble's members; outside of every chroot. */
export const CONFIG_PATH = '/zookeeper/config';

export interface CallContext {
  readonly chroot: string;
  readonly maxRequestBytes: number;
  /** For messages. */
  readonly driverName: string;
  readonly features: ReadonlySet<DriverFeature>;
  /** Notes a watch that a successful read has left behind. Paths are absolute. */
  readonly register: (table: WatchTable, path: string, watcher: Watcher) => void;
  /** The same for a watch that stays. */
  readonly registerPersistent: (path: string, recursive: boolean, watcher: PathWatcher) => void;
}

export class CallSpecs {
  readonly #context: CallContext;

  constructor(context: CallContext) {
    this.#context = context;
  }

  create(path: string, data: NodeData | undefined, options: CreateOptions): CallSpec<'create', CreateResult> {
    const { chroot } = this.#context;
    const mode = checkMode(options.mode);
    const what = `create ${path}`;
    if (isExtendedMode(mode)) this.#need('container-and-ttl', what, path);
    const request = {
      kind: 'create' as const,
      path: checkPath(chroot, path, isSequential(mode)),
      data: toData(data),
      acl: checkAcl(options.acl),
      mode,
      ...checkTtl(mode, options.ttlMs),
    };
    this.#checkSize(wireBytes(request), what, path);
    return {
      name: 'create',
      request,
      what,
      path,
      repeatable: false,
      accept: ({ path: made, stat }) => ({ path: fromAbsolute(chroot, made), ...(stat && { stat }) }),
    };
  }

  /** An empty persistent node at an absolute path: what `mkdirp` makes. */
  createEmpty(absolutePath: string, acl: readonly Acl[] | undefined): CallSpec<'create', void> {
    const request = {
      kind: 'create' as const,
      path: absolutePath,
      data: toData(undefined),
      acl: checkAcl(acl),
      mode: checkMode(undefined),
    };
    const what = `mkdirp ${absolutePath}`;
    this.#checkSize(wireBytes(request), what, absolutePath);
    return { name: 'create', request, what, path: absolutePath, repeatable: false, accept: () => undefined };
  }

  delete(path: string, version: number | undefined): CallSpec<'delete', void> {
    const request = { path: checkPath(this.#context.chroot, path), version: checkVersion(version) };
    return { name: 'delete', request, what: `delete ${path}`, path, repeatable: false, accept: () => undefined };
  }

  exists(path: string, watcher: Watcher | undefined): CallSpec<'exists', Stat | null> {
    const absolute = checkPath(this.#context.chroot, path);
    return {
      name: 'exists',
      request: { path: absolute, watch: watcher !== undefined },
      what: `exists ${path}`,
      path,
      repeatable: true,
      accept: ({ stat }) => {
        this.#register('data', absolute, watcher);
        return stat;
      },
      acceptRefusal: (wireCode) => {
        if (wireCode !== ErrorCode.NoNode) return null;
        this.#register('exists', absolute, watcher);
        return { value: null };
      },
    };
  }

  getData(path: string, watcher: Watcher | undefined): CallSpec<'getData', DataResult> {
    return this.#getData(checkPath(this.#context.chroot, path), path, watcher);
  }

  getConfig(watcher: Watcher | undefined): CallSpec<'getData', DataResult> {
    return this.#getData(CONFIG_PATH, CONFIG_PATH, watcher);
  }

  #getData(absolute: string, path: string, watcher: Watcher | undefined): CallSpec<'getData', DataResult> {
    return {
      name: 'getData',
      request: { path: absolute, watch: watcher !== undefined },
      what: `getData ${path}`,
      path,
      repeatable: true,
      accept: ({ data, stat }) => {
        this.#register('data', absolute, watcher);
        return { data, stat };
      },
    };
  }

  setData(path: string, data: NodeData, version: number | undefined): CallSpec<'setData', Stat> {
    const what = `setData ${path}`;
    const request = {
      path: checkPath(this.#context.chroot, path),
      data: toData(data),
      version: checkVersion(version),
    };
    this.#checkSize(wireBytes(request), what, path);
    return { name: 'setData', request, what, path, repeatable: false, accept: ({ stat }) => stat };
  }

  getChildren(path: string, watcher: Watcher | undefined): CallSpec<'getChildren', ChildrenResult> {
    const absolute = checkPath(this.#context.chroot, path);
    return {
      name: 'getChildren',
      request: { path: absolute, watch: watcher !== undefined },
      what: `getChildren ${path}`,
      path,
      repeatable: true,
      accept: ({ children, stat }) => {
        this.#register('children', absolute, watcher);
        return { children, stat };
      },
    };
  }

  getAcl(path: string): CallSpec<'getAcl', AclResult> {
    const request = { path: checkPath(this.#context.chroot, path) };
    const accept = ({ acl, stat }: AclResult): AclResult => ({ acl, stat });
    return { name: 'getAcl', request, what: `getAcl ${path}`, path, repeatable: true, accept };
  }

  setAcl(path: string, acl: readonly Acl[], version: number | undefined): CallSpec<'setAcl', Stat> {
    const what = `setAcl ${path}`;
    const request = {
      path: checkPath(this.#context.chroot, path),
      acl: checkAcl(acl),
      version: checkVersion(version),
    };
    this.#checkSize(wireBytes(request), what, path);
    return { name: 'setAcl', request, what, path, repeatable: false, accept: ({ stat }) => stat };
  }

  multi(ops: readonly MultiOp[]): CallSpec<'multi', readonly MultiResult[]> {
    const { chroot } = this.#context;
    const wireOps = ops.map((op) => toWireOp(chroot, op));
    const what = `multi of ${ops.length}`;
    if (wireOps.some((op) => op.kind === 'create' && isExtendedMode(op.mode))) this.#need('container-and-ttl', what);
    const bytes = wireOps.reduce((sum, op) => sum + wireBytes(op), 0);
    this.#checkSize(bytes, what, undefined);
    return {
      name: 'multi',
      request: { ops: wireOps },
      what,
      repeatable: false,
      accept: ({ results }) => toMultiResults(ops, results, chroot),
    };
  }

  multiRead(ops: readonly ReadOp[]): CallSpec<'multiRead', readonly ReadResult[]> {
    const what = `multiRead of ${ops.length}`;
    this.#need('multi-read', what);
    const wireOps = ops.map(({ kind, path }) => {
      if (kind !== 'get-data' && kind !== 'get-children')
        throw invalid(`expected a read of kind get-data or get-children, got ${String(kind)}`);
      return { kind, path: checkPath(this.#context.chroot, path) };
    });
    const bytes = wireOps.reduce((sum, op) => sum + wireBytes(op), 0);
    this.#checkSize(bytes, what, undefined);
    const accept = ({ results }: WireCalls['multiRead']['reply']): readonly ReadResult[] => toReadResults(ops, results);
    return { name: 'multiRead', request: { ops: wireOps }, what, repeatable: true, accept };
  }

  addWatch(path: string, recursive: boolean, watcher: PathWatcher): CallSpec<'addWatch', void> {
    const what = `addWatch ${path}`;
    this.#need('persistent-watches', what, path);
    const absolute = checkPath(this.#context.chroot, path);
    const mode = recursive ? AddWatchMode.persistentRecursive : AddWatchMode.persistent;
    const accept = (): void => this.#context.registerPersistent(absolute, recursive, watcher);
    return { name: 'addWatch', request: { path: absolute, mode }, what, path, repeatable: true, accept };
  }

  /** Content when the server knows of no such watch. */
  removeWatches(path: string, type: WatcherType): CallSpec<'removeWatches', void> {
    const request = { path: checkPath(this.#context.chroot, path), type };
    const what = `removeWatches ${path}`;
    const accept = (): void => undefined;
    const acceptRefusal = (wireCode: number) => (wireCode === ErrorCode.NoWatcher ? { value: undefined } : null);
    return { name: 'removeWatches', request, what, path, repeatable: true, accept, acceptRefusal };
  }

  whoAmI(): CallSpec<'whoAmI', readonly Identity[]> {
    this.#need('inquiries', 'whoAmI');
    const accept = ({ identities }: WireCalls['whoAmI']['reply']): readonly Identity[] => identities;
    return { name: 'whoAmI', request: {}, what: 'whoAmI', repeatable: true, accept };
  }

  getEphemerals(prefix: string): CallSpec<'getEphemerals', readonly string[]> {
    const { chroot } = this.#context;
    const what = `getEphemerals ${prefix}`;
    this.#need('inquiries', what, prefix);
    if (!prefix.startsWith('/')) throw invalid(`expected a prefix that begins with /, got "${prefix}"`);
    // As text it is no path: a prefix may end with a slash, and below a chroot the slash matters.
    const request = { prefix: chroot === '' ? prefix : chroot + prefix };
    const accept = ({ paths }: WireCalls['getEphemerals']['reply']): readonly string[] =>
      paths.map((path) => fromAbsolute(chroot, path));
    return { name: 'getEphemerals', request, what, path: prefix, repeatable: true, accept };
  }

  getAllChildrenNumber(path: string): CallSpec<'getAllChildrenNumber', number> {
    const what = `getAllChildrenNumber ${path}`;
    this.#need('inquiries', what, path);
    const request = { path: checkPath(this.#context.chroot, path) };
    const accept = ({ count }: WireCalls['getAllChildrenNumber']['reply']): number => count;
    return { name: 'getAllChildrenNumber', request, what, path, repeatable: true, accept };
  }

  reconfig(change: ReconfigOptions): CallSpec<'reconfig', DataResult> {
    this.#need('reconfig', 'reconfig');
    const { joining, leaving, members, ifVersion = -1n } = change;
    if (members !== undefined && (joining !== undefined || leaving !== undefined))
      throw invalid('expected either a whole new list of members, or who joins and leaves, got both');
    const list = (items: readonly (string | number)[] | undefined): string | null => items?.join(',') ?? null;
    const request = { joining: list(joining), leaving: list(leaving), members: list(members), ifVersion };
    const accept = ({ data, stat }: DataResult): DataResult => ({ data, stat });
    return { name: 'reconfig', request, what: 'reconfig', repeatable: false, accept };
  }

  sync(path: string): CallSpec<'sync', void> {
    const request = { path: checkPath(this.#context.chroot, path) };
    return { name: 'sync', request, what: `sync ${path}`, path, repeatable: true, accept: () => undefined };
  }

  addAuth(scheme: string, credentials: Buffer): CallSpec<'addAuth', void> {
    const request = { scheme, credentials };
    return { name: 'addAuth', request, what: `addAuth ${scheme}`, repeatable: true, accept: () => undefined };
  }

  /** @throws ZkNotDoneError `ZK_UNIMPLEMENTED` */
  #need(feature: DriverFeature, what: string, path?: string): void {
    const { features, driverName } = this.#context;
    if (features.has(feature)) return;
    const message = `${what}: the driver ${driverName} has no ${feature}, take protocolDriver`;
    throw new ZkNotDoneError('ZK_UNIMPLEMENTED', message, { path });
  }

  #register(table: WatchTable, path: string, watcher: Watcher | undefined): void {
    if (watcher !== undefined) this.#context.register(table, path, watcher);
  }

  #checkSize(bytes: number, what: string, path: string | undefined): void {
    checkSize(bytes, this.#context.maxRequestBytes, what, path);
  }
}
