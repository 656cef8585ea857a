/** A request whose answer has to wait: for its commit, for a sync, or only for those before it. */
import type { Id } from '@menagerie/zookeeper-protocol';
import type { Request } from '../contract/index.js';
import type { Connection } from './connection.js';

export class WaitingRequest implements Request {
  /** The transaction made of it, on the server that makes them. */
  zxid: bigint | null = null;
  /** Its complete answer, should that be ready before the answers in front of it are. */
  answer: Buffer | null = null;
  /** It changed nothing: what was asked for last is not told then. */
  hasFailed = false;
  /** What ends the connection once the answer is out; null if nothing does. */
  closeReason: string | null = null;

  constructor(
    readonly connection: Connection,
    readonly sessionId: bigint,
    readonly cxid: number,
    readonly type: number,
    readonly body: Buffer,
    /** The identities that the connection had when the request came. */
    readonly authInfo: readonly Id[],
    readonly arrivedMs: number,
    /** Nothing to wait for but those in front of it. */
    readonly isLocal: boolean,
  ) {}
}
