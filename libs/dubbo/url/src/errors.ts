/** What can go wrong in discovery and calls, one stable code each. */

export type DubboErrorCode =
  /** Text that is not a URL as Dubbo writes it. */
  | 'DUBBO_BAD_URL'
  /** A routing or override rule that does not parse. The rule before it holds. */
  | 'DUBBO_BAD_RULE'
  /** A call, an option or a setting that cannot be obeyed. */
  | 'DUBBO_BAD_REQUEST'
  /** The registry can not be reached and there is no cached list. */
  | 'DUBBO_REGISTRY_UNAVAILABLE'
  /** Nobody provides the service, or a rule leaves nobody. */
  | 'DUBBO_NO_PROVIDER'
  /** There are providers, of another version or group. */
  | 'DUBBO_VERSION_MISMATCH'
  /** A second service under the interface, group and version of another in the same process. */
  | 'DUBBO_DUPLICATE_SERVICE'
  /** The provider does not have the service or the method. */
  | 'DUBBO_UNKNOWN_METHOD'
  /** No connection, or it broke. */
  | 'DUBBO_UNREACHABLE'
  /** No answer by the deadline: it may have been done. */
  | 'DUBBO_TIMEOUT'
  /** A request or an answer over the limit. */
  | 'DUBBO_TOO_LARGE'
  /** Whoever called has given up. */
  | 'DUBBO_CANCELLED'
  /** An answer that makes no sense. */
  | 'DUBBO_BAD_ANSWER'
  /** All tries have failed; the cause is the last. */
  | 'DUBBO_EXHAUSTED'
  /** The service itself has refused. Never tried again. */
  | 'DUBBO_BUSINESS';

export interface DubboErrorOptions {
  /** Whether the same call may succeed elsewhere or later. Default false. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

export class DubboError extends Error {
  /** Whether the same call may succeed elsewhere or later. */
  readonly retryable: boolean;

  constructor(
    readonly code: DubboErrorCode,
    message: string,
    { retryable = false, cause }: DubboErrorOptions = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'DubboError';
    this.retryable = retryable;
  }
}

/** What a service throws for its caller: an answer, not a failure of the way there. */
export class BusinessError extends DubboError {
  /** @param reason the service's own word for it, stable: `UNKNOWN_PRODUCT` */
  constructor(
    readonly reason: string,
    message: string,
  ) {
    super('DUBBO_BUSINESS', message);
    this.name = 'BusinessError';
  }
}

export const isDubboError = (error: unknown, code?: DubboErrorCode): error is DubboError =>
  error instanceof DubboError && (code === undefined || error.code === code);
