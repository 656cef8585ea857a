/**
 * Everything that can go wrong with a call, with one stable code each.
 *
 * The question a caller has after a failure is "did it happen?", so every error answers it in `outcome`:
 * `not-done` (refused by the server, or never sent), `maybe-done` (sent, and the reply was lost) or `done`.
 */
import { ErrorCode, errorCodeName } from '@menagerie/zookeeper-protocol';

/** What became of the change a failed call asked for. */
export type Outcome = 'not-done' | 'maybe-done' | 'done';

/** Codes of answers and failures that come from a server; the number beside each is the wire's. */
const codesByWireCode = {
  [ErrorCode.SystemError]: 'ZK_SYSTEM_ERROR',
  [ErrorCode.RuntimeInconsistency]: 'ZK_RUNTIME_INCONSISTENCY',
  [ErrorCode.DataInconsistency]: 'ZK_DATA_INCONSISTENCY',
  [ErrorCode.MarshallingError]: 'ZK_MARSHALLING_ERROR',
  [ErrorCode.Unimplemented]: 'ZK_UNIMPLEMENTED',
  [ErrorCode.OperationTimeout]: 'ZK_OPERATION_TIMEOUT',
  [ErrorCode.BadArguments]: 'ZK_BAD_ARGUMENTS',
  [ErrorCode.UnknownSession]: 'ZK_UNKNOWN_SESSION',
  [ErrorCode.NewConfigNoQuorum]: 'ZK_NEW_CONFIG_NO_QUORUM',
  [ErrorCode.ReconfigInProgress]: 'ZK_RECONFIG_IN_PROGRESS',
  [ErrorCode.APIError]: 'ZK_API_ERROR',
  [ErrorCode.NoNode]: 'ZK_NO_NODE',
  [ErrorCode.NoAuth]: 'ZK_NO_AUTH',
  [ErrorCode.BadVersion]: 'ZK_BAD_VERSION',
  [ErrorCode.NoChildrenForEphemerals]: 'ZK_NO_CHILDREN_FOR_EPHEMERALS',
  [ErrorCode.NodeExists]: 'ZK_NODE_EXISTS',
  [ErrorCode.NotEmpty]: 'ZK_NOT_EMPTY',
  [ErrorCode.SessionExpired]: 'ZK_SESSION_LOST',
  [ErrorCode.InvalidACL]: 'ZK_INVALID_ACL',
  [ErrorCode.AuthFailed]: 'ZK_AUTH_FAILED',
  [ErrorCode.SessionMoved]: 'ZK_SESSION_MOVED',
  [ErrorCode.NotReadOnly]: 'ZK_NOT_READ_ONLY',
  [ErrorCode.EphemeralOnLocalSession]: 'ZK_EPHEMERAL_ON_LOCAL_SESSION',
  [ErrorCode.NoWatcher]: 'ZK_NO_WATCHER',
  [ErrorCode.ReconfigDisabled]: 'ZK_RECONFIG_DISABLED',
  [ErrorCode.SessionClosedRequireSaslAuth]: 'ZK_SASL_REQUIRED',
  [ErrorCode.QuotaExceeded]: 'ZK_QUOTA_EXCEEDED',
  [ErrorCode.ThrottledOp]: 'ZK_THROTTLED',
} as const;

type WireErrorCode = (typeof codesByWireCode)[keyof typeof codesByWireCode];

/** Codes of failures this client finds by itself. */
type LocalErrorCode =
  | 'ZK_CONNECTION_LOST'
  | 'ZK_TIMEOUT'
  | 'ZK_ABORTED'
  | 'ZK_CLOSED'
  | 'ZK_CONNECT_FAILED'
  | 'ZK_CONNECT_STRING'
  | 'ZK_INVALID_PATH'
  | 'ZK_INVALID_ARGUMENT'
  | 'ZK_TOO_LARGE'
  | 'ZK_QUEUE_FULL'
  | 'ZK_BAD_REPLY'
  | 'ZK_UNKNOWN_ERROR';

export type ZooKeeperErrorCode = WireErrorCode | LocalErrorCode;

export interface ErrorDetails {
  readonly outcome?: Outcome;
  /** See `ZooKeeperError.retryable`. */
  readonly retryable?: boolean;
  /** As the caller wrote it, without the chroot. */
  readonly path?: string | undefined;
  /** The number on the wire, if a server said it. */
  readonly wireCode?: number | undefined;
  readonly cause?: unknown;
}

/** Base of every error this library rejects or throws with. */
export class ZooKeeperError extends Error {
  readonly outcome: Outcome;
  /**
   * Whether the same call may succeed later without anything else changing. It does not say that repeating is safe:
   * with outcome `maybe-done` look first whether it happened.
   */
  readonly retryable: boolean;
  readonly path?: string;
  readonly wireCode?: number;

  constructor(
    readonly code: ZooKeeperErrorCode,
    message: string,
    details: ErrorDetails = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.outcome = details.outcome ?? 'not-done';
    this.retryable = details.retryable ?? false;
    if (details.path !== undefined) this.path = details.path;
    if (details.wireCode !== undefined) this.wireCode = details.wireCode;
  }
}

/** It did not happen: the server refused it, or it never left this process. */
export class ZkNotDoneError extends ZooKeeperError {}

/** It was sent and the reply is lost: it may have happened, may still happen, or may never. */
export class ZkMaybeDoneError extends ZooKeeperError {
  constructor(code: ZooKeeperErrorCode, message: string, details: Omit<ErrorDetails, 'outcome'> = {}) {
    super(code, message, { retryable: true, ...details, outcome: 'maybe-done' });
  }
}

/** The session this call belonged to is over, and with it every reply and watch it still owed. */
export class ZkSessionLostError extends ZooKeeperError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('ZK_SESSION_LOST', message, { retryable: true, ...details });
  }
}

/** The server refused the credentials. It then closes the connection, and the client with it. */
export class ZkAuthFailedError extends ZooKeeperError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('ZK_AUTH_FAILED', message, details);
  }
}

/** The client was closed before or while the call was under way. */
export class ZkClosedError extends ZooKeeperError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('ZK_CLOSED', message, details);
  }
}

/** The caller's `AbortSignal` fired; its reason is the `cause`. */
export class ZkAbortedError extends ZooKeeperError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('ZK_ABORTED', message, details);
  }
}

/** What came of the tries at one server. */
export interface ConnectAttempt {
  /** `host:port`. */
  readonly server: string;
  readonly tries: number;
  /** Of the latest try, in a few words: `ECONNREFUSED`, `no answer in 2000 ms`, ... */
  readonly problem: string;
}

/** No server of the list gave us a session in the time allowed. */
export class ZkConnectError extends ZooKeeperError {
  constructor(
    message: string,
    /** One entry a server that was tried. */
    readonly attempts: readonly ConnectAttempt[],
    /** How long it was tried, in milliseconds. */
    readonly elapsedMs: number,
  ) {
    super('ZK_CONNECT_FAILED', message, { retryable: true });
  }
}

/** What became of one operation of a multi that failed. */
export interface MultiFailure {
  /** 0 for those which would have succeeded, -2 for those behind the failing one. */
  readonly wireCode: number;
  readonly code: ZooKeeperErrorCode | null;
}

/** A multi which was refused as a whole; `code` is that of the operation at fault. */
export class ZkMultiError extends ZkNotDoneError {
  constructor(
    code: ZooKeeperErrorCode,
    message: string,
    /** Index of the operation at fault in the list given to `multi`. */
    readonly failedIndex: number,
    /** One entry an operation, in order. */
    readonly results: readonly MultiFailure[],
    details: ErrorDetails = {},
  ) {
    super(code, message, details);
  }
}

const refusalsThatMayPass: ReadonlySet<number> = new Set([
  ErrorCode.OperationTimeout,
  ErrorCode.SessionMoved,
  ErrorCode.ThrottledOp,
  ErrorCode.ReconfigInProgress,
  ErrorCode.NewConfigNoQuorum,
]);

/** The stable code for a wire error number. */
export function codeOfWireCode(wireCode: number): ZooKeeperErrorCode {
  return (codesByWireCode as Readonly<Record<number, WireErrorCode>>)[wireCode] ?? 'ZK_UNKNOWN_ERROR';
}

/** The error for an answer `wireCode` to `what` (for instance `create /a`). The server did not do it. */
export function errorOfWireCode(wireCode: number, what: string, path: string | undefined): ZooKeeperError {
  const message = `${what}: the server answered ${errorCodeName(wireCode) ?? 'an unknown error'} (${wireCode})`;
  const details = { path, wireCode, retryable: refusalsThatMayPass.has(wireCode) };
  if (wireCode === ErrorCode.SessionExpired) return new ZkSessionLostError(message, { path, wireCode });
  if (wireCode === ErrorCode.AuthFailed) return new ZkAuthFailedError(message, { path, wireCode });
  return new ZkNotDoneError(codeOfWireCode(wireCode), message, details);
}

const hasCode = <C extends ZooKeeperErrorCode>(code: C) => {
  return (error: unknown): error is ZooKeeperError & { readonly code: C } =>
    error instanceof ZooKeeperError && error.code === code;
};

/** True when nothing was done, and repeating the call as it is can not change that. */
export function isNever(error: unknown): error is ZooKeeperError {
  return error instanceof ZooKeeperError && error.outcome === 'not-done' && !error.retryable;
}
export const isNoNode = hasCode('ZK_NO_NODE');
export const isNodeExists = hasCode('ZK_NODE_EXISTS');
export const isBadVersion = hasCode('ZK_BAD_VERSION');
export const isNotEmpty = hasCode('ZK_NOT_EMPTY');
export const isNoAuth = hasCode('ZK_NO_AUTH');
export const isConnectionLost = hasCode('ZK_CONNECTION_LOST');
export const isTimeout = hasCode('ZK_TIMEOUT');

export function isZooKeeperError(error: unknown): error is ZooKeeperError {
  return error instanceof ZooKeeperError;
}
export function isSessionLost(error: unknown): error is ZkSessionLostError {
  return error instanceof ZkSessionLostError;
}
export function isAuthFailed(error: unknown): error is ZkAuthFailedError {
  return error instanceof ZkAuthFailedError;
}
export function isClosed(error: unknown): error is ZkClosedError {
  return error instanceof ZkClosedError;
}
export function isAborted(error: unknown): error is ZkAbortedError {
  return error instanceof ZkAbortedError;
}
export function isMultiError(error: unknown): error is ZkMultiError {
  return error instanceof ZkMultiError;
}
/** True when the change may or may not have been made: look before repeating it. */
export function isMaybeDone(error: unknown): error is ZooKeeperError & { readonly outcome: 'maybe-done' } {
  return error instanceof ZooKeeperError && error.outcome === 'maybe-done';
}
