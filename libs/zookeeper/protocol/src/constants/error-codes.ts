/**
 * Reply error codes. Those between -1 and -100 are failures of the system, those below -100 are answers of the API.
 * Source: KeeperException.Code, whose names (of its `CodeDeprecated` constants) are kept.
 */
export const ErrorCode = {
  Ok: 0,
  SystemError: -1,
  /** Also what each operation after the failing one carries in a failed multi. */
  RuntimeInconsistency: -2,
  DataInconsistency: -3,
  /** Client-side only: the connection went and the outcome is unknown. */
  ConnectionLoss: -4,
  MarshallingError: -5,
  Unimplemented: -6,
  /** Client-side only. */
  OperationTimeout: -7,
  BadArguments: -8,
  UnknownSession: -12,
  NewConfigNoQuorum: -13,
  ReconfigInProgress: -14,
  APIError: -100,
  NoNode: -101,
  NoAuth: -102,
  BadVersion: -103,
  NoChildrenForEphemerals: -108,
  NodeExists: -110,
  NotEmpty: -111,
  SessionExpired: -112,
  /** Client-side only. */
  InvalidCallback: -113,
  InvalidACL: -114,
  AuthFailed: -115,
  /** Never sent by a current server, which closes the connection instead (ZOOKEEPER-710). */
  SessionMoved: -118,
  NotReadOnly: -119,
  EphemeralOnLocalSession: -120,
  NoWatcher: -121,
  /** Client-side only. */
  RequestTimeout: -122,
  ReconfigDisabled: -123,
  SessionClosedRequireSaslAuth: -124,
  QuotaExceeded: -125,
  ThrottledOp: -127,
} as const;

export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];

const namesByCode = new Map<number, keyof typeof ErrorCode>(
  (Object.keys(ErrorCode) as (keyof typeof ErrorCode)[]).map((name) => [ErrorCode[name], name]),
);

/** The name of an error code; null for a number ZooKeeper does not know. */
export function errorCodeName(code: number): keyof typeof ErrorCode | null {
  return namesByCode.get(code) ?? null;
}
