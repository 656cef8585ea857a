/** What a handler knows of a request besides its body. */
import type { RequestHeader } from '@menagerie/kafka-protocol';

export interface ConnectionInfo {
  readonly id: number;
  /** `/127.0.0.1`, as Kafka writes it into group descriptions. */
  readonly clientHost: string;
  readonly listener: string;
  /** `User:ANONYMOUS` without authentication. */
  principal: string;
  /** The largest request: smaller while nobody is known. */
  maxFrameBytes: number;
  /** The last answer is under way: whoever is on the other side was refused. */
  endAfterAnswer: boolean;
}

export interface RequestContext {
  readonly header: RequestHeader;
  readonly connection: ConnectionInfo;
  /** Fires when the connection is gone: nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}
