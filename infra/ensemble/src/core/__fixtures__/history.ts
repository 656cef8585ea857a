/** Random but valid histories: arbitrary commands, each made into a transaction that fits the state before it. */
import {
  type Acl,
  encodeTxnRecord,
  OPEN_ACL,
  OpCode,
  Perms,
  READ_ACL,
  type Txn,
  type TxnHeader,
} from '@menagerie/zookeeper-protocol';
import fc from 'fast-check';
import { makeZxid, type Proposal } from '../contract/index.js';
import type { ReplicatedDatabase } from '../database/index.js';
import { NaiveTree, parentOf } from './naive-tree.js';

export interface Command {
  kind: 'create' | 'delete' | 'set' | 'acl' | 'open' | 'close' | 'multi' | 'fail';
  /** Picks among what there is. */
  pick: number;
  /** Picks a name, an ACL, an owner. */
  choice: number;
  data: Buffer | null;
}

export const commands = (maxLength: number): fc.Arbitrary<Command[]> =>
  fc.array(
    fc.record({
      kind: fc.constantFrom<Command['kind']>(
        'create',
        'create',
        'create',
        'create',
        'delete',
        'delete',
        'set',
        'acl',
        'open',
        'close',
        'multi',
        'fail',
      ),
      pick: fc.nat(1000),
      choice: fc.nat(7),
      data: fc.option(
        fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
        { freq: 8 },
      ),
    }),
    { maxLength, size: 'max' },
  );

const NAMES = ['a', 'b', 'c', 'quota', 'é', 'd', 'e', 'f'];
const SESSIONS = [0x100n, 0x101n, -2n];
const ACLS: (readonly Acl[] | null)[] = [
  OPEN_ACL,
  READ_ACL,
  null,
  [{ perms: Perms.READ | Perms.WRITE, id: { scheme: 'digest', id: 'bob:xyz' } }],
];

/** A history of one epoch, and the twin that lived through it. */
export class History {
  readonly proposals: Proposal[] = [];
  readonly twin = new NaiveTree();

  constructor(private readonly epoch = 1) {}

  add(command: Command): Proposal {
    const zxid = makeZxid(this.epoch, this.proposals.length + 1);
    const sessions = [...this.twin.sessions.keys()];
    const clientId = sessions.length === 0 ? 0n : sessions[command.pick % sessions.length]!;
    const txn = this.txnFor(command, clientId);
    const headerId = txn.type === OpCode.createSession ? SESSIONS[command.choice % SESSIONS.length]! : clientId;
    const timeMs = 1_700_000_000_000 + this.proposals.length;
    const header: TxnHeader = { clientId: headerId, cxid: this.proposals.length, zxid, timeMs, type: txn.type };
    this.twin.apply(header, txn);
    const digest = { version: 2, treeDigest: this.twin.digest() };
    const proposal = { zxid, header, txn, digest, bytes: encodeTxnRecord(header, txn, digest) };
    this.proposals.push(proposal);
    return proposal;
  }

  private txnFor(command: Command, clientId: bigint): Txn {
    const { twin } = this;
    const changeable = [...twin.nodes.keys()].filter((path) => !path.startsWith('/zookeeper'));
    const path = changeable[command.pick % changeable.length]!;
    switch (command.kind) {
      case 'create':
        return this.create(command, clientId);
      case 'delete': {
        const leaves = changeable.filter((leaf) => leaf !== '/' && twin.children(leaf).length === 0);
        if (leaves.length === 0) return this.create(command, clientId);
        return { type: OpCode.delete, path: leaves[command.pick % leaves.length]! };
      }
      case 'set':
        return { type: OpCode.setData, path, data: command.data, version: twin.nodes.get(path)!.version + 1 };
      case 'acl':
        return {
          type: OpCode.setAcl,
          path,
          acl: ACLS[command.choice % ACLS.length]!,
          version: twin.nodes.get(path)!.aversion + 1,
        };
      case 'open':
        return { type: OpCode.createSession, timeoutMs: 1000 + command.pick };
      case 'close':
        return { type: OpCode.closeSession, paths: clientId === 0n ? [] : twin.ephemerals(clientId) };
      case 'multi':
        return {
          type: OpCode.multi,
          ops: [this.txnFor({ ...command, kind: 'set' }, clientId), this.create(command, clientId)],
        };
      case 'fail':
        return command.choice % 2 === 0
          ? { type: OpCode.error, err: -101 }
          : { type: OpCode.multi, ops: [this.create(command, clientId), { type: OpCode.error, err: -103 }] };
    }
  }

  private create(command: Command, clientId: bigint): Txn {
    const { twin } = this;
    const parents = [...twin.nodes].filter(
      ([path, node]) => (node.owner === 0n || node.owner < -100n) && !path.startsWith('/zookeeper'),
    );
    const [parent, stat] = parents[command.pick % parents.length]!;
    const prefix = parent === '/' ? '' : parent;
    const free = NAMES.map((name) => `${prefix}/${name}`).filter((path) => !twin.nodes.has(path));
    const path = free[command.choice % Math.max(free.length, 1)] ?? `${prefix}/n${this.proposals.length}`;
    const acl = ACLS[command.pick % ACLS.length]!;
    const parentCVersion = stat.cversion + 1;
    if (command.choice === 5) return { type: OpCode.createContainer, path, data: command.data, acl, parentCVersion };
    if (command.choice === 6) {
      return { type: OpCode.createTtl, path, data: command.data, acl, parentCVersion, ttlMs: 1000n };
    }
    const ephemeral = command.choice < 3 && clientId !== 0n;
    return { type: OpCode.create, path, data: command.data, acl, ephemeral, parentCVersion };
  }
}

export function historyOf(list: readonly Command[]): History {
  const history = new History();
  for (const command of list) history.add(command);
  return history;
}

/** The database in the form of `NaiveTree.dump()`. */
export function dumpDatabase(database: ReplicatedDatabase): unknown {
  const { tree } = database;
  const nodes = [...tree.subtree(tree.root)].map((node) => {
    const { ephemeralOwner, dataLength, numChildren, ...stat } = tree.stats.read(node.stat);
    if (dataLength !== (node.data?.length ?? 0)) throw new Error(`${node.path} says it holds ${dataLength} bytes`);
    const children = Array.from(node.children(), (child) => child.path);
    if (children.length !== numChildren) throw new Error(`${node.path} says it has ${numChildren} children`);
    return {
      path: node.path,
      ...stat,
      data: node.data,
      acl: node.acl.acl,
      owner: ephemeralOwner,
      children: children.sort(),
    };
  });
  return {
    sessions: [...database.sessions].sort(([a], [b]) => (a < b ? -1 : 1)),
    nodes: nodes.sort((a, b) => (a.path < b.path ? -1 : 1)),
  };
}

export { parentOf };
