/** A database and a request server that do nothing but say what they are told. */
import { encodeTxnRecord, OpCode, type SnapshotItem } from '@menagerie/zookeeper-protocol';
import type {
  CommittedLog,
  Database,
  Proposal,
  Replication,
  Request,
  RequestServer,
  SnapshotSink,
} from '../../contract/index.js';
import { zxidText } from './zxid-text.js';

/** The one transaction that a dialogue has at a zxid. */
export function transactionAt(zxid: bigint): Proposal {
  const header = { clientId: 1n, cxid: 1, zxid, timeMs: 0, type: OpCode.error };
  const txn = { type: OpCode.error, err: 0 } as const;
  return { zxid, header, txn, digest: null, bytes: encodeTxnRecord(header, txn, null) };
}

/** Members by their ids; those behind a slash observe: `1 2 3 / 4`. */
export function membersText(ids: string, version: bigint): string {
  const [voters, observers = ''] = ids.split('/');
  const line = (role: string) => (id: string) => `server.${id}=h${id}:2888:3888:${role}`;
  const listed = (text: string) => text.split(' ').filter((id) => id !== '');
  const lines = [...listed(voters!).map(line('participant')), ...listed(observers).map(line('observer'))];
  return [...lines, `version=${version.toString(16)}`].join('\n');
}

/** A change of the members. */
export function changeAt(zxid: bigint, ids: string): Proposal {
  const header = { clientId: 1n, cxid: 1, zxid, timeMs: 0, type: OpCode.reconfig };
  const data = Buffer.from(membersText(ids, zxid));
  const txn = { type: OpCode.reconfig, path: '/zookeeper/config', data, version: -1 } as const;
  return { zxid, header, txn, digest: null, bytes: encodeTxnRecord(header, txn, null) };
}

export class TalkingDatabase implements Database {
  lastProcessedZxid = 0n;
  treeDigest = 0n;
  private recent: Proposal[] = [];

  constructor(private readonly say: (line: string) => void) {}

  get committedLog(): CommittedLog {
    const { recent } = this;
    return {
      minZxid: recent[0]?.zxid ?? 0n,
      maxZxid: recent.at(-1)?.zxid ?? 0n,
      size: recent.length,
      entries: () => recent,
    };
  }

  /** As a recovery leaves it. */
  recovered(lastZxid: bigint, recent: readonly bigint[]): void {
    this.lastProcessedZxid = lastZxid;
    this.recent = recent.map(transactionAt);
  }

  apply(proposal: Proposal): void {
    this.say(`apply ${zxidText(proposal.zxid)}`);
    this.lastProcessedZxid = proposal.zxid;
    this.recent.push(proposal);
  }

  /** A commit while serving: the request server applies it. */
  applyQuietly(proposal: Proposal): void {
    this.lastProcessedZxid = proposal.zxid;
    this.recent.push(proposal);
  }

  advanceTo(zxid: bigint): void {
    this.lastProcessedZxid = zxid;
  }

  adopt(other: Database, zxid: bigint): void {
    this.say(`adopt ${zxidText(other.lastProcessedZxid)} as ${zxidText(zxid)}`);
    this.lastProcessedZxid = zxid;
    this.recent = [];
  }

  clear(): void {
    this.say('clear the database');
    this.recovered(0n, []);
  }

  beginSnapshot(): null {
    return null;
  }

  beginLoad(): SnapshotSink {
    this.say('load a snapshot');
    this.recovered(0n, []);
    return {
      push: (_item: SnapshotItem) => {},
      finish: (zxid) => this.recovered(zxid, []),
    };
  }
}

export class TalkingRequestServer implements RequestServer {
  replication: Replication | null = null;

  constructor(
    private readonly say: (line: string) => void,
    private readonly database: TalkingDatabase,
  ) {}

  startServing(replication: Replication): void {
    this.replication = replication;
    this.say(`serve as ${replication.role} in epoch ${replication.epoch}`);
  }

  stopServing(reason: string): void {
    this.replication = null;
    this.say(`stop serving: ${reason}`);
  }

  commit(proposal: Proposal): void {
    this.database.applyQuietly(proposal);
    this.say(`commit ${zxidText(proposal.zxid)}`);
  }

  learnerRequest(from: number, request: Request): void {
    this.say(`request of ${from}: ${request.body.toString()}`);
  }

  learnerTouched(): void {}

  learnerRevalidate(): boolean {
    return true;
  }

  revalidated(sessionId: bigint, valid: boolean): void {
    this.say(`session ${sessionId} is ${valid ? 'valid' : 'expired'}`);
  }

  takeTouchedSessions(): [] {
    return [];
  }

  synced(request: Request): void {
    this.say(`synced ${request.body.toString()}`);
  }

  tick(): void {}

  wakeAtMs(): null {
    return null;
  }
}
