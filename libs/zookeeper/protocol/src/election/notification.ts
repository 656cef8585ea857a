/**
 * What servers tell each other until they agree on a leader.
 *
 *   notification = int state, long leader, long zxid, long electionEpoch          28 bytes, before 3.3
 *                  [, long peerEpoch, int version                                 40 bytes, before 3.5
 *                  [, int configLength, bytes config]]                            44 bytes and more
 *
 * The version is not looked at in a message of exactly 40 bytes. Source: FastLeaderElection.java (buildMsg,
 * WorkerReceiver.run).
 */
import { ElectionMessageError } from '../errors.js';
import { readInt32, readInt64, writeInt32, writeInt64 } from '../jute/int64.js';

export const ServerState = {
  LOOKING: 0,
  FOLLOWING: 1,
  LEADING: 2,
  OBSERVING: 3,
} as const;

export type ServerState = (typeof ServerState)[keyof typeof ServerState];

/** The format with a configuration. */
export const NOTIFICATION_VERSION = 2;

export interface Notification {
  /** Of the sender. */
  readonly state: ServerState;
  /** The server it votes for; a server that must not be elected votes for the smallest long. */
  readonly leader: bigint;
  /** That server's last logged zxid. */
  readonly zxid: bigint;
  /** The round of election, a counter of the sender's. */
  readonly electionEpoch: bigint;
  /** That server's current epoch. */
  readonly peerEpoch: bigint;
  /** `NOTIFICATION_VERSION` from all servers since 3.5. */
  readonly version: number;
  /** Text of the sender's configuration; null in the older forms. */
  readonly config: string | null;
}

const BYTES_WITHOUT_EPOCH = 28;
const BYTES_WITHOUT_CONFIG = 40;
const BYTES_BEFORE_CONFIG = 44;

/** The short form of 40 bytes for version 0, which is what its length says to a reader; otherwise the long one. */
export function encodeNotification(notification: Notification): Buffer {
  const hasConfig = notification.version >= NOTIFICATION_VERSION;
  const config = Buffer.from(hasConfig ? (notification.config ?? '') : '', 'utf8');
  const isShort = notification.version === 0;
  const body = Buffer.allocUnsafe(isShort ? BYTES_WITHOUT_CONFIG : BYTES_BEFORE_CONFIG + config.length);
  writeInt32(body, 0, notification.state);
  writeInt64(body, 4, notification.leader);
  writeInt64(body, 12, notification.zxid);
  writeInt64(body, 20, notification.electionEpoch);
  writeInt64(body, 28, notification.peerEpoch);
  writeInt32(body, 36, notification.version);
  if (!isShort) {
    writeInt32(body, 40, config.length);
    body.set(config, BYTES_BEFORE_CONFIG);
  }
  return body;
}

/** @throws ElectionMessageError for one that can not be; the connection is good all the same (ZOOKEEPER-3769) */
export function decodeNotification(body: Buffer): Notification {
  expectBytes(body, BYTES_WITHOUT_EPOCH);
  const head = {
    state: decodeState(readInt32(body, 0)),
    leader: readInt64(body, 4),
    zxid: readInt64(body, 12),
    electionEpoch: readInt64(body, 20),
  };
  if (body.length === BYTES_WITHOUT_EPOCH) {
    return { ...head, peerEpoch: BigInt.asUintN(64, head.zxid) >> 32n, version: 0, config: null };
  }
  expectBytes(body, BYTES_WITHOUT_CONFIG);
  const peerEpoch = readInt64(body, 28);
  const version = body.length === BYTES_WITHOUT_CONFIG ? 0 : readInt32(body, 36);
  const config = version < NOTIFICATION_VERSION ? null : decodeConfig(body);
  return { ...head, peerEpoch, version, config };
}

function decodeConfig(body: Buffer): string {
  expectBytes(body, BYTES_BEFORE_CONFIG);
  const length = readInt32(body, BYTES_WITHOUT_CONFIG);
  if (length < 0 || length > body.length - BYTES_BEFORE_CONFIG) {
    throw new ElectionMessageError(
      `expected a configuration of 0 to ${body.length - BYTES_BEFORE_CONFIG} bytes, the notification announces ${length}`,
    );
  }
  return body.toString('utf8', BYTES_BEFORE_CONFIG, BYTES_BEFORE_CONFIG + length);
}

function decodeState(state: number): ServerState {
  if (state >= ServerState.LOOKING && state <= ServerState.OBSERVING) return state as ServerState;
  throw new ElectionMessageError(`expected a server state of 0 to 3, the notification says ${state}`);
}

function expectBytes(body: Buffer, byteCount: number): void {
  if (body.length >= byteCount) return;
  throw new ElectionMessageError(`expected a notification of ${byteCount} bytes or more, got ${body.length}`);
}
