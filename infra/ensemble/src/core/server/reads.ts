/** The bodies of answers that need nothing but the state as it is. Source: FinalRequestProcessor.java. */
import {
  decodeAddWatchRequest,
  decodeCheckWatchesRequest,
  decodeExistsRequest,
  decodeGetAclRequest,
  decodeGetAllChildrenNumberRequest,
  decodeGetChildrenRequest,
  decodeGetDataRequest,
  decodeGetEphemeralsRequest,
  decodeMultiReadRequest,
  decodeSetWatches2Request,
  decodeSetWatchesRequest,
  encodeAclList,
  encodeWhoAmIResponse,
  ErrorCode,
  type Acl,
  type Id,
  type JuteReader,
  type JuteWriter,
  OpCode,
  Perms,
} from '@menagerie/zookeeper-protocol';
import type { AuthProviders } from '../auth/index.js';
import type { AclEntry } from '../tree/acl-table.js';
import type { DataTree } from '../tree/data-tree.js';
import { WatchMode, type Watcher, type Watches } from '../watch/index.js';

/** What a read needs to know of who asks. */
export interface Reader<W> {
  readonly watcher: W;
  readonly sessionId: bigint;
  readonly authInfo: readonly Id[];
}

export interface ReadTools<W extends Watcher> {
  readonly tree: () => DataTree;
  readonly watches: Watches<W>;
  readonly providers: AuthProviders;
  readonly allows: (acl: AclEntry, perms: number, identities: readonly Id[]) => boolean;
}

export class Reads<W extends Watcher> {
  constructor(private readonly tools: ReadTools<W>) {}

  /**
   * Does what has an effect on watches and no body in its answer: it may send events, which must not come to lie inside
   * an answer.
   *
   * @throws JuteError if the request can not be read
   */
  changeWatches(type: number, request: JuteReader, by: Reader<W>): ErrorCode {
    const { watches } = this.tools;
    switch (type) {
      case OpCode.setWatches: {
        const lists = { ...decodeSetWatchesRequest(request), persistentWatches: [], persistentRecursiveWatches: [] };
        watches.restore(by.watcher, this.tools.tree(), lists);
        return ErrorCode.Ok;
      }
      case OpCode.setWatches2:
        watches.restore(by.watcher, this.tools.tree(), decodeSetWatches2Request(request));
        return ErrorCode.Ok;
      case OpCode.checkWatches: {
        const { path, type: watcherType } = decodeCheckWatchesRequest(request);
        return watchFound(watches.has(path, watcherType, by.watcher));
      }
      default: {
        const { path, type: watcherType } = decodeCheckWatchesRequest(request);
        return watchFound(watches.remove(path, watcherType, by.watcher));
      }
    }
  }

  /**
   * Writes the body of the answer. What it wrote before it returns an error counts for nothing.
   *
   * @throws JuteError if the request can not be read
   */
  answer(type: number, request: JuteReader, by: Reader<W>, body: JuteWriter): ErrorCode {
    switch (type) {
      case OpCode.getData: {
        const { path, watch } = decodeGetDataRequest(request);
        return this.getData(path, watch, by, body);
      }
      case OpCode.exists: {
        const { path, watch } = decodeExistsRequest(request);
        return this.exists(path, watch, by, body);
      }
      case OpCode.getChildren: {
        const { path, watch } = decodeGetChildrenRequest(request);
        return this.getChildren(path, watch, by, body, false);
      }
      case OpCode.getChildren2: {
        const { path, watch } = decodeGetChildrenRequest(request);
        return this.getChildren(path, watch, by, body, true);
      }
      case OpCode.getAcl:
        return this.getAcl(decodeGetAclRequest(request).path, by, body);
      case OpCode.getAllChildrenNumber:
        return this.getAllChildrenNumber(decodeGetAllChildrenNumberRequest(request).path, by, body);
      case OpCode.getEphemerals:
        return this.getEphemerals(decodeGetEphemeralsRequest(request).prefixPath, by, body);
      case OpCode.multiRead:
        return this.multiRead(request, by, body);
      case OpCode.addWatch: {
        const { path, mode } = decodeAddWatchRequest(request);
        if (!this.tools.watches.addPersistent(path, by.watcher, mode)) return ErrorCode.MarshallingError;
        body.writeInt(ErrorCode.Ok);
        return ErrorCode.Ok;
      }
      case OpCode.whoAmI:
        return this.whoAmI(by, body);
      default:
        return ErrorCode.Unimplemented;
    }
  }

  private getData(path: string, watch: boolean, by: Reader<W>, body: JuteWriter): ErrorCode {
    const tree = this.tools.tree();
    const node = tree.get(path);
    if (node === undefined) return ErrorCode.NoNode;
    if (!this.tools.allows(node.acl, Perms.READ, by.authInfo)) return ErrorCode.NoAuth;
    if (watch) this.tools.watches.data.add(path, by.watcher, WatchMode.oneShot);
    node.writeData(body);
    tree.stats.writeVisible(body, node.stat, node.isEphemeral);
    return ErrorCode.Ok;
  }

  /** A watch on a node that is not there waits for it; on one that the caller may not read there is none (ZOOKEEPER-2590). */
  private exists(path: string, watch: boolean, by: Reader<W>, body: JuteWriter): ErrorCode {
    if (path.includes('\0')) return ErrorCode.BadArguments;
    const tree = this.tools.tree();
    const node = tree.get(path);
    if (node !== undefined && !this.tools.allows(node.acl, Perms.READ, by.authInfo)) return ErrorCode.NoAuth;
    if (watch) this.tools.watches.data.add(path, by.watcher, WatchMode.oneShot);
    if (node === undefined) return ErrorCode.NoNode;
    tree.stats.writeVisible(body, node.stat, node.isEphemeral);
    return ErrorCode.Ok;
  }

  private getChildren(path: string, watch: boolean, by: Reader<W>, body: JuteWriter, withStat: boolean): ErrorCode {
    const tree = this.tools.tree();
    const node = tree.get(path);
    if (node === undefined) return ErrorCode.NoNode;
    if (!this.tools.allows(node.acl, Perms.READ, by.authInfo)) return ErrorCode.NoAuth;
    if (watch) this.tools.watches.children.add(path, by.watcher, WatchMode.oneShot);
    body.writeInt(tree.stats.numChildren(node.stat));
    node.writeChildNames(body);
    if (withStat) tree.stats.writeVisible(body, node.stat, node.isEphemeral);
    return ErrorCode.Ok;
  }

  /** Who may not administer the node sees whose digests are in its ACL, but not the digests. */
  private getAcl(path: string, by: Reader<W>, body: JuteWriter): ErrorCode {
    const tree = this.tools.tree();
    const node = tree.get(path);
    if (node === undefined) return ErrorCode.NoNode;
    if (!this.tools.allows(node.acl, Perms.READ | Perms.ADMIN, by.authInfo)) return ErrorCode.NoAuth;
    const mayAdminister = this.tools.allows(node.acl, Perms.ADMIN, by.authInfo);
    encodeAclList(body, mayAdminister ? node.acl.acl : node.acl.acl.map(withoutSecret));
    tree.stats.writeVisible(body, node.stat, node.isEphemeral);
    return ErrorCode.Ok;
  }

  private getAllChildrenNumber(path: string, by: Reader<W>, body: JuteWriter): ErrorCode {
    const tree = this.tools.tree();
    const node = tree.get(path);
    if (node === undefined) return ErrorCode.NoNode;
    if (!this.tools.allows(node.acl, Perms.READ, by.authInfo)) return ErrorCode.NoAuth;
    // Apache counts keys that begin with the path and a slash; the root is there twice, as "" and as "/".
    const below = node.isRoot ? tree.nodeCount - (path === '' ? 1 : 2) : tree.countDescendants(node);
    body.writeInt(below);
    return ErrorCode.Ok;
  }

  private getEphemerals(prefix: string | null, by: Reader<W>, body: JuteWriter): ErrorCode {
    const all = prefix === null || prefix.trim() === '' || prefix.trim() === '/';
    const paths: string[] = [];
    for (const { path } of this.tools.tree().owners.ephemeralsOf(by.sessionId)) {
      if (all || path.startsWith(prefix)) paths.push(path);
    }
    body.writeVector(paths, writePath);
    return ErrorCode.Ok;
  }

  /** Each read stands alone, with an error of its own; none leaves a watch. All see the same moment. */
  private multiRead(request: JuteReader, by: Reader<W>, body: JuteWriter): ErrorCode {
    for (const op of decodeMultiReadRequest(request).ops) {
      const start = body.length;
      writeMultiHeader(body, op.type, false, ErrorCode.Ok);
      const err =
        op.type === OpCode.getData
          ? this.getData(op.request.path, false, by, body)
          : this.getChildren(op.request.path, false, by, body, false);
      if (err === ErrorCode.Ok) continue;
      body.truncate(start);
      writeMultiHeader(body, OpCode.error, false, err);
      body.writeInt(err);
    }
    writeMultiHeader(body, -1, true, -1);
    return ErrorCode.Ok;
  }

  private whoAmI(by: Reader<W>, body: JuteWriter): ErrorCode {
    const clientInfo = by.authInfo.map(({ scheme, id }) => ({
      authScheme: scheme,
      user: this.tools.providers.get(scheme)?.userName(id) ?? '',
    }));
    encodeWhoAmIResponse(body, { clientInfo });
    return ErrorCode.Ok;
  }
}

/** The element header of a multi's answer. */
export function writeMultiHeader(writer: JuteWriter, type: number, done: boolean, err: number): void {
  writer.writeInt(type);
  writer.writeBool(done);
  writer.writeInt(err);
}

const writePath = (writer: JuteWriter, path: string): void => writer.writeString(path);

const withoutSecret = ({ perms, id }: Acl): Acl =>
  id.scheme === 'digest' ? { perms, id: { scheme: id.scheme, id: id.id.replace(/:.*/, ':x') } } : { perms, id };

/** A type of watch that 3.8 does not know can not be read. */
function watchFound(found: boolean | null): ErrorCode {
  if (found === null) return ErrorCode.MarshallingError;
  return found ? ErrorCode.Ok : ErrorCode.NoWatcher;
}
