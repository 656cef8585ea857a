/** What can be wrong with bytes, with one stable code each. */

export type ZkProtocolErrorCode =
  | 'ZK_JUTE_TRUNCATED'
  | 'ZK_JUTE_LENGTH'
  | 'ZK_JUTE_NULL'
  | 'ZK_JUTE_VALUE'
  | 'ZK_FRAME_LENGTH'
  | 'ZK_PATH_INVALID'
  | 'ZK_TXN_TYPE'
  | 'ZK_LOG_HEADER'
  | 'ZK_LOG_CORRUPT'
  | 'ZK_SNAPSHOT_CORRUPT'
  | 'ZK_QUORUM_SIGNATURE'
  | 'ZK_ELECTION_GREETING'
  | 'ZK_ELECTION_MESSAGE';

/**
 * Base of every error this library throws. `retryable` is false throughout: the same bytes fail the same way again; a
 * caller that has another connection or another file may of course try that one.
 */
export abstract class ZkProtocolError extends Error {
  abstract readonly code: ZkProtocolErrorCode;
  readonly retryable: boolean = false;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A record which is cut short, or says a length, count or value that can not be. */
export class JuteError extends ZkProtocolError {
  constructor(
    override readonly code: Extract<ZkProtocolErrorCode, `ZK_JUTE_${string}`>,
    /** What was expected and what came, without the place. */
    readonly detail: string,
    /** Where in the bytes being read the offending field starts. */
    readonly offset: number,
    /** How many bytes more it would take to read on; 0 if the bytes are wrong rather than too few. */
    readonly missingBytes: number = 0,
  ) {
    super(`${detail} (at byte ${offset})`);
  }
}

/** A frame whose length field is negative, or outside of the limits: the stream can not be followed any further. */
export class FrameError extends ZkProtocolError {
  override readonly code = 'ZK_FRAME_LENGTH';

  constructor(
    /** The length field as a signed number; on a fresh client connection it may spell a four-letter word. */
    readonly length: number,
    readonly minFrameBytes: number,
    readonly maxFrameBytes: number,
    /** Complete frames which the same chunk held before the bad one. */
    readonly completed: readonly Buffer[],
  ) {
    super(`expected a frame of ${minFrameBytes} to ${maxFrameBytes} bytes, the peer announced ${length}`);
  }
}

/** A path which no node can have; the message is the one Apache's clients show. */
export class PathError extends ZkProtocolError {
  override readonly code = 'ZK_PATH_INVALID';
}

/** A transaction of a type which has no record format. */
export class TxnTypeError extends ZkProtocolError {
  override readonly code = 'ZK_TXN_TYPE';

  constructor(readonly type: number) {
    super(`expected a known transaction type, the record says ${type}`);
  }
}

/** A transaction log which can not be read on from `offset`. A torn tail is no error: see `LogReader`. */
export class LogError extends ZkProtocolError {
  constructor(
    override readonly code: 'ZK_LOG_HEADER' | 'ZK_LOG_CORRUPT',
    message: string,
    /** Byte offset in the file of the record (or header) at fault. */
    readonly offset: number,
    /** zxid of the last good record before it, null if there is none. */
    readonly lastZxid: bigint | null,
  ) {
    super(
      `${message} (at byte ${offset} of the log, ${
        lastZxid === null ? 'no good record before it' : `after zxid 0x${BigInt.asUintN(64, lastZxid).toString(16)}`
      })`,
    );
  }
}

/** A snapshot which is not one, is damaged, or is cut short. */
export class SnapshotError extends ZkProtocolError {
  override readonly code = 'ZK_SNAPSHOT_CORRUPT';

  constructor(
    message: string,
    /** Bytes of the snapshot stream understood before the fault. */
    readonly offset: number,
    options?: ErrorOptions,
  ) {
    super(`${message} (at byte ${offset} of the snapshot)`, options);
  }
}

/** What follows a snapshot on the quorum stream is not the agreed end mark. */
export class SnapshotSignatureError extends ZkProtocolError {
  override readonly code = 'ZK_QUORUM_SIGNATURE';

  constructor(readonly received: string | null) {
    super(`expected the end mark "BenWasHere" after the snapshot, got ${JSON.stringify(received)}`);
  }
}

/** The first bytes of an election connection are not a greeting we understand. */
export class ElectionGreetingError extends ZkProtocolError {
  override readonly code = 'ZK_ELECTION_GREETING';
}

/** An election message of an impossible size or shape. */
export class ElectionMessageError extends ZkProtocolError {
  override readonly code = 'ZK_ELECTION_MESSAGE';
}
