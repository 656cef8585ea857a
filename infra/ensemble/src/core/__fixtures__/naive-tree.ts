/** The obvious, slow twin of tree and sessions: plain objects, everything recounted when asked. Specs compare with it. */
import {
  CONTAINER_OWNER,
  nodeDigest,
  OPEN_ACL,
  OpCode,
  READ_ACL,
  type Acl,
  type Txn,
  type TxnHeader,
  ttlOwner,
} from '@menagerie/zookeeper-protocol';

export interface NaiveNode {
  data: string | null;
  acl: readonly Acl[];
  czxid: bigint;
  mzxid: bigint;
  pzxid: bigint;
  ctime: number;
  mtime: number;
  version: number;
  cversion: number;
  aversion: number;
  owner: bigint;
}

const emptyNode = (): NaiveNode => ({
  data: '',
  acl: OPEN_ACL,
  czxid: 0n,
  mzxid: 0n,
  pzxid: 0n,
  ctime: 0,
  mtime: 0,
  version: 0,
  cversion: 0,
  aversion: 0,
  owner: 0n,
});

export const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';

export class NaiveTree {
  nodes = new Map<string, NaiveNode>();
  sessions = new Map<bigint, number>();

  constructor() {
    for (const path of ['/', '/zookeeper', '/zookeeper/quota']) this.nodes.set(path, emptyNode());
    this.nodes.set('/zookeeper/config', { ...emptyNode(), acl: READ_ACL, aversion: -1 });
  }

  children(path: string): string[] {
    return [...this.nodes.keys()].filter((other) => other !== '/' && parentOf(other) === path);
  }

  ephemerals(sessionId: bigint): string[] {
    return [...this.nodes].filter(([, node]) => node.owner === sessionId).map(([path]) => path);
  }

  /** Applies a transaction that is valid for this state. */
  apply(header: TxnHeader, txn: Txn): void {
    switch (txn.type) {
      case OpCode.create:
      case OpCode.create2:
        return this.create(header, txn.path, txn, txn.ephemeral ? header.clientId : 0n);
      case OpCode.createContainer:
        return this.create(header, txn.path, txn, CONTAINER_OWNER);
      case OpCode.createTtl:
        return this.create(header, txn.path, txn, ttlOwner(txn.ttlMs));
      case OpCode.delete:
      case OpCode.deleteContainer:
        return this.delete(header, txn.path);
      case OpCode.setData:
      case OpCode.reconfig: {
        const node = this.nodes.get(txn.path)!;
        Object.assign(node, { data: text(txn.data), version: txn.version, mzxid: header.zxid, mtime: header.timeMs });
        return;
      }
      case OpCode.setAcl: {
        const node = this.nodes.get(txn.path)!;
        Object.assign(node, { acl: txn.acl ?? OPEN_ACL, aversion: txn.version });
        return;
      }
      case OpCode.createSession:
        this.sessions.set(header.clientId, txn.timeoutMs);
        return;
      case OpCode.closeSession:
        for (const path of txn.paths!) this.delete(header, path);
        this.sessions.delete(header.clientId);
        return;
      case OpCode.multi:
        if (txn.ops.some((op) => op.type === OpCode.error)) return;
        for (const op of txn.ops) this.apply(header, op);
        return;
      case OpCode.check:
      case OpCode.error:
        return;
    }
  }

  digest(): bigint {
    let sum = 0n;
    for (const [path, node] of this.nodes) {
      const stat = { ...node, ephemeralOwner: node.owner };
      sum += BigInt(nodeDigest(path, node.data === null ? null : Buffer.from(node.data, 'latin1'), stat));
    }
    return BigInt.asIntN(64, sum);
  }

  /** Everything that can be observed, in an order that depends on nothing. */
  dump(): unknown {
    return {
      sessions: [...this.sessions].sort(([a], [b]) => (a < b ? -1 : 1)),
      nodes: [...this.nodes]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([path, node]) => ({ path, ...node, children: this.children(path).sort() })),
    };
  }

  private create(
    header: TxnHeader,
    path: string,
    txn: { data: Buffer | null; acl: readonly Acl[] | null; parentCVersion: number },
    owner: bigint,
  ): void {
    Object.assign(this.nodes.get(parentOf(path))!, { cversion: txn.parentCVersion, pzxid: header.zxid });
    this.nodes.set(path, {
      ...emptyNode(),
      data: text(txn.data),
      acl: txn.acl ?? OPEN_ACL,
      czxid: header.zxid,
      mzxid: header.zxid,
      pzxid: header.zxid,
      ctime: header.timeMs,
      mtime: header.timeMs,
      owner,
    });
  }

  private delete(header: TxnHeader, path: string): void {
    this.nodes.get(parentOf(path))!.pzxid = header.zxid;
    this.nodes.delete(path);
  }
}

const text = (data: Buffer | null): string | null => (data === null ? null : data.toString('latin1'));
