/**
 * Who changed what: one line for each change that a client of this server asked for, whether it was made or refused, for
 * each ephemeral node that goes with its session, and for the server's own start and stop.
 *
 * Fields, names and values are Apache's: session, user, ip, operation, znode, znode_type, acl, result. What Apache does
 * not audit (createTTL) is audited here as the create that it is.
 * Source: audit/AuditHelper.java, ZKAuditProvider.java, DataTree.deleteNodes.
 */
import { type Acl, type Id, OpCode, Perms, type Txn } from '@menagerie/zookeeper-protocol';
import type { AuthProviders } from '../auth/index.js';
import type { CoreLog, LogFields } from '../contract/index.js';
import { createModesOf, subjectOf } from './subject.js';

export type AuditResult = 'success' | 'failure' | 'invoked';

const Operation = {
  create: 'create',
  delete: 'delete',
  setData: 'setData',
  setAcl: 'setAcl',
  multi: 'multiOperation',
  reconfig: 'reconfig',
  ephemeralDeletion: 'ephemeralZNodeDeletionOnSessionCloseOrExpire',
} as const;

const OPERATIONS: Readonly<Partial<Record<number, string>>> = {
  [OpCode.create]: Operation.create,
  [OpCode.create2]: Operation.create,
  [OpCode.createContainer]: Operation.create,
  [OpCode.createTtl]: Operation.create,
  [OpCode.delete]: Operation.delete,
  [OpCode.deleteContainer]: Operation.delete,
  [OpCode.setData]: Operation.setData,
  [OpCode.setAcl]: Operation.setAcl,
  [OpCode.multi]: Operation.multi,
  [OpCode.reconfig]: Operation.reconfig,
};

export interface AuditedRequest {
  readonly sessionId: bigint;
  readonly type: number;
  readonly body: Buffer;
  readonly authInfo: readonly Id[];
}

interface Line {
  readonly operation: string;
  readonly znode?: string | null;
  readonly znodeType?: string | null;
  readonly acl?: readonly Acl[] | null;
  readonly result: AuditResult;
}

export class AuditLog {
  constructor(
    private readonly log: CoreLog,
    private readonly providers: AuthProviders,
    /** Who runs the server. */
    private readonly serverUser: string,
    private readonly maxFieldBytes: number,
  ) {}

  /** @param succeeded whether all of it took effect; a multi has then one line for each of its changes */
  answered(request: AuditedRequest, from: string, txn: Txn, succeeded: boolean): void {
    const operation = OPERATIONS[request.type];
    if (operation === undefined) return;
    if (txn.type === OpCode.multi && succeeded) return this.answeredMulti(request, from, txn.ops);
    const { path, mode, acl } = subjectOf(request.type, request.body, this.maxFieldBytes);
    const result = succeeded ? 'success' : 'failure';
    const made = succeeded && 'path' in txn ? txn.path : path;
    this.write(request, from, { operation, znode: made, znodeType: mode, acl, result });
  }

  /** A session is over. @param found those of its nodes that are there; @param missing those that it should have had */
  sessionClosed(sessionId: bigint, found: readonly string[], missing: readonly string[]): void {
    const operation = Operation.ephemeralDeletion;
    const line = (znode: string, result: AuditResult): void =>
      this.put({ session: hex(sessionId), user: this.serverUser, operation, znode }, result);
    for (const path of found) line(path, 'success');
    for (const path of missing) line(path, 'failure');
  }

  serverStarted(result: AuditResult): void {
    this.put({ user: this.serverUser, operation: 'serverStart' }, result);
  }

  serverStops(): void {
    this.put({ user: this.serverUser, operation: 'serverStop' }, 'invoked');
  }

  private answeredMulti(request: AuditedRequest, from: string, ops: readonly Txn[]): void {
    const modes = createModesOf(request.body, this.maxFieldBytes);
    for (const op of ops) {
      const operation = OPERATIONS[op.type];
      if (operation === undefined || !('path' in op)) continue;
      const znodeType = operation === Operation.create ? (modes.get(op.path) ?? null) : null;
      this.write(request, from, { operation, znode: op.path, znodeType, result: 'success' });
    }
  }

  private write({ sessionId, authInfo }: AuditedRequest, from: string, line: Line): void {
    const { operation, znode = null, znodeType = null, acl = null, result } = line;
    this.put(
      {
        session: hex(sessionId),
        user: this.usersOf(authInfo),
        ip: from,
        operation,
        znode,
        znode_type: znodeType,
        acl: acl && aclText(acl),
      },
      result,
    );
  }

  private put(fields: Readonly<Record<string, string | null>>, result: AuditResult): void {
    const shown: Record<string, string> = {};
    for (const [key, value] of Object.entries(fields)) if (value !== null) shown[key] = oneLine(value);
    const line: LogFields = { ...shown, result };
    if (result === 'failure') this.log.error('audit', line);
    else this.log.info('audit', line);
  }

  private usersOf(identities: readonly Id[]): string | null {
    const names = identities.map(({ scheme, id }) => this.providers.get(scheme)?.userName(id) ?? '');
    const known = names.filter((name) => name.trim() !== '');
    return known.length === 0 ? null : known.join(',');
  }
}

const hex = (sessionId: bigint): string => `0x${BigInt.asUintN(64, sessionId).toString(16)}`;

/** A refused path or a name may hold anything; a line of the audit log is one event. */
function oneLine(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** As Apache writes lists of them: one behind the other, `scheme:id:cdrwa`. Source: ZKUtil.aclToString. */
function aclText(acl: readonly Acl[]): string {
  const letters = [
    ['c', Perms.CREATE],
    ['d', Perms.DELETE],
    ['r', Perms.READ],
    ['w', Perms.WRITE],
    ['a', Perms.ADMIN],
  ] as const;
  const permsOf = (perms: number): string => letters.map(([letter, perm]) => (perms & perm ? letter : '')).join('');
  return acl.map(({ perms, id }) => `${id.scheme}:${id.id}:${permsOf(perms)}`).join('');
}
