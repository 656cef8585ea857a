/**
 * Makes transactions of requests, on the one server that may: checks them against what is pending, computes what they
 * will do, and gives each a zxid, the failing ones too. Source: PrepRequestProcessor.java.
 */
import {
  decodeCreateRequest,
  decodeCreateTtlRequest,
  decodeDeleteRequest,
  decodeReconfigRequest,
  decodeSetAclRequest,
  decodeSetDataRequest,
  DIGEST_VERSION,
  encodeTxnRecord,
  ErrorCode,
  JuteError,
  JuteReader,
  OpCode,
  type Txn,
  type TxnHeader,
  ZkProtocolError,
} from '@menagerie/zookeeper-protocol';
import type { Proposal, Request, ServerId } from '../contract/index.js';
import type { Preparation, PreparationTools, Prepared } from './preparation.js';
import { prepareCloseSession, prepareDelete, prepareReap, prepareSetAcl, prepareSetData } from './prepare-change.js';
import { prepareCreate } from './prepare-create.js';
import { prepareMulti } from './prepare-multi.js';
import { prepareReconfig } from './prepare-reconfig.js';

export class Preparer {
  private readonly reader: JuteReader;

  constructor(
    private readonly tools: PreparationTools,
    maxFieldBytes: number,
  ) {
    this.reader = new JuteReader(Buffer.alloc(0), maxFieldBytes);
  }

  /**
   * @param request its body is kept, not copied
   * @param from the server whose client asks
   * @param zxid the next one; it is used whatever comes of the request
   */
  prepare(request: Request, from: ServerId, zxid: bigint, timeMs: number): Proposal {
    const { sessionId, authInfo } = request;
    const by: Preparation = { sessionId, authInfo, from, zxid, timeMs };
    const header = { clientId: sessionId, cxid: request.cxid, zxid, timeMs, type: request.type };
    this.tools.changes.begin();
    return this.conclude(header, this.decide(request, by));
  }

  /** A container or TTL node that has had its time. */
  prepareReap(path: string, zxid: bigint, timeMs: number): Proposal {
    const header = { clientId: 0n, cxid: 0, zxid, timeMs, type: OpCode.deleteContainer };
    this.tools.changes.begin();
    return this.conclude(header, prepareReap(this.tools, zxid, path));
  }

  private decide(request: Request, by: Preparation): Prepared {
    try {
      return this.dispatch(request, by);
    } catch (error) {
      // Here Apache misses the path only when it looks at it.
      if (error instanceof JuteError && error.code === 'ZK_JUTE_NULL' && request.type === OpCode.setData) {
        return ErrorCode.BadArguments;
      }
      if (error instanceof ZkProtocolError) return ErrorCode.MarshallingError;
      throw error;
    }
  }

  private dispatch(request: Request, by: Preparation): Prepared {
    const { tools } = this;
    const reader = this.reader.reset(request.body);
    switch (request.type) {
      case OpCode.create:
      case OpCode.create2:
      case OpCode.createContainer:
        return prepareCreate(tools, by, request.type, decodeCreateRequest(reader), null);
      case OpCode.createTtl: {
        const wish = decodeCreateTtlRequest(reader);
        return prepareCreate(tools, by, request.type, wish, wish.ttlMs);
      }
      case OpCode.delete: {
        const { path, version } = decodeDeleteRequest(reader);
        return prepareDelete(tools, by, path, version);
      }
      case OpCode.setData: {
        const { path, data, version } = decodeSetDataRequest(reader);
        return prepareSetData(tools, by, path, data, version);
      }
      case OpCode.setAcl: {
        const { path, acl, version } = decodeSetAclRequest(reader);
        return prepareSetAcl(tools, by, path, acl, version);
      }
      case OpCode.multi:
        return prepareMulti(tools, by, reader).txn;
      case OpCode.createSession:
        return { type: OpCode.createSession, timeoutMs: reader.readInt() };
      case OpCode.closeSession:
        return prepareCloseSession(tools, by);
      case OpCode.reconfig:
        return prepareReconfig(tools, by, decodeReconfigRequest(reader));
      default:
        // A lone check (ZOOKEEPER-2623), a client's deleteContainer: there is no transaction that others could read.
        return ErrorCode.Unimplemented;
    }
  }

  private conclude(header: TxnHeader, prepared: Prepared): Proposal {
    const { changes } = this.tools;
    if (typeof prepared === 'number') return this.refuse(header, prepared);
    const digest = { version: DIGEST_VERSION, treeDigest: changes.treeDigest };
    const bytes = encodeTxnRecord(header, prepared, digest);
    // What could be written but not read back would stop every server at its next start (ZOOKEEPER-3496).
    if (bytes.length > this.tools.maxTxnBytes) return this.refuse(header, ErrorCode.MarshallingError);
    changes.keep();
    return { zxid: header.zxid, header, txn: prepared, digest, bytes };
  }

  /** A failure is a transaction too: it has a zxid, and everyone must hear what became of it. */
  private refuse(header: TxnHeader, err: ErrorCode): Proposal {
    this.tools.changes.rollBack();
    const txn: Txn = { type: OpCode.error, err };
    const errorHeader = { ...header, type: OpCode.error };
    return {
      zxid: header.zxid,
      header: errorHeader,
      txn,
      digest: null,
      bytes: encodeTxnRecord(errorHeader, txn, null),
    };
  }
}
