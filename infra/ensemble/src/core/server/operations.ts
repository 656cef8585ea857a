/** What is to be done with each type of request. Source: Request.isValid, CommitProcessor.needCommit, FinalRequestProcessor. */
import { OpCode } from '@menagerie/zookeeper-protocol';

export const RequestKind = {
  /** Becomes a transaction. */
  write: 0,
  /** Waits for the leader but changes nothing. */
  sync: 1,
  /** Answered here, from the state as it is. */
  local: 2,
  /**
   * Not taken from clients: unknown numbers, internal ones, a check outside of a multi (ZOOKEEPER-2623), and
   * deleteContainer, with which anybody could delete anything that is empty.
   */
  refused: 3,
} as const;

export type RequestKind = (typeof RequestKind)[keyof typeof RequestKind];

export function requestKind(type: number): RequestKind {
  switch (type) {
    case OpCode.ping:
    case OpCode.exists:
    case OpCode.getData:
    case OpCode.getAcl:
    case OpCode.getChildren:
    case OpCode.getChildren2:
    case OpCode.getAllChildrenNumber:
    case OpCode.getEphemerals:
    case OpCode.multiRead:
    case OpCode.setWatches:
    case OpCode.setWatches2:
    case OpCode.checkWatches:
    case OpCode.removeWatches:
    case OpCode.addWatch:
    case OpCode.whoAmI:
      return RequestKind.local;
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer:
    case OpCode.createTtl:
    case OpCode.delete:
    case OpCode.setData:
    case OpCode.setAcl:
    case OpCode.multi:
    case OpCode.reconfig:
    case OpCode.closeSession:
      return RequestKind.write;
    case OpCode.sync:
      return RequestKind.sync;
    default:
      return RequestKind.refused;
  }
}

/** The four letters by which `cons` tells what a connection asked for last. Source: FinalRequestProcessor. */
export function operationLabel(type: number): string {
  return LABELS.get(type) ?? 'NA';
}

const LABELS = new Map<number, string>([
  [OpCode.ping, 'PING'],
  [OpCode.createSession, 'SESS'],
  [OpCode.multi, 'MULT'],
  [OpCode.multiRead, 'MLTR'],
  [OpCode.create, 'CREA'],
  [OpCode.create2, 'CREA'],
  [OpCode.createTtl, 'CREA'],
  [OpCode.createContainer, 'CREA'],
  [OpCode.delete, 'DELE'],
  [OpCode.setData, 'SETD'],
  [OpCode.reconfig, 'RECO'],
  [OpCode.setAcl, 'SETA'],
  [OpCode.closeSession, 'CLOS'],
  [OpCode.sync, 'SYNC'],
  [OpCode.exists, 'EXIS'],
  [OpCode.getData, 'GETD'],
  [OpCode.setWatches, 'SETW'],
  [OpCode.setWatches2, 'STW2'],
  [OpCode.addWatch, 'ADDW'],
  [OpCode.getAcl, 'GETA'],
  [OpCode.getChildren, 'GETC'],
  [OpCode.getChildren2, 'GETC'],
  [OpCode.getAllChildrenNumber, 'GETACN'],
  [OpCode.checkWatches, 'CHKW'],
  [OpCode.removeWatches, 'REMW'],
  [OpCode.whoAmI, 'HOMI'],
  [OpCode.getEphemerals, 'GETE'],
]);
