/** Each operation of the API as a call: its request from checked arguments, its result from the reply. Pure. */
import { ErrorCode, isSequential, type Acl, type Stat } from '@menagerie/zookeeper-protocol';
import type {
  AclResult,
  ChildrenResult,
  CreateOptions,
  CreateResult,
  DataResult,
  MultiOp,
  MultiResult,
  NodeData,
} from './api.js';
import { checkAcl, checkMode, checkPath, checkSize, checkVersion, toData, toWireOp, wireBytes } from './arguments.js';
import { fromAbsolute } from './connect-string.js';
import { toMultiResults } from './multi.js';
import type { CallSpec } from './pending-calls.js';
import type { WatchTable, Watcher } from './watch-registry.js';

export interface CallContext {
  readonly chroot: string;
  readonly maxRequestBytes: number;
  /** Notes a watch that a successful read has left behind. Paths are absolute. */
  readonly register: (table: WatchTable, path: string, watcher: Watcher) => void;
}

export class CallSpecs {
  readonly #context: CallContext;

  constructor(context: CallContext) {
    this.#context = context;
  }

  create(path: string, data: NodeData | undefined, options: CreateOptions): CallSpec<'create', CreateResult> {
    const { chroot } = this.#context;
    const mode = checkMode(options.mode);
    const request = {
      kind: 'create' as const,
      path: checkPath(chroot, path, isSequential(mode)),
      data: toData(data),
      acl: checkAcl(options.acl),
      mode,
    };
    const what = `create ${path}`;
    this.#checkSize(wireBytes(request), what, path);
    return {
      name: 'create',
      request,
      what,
      path,
      repeatable: false,
      accept: (reply) => ({ path: fromAbsolute(chroot, reply.path) }),
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
    const absolute = checkPath(this.#context.chroot, path);
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

  sync(path: string): CallSpec<'sync', void> {
    const request = { path: checkPath(this.#context.chroot, path) };
    return { name: 'sync', request, what: `sync ${path}`, path, repeatable: true, accept: () => undefined };
  }

  addAuth(scheme: string, credentials: Buffer): CallSpec<'addAuth', void> {
    const request = { scheme, credentials };
    return { name: 'addAuth', request, what: `addAuth ${scheme}`, repeatable: true, accept: () => undefined };
  }

  #register(table: WatchTable, path: string, watcher: Watcher | undefined): void {
    if (watcher !== undefined) this.#context.register(table, path, watcher);
  }

  #checkSize(bytes: number, what: string, path: string | undefined): void {
    checkSize(bytes, this.#context.maxRequestBytes, what, path);
  }
}
