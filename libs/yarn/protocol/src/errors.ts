/**
 * What can go wrong between the parts of YARN, with one stable code each, and how an error travels in an HTTP answer.
 *
 * The names in brackets are those of the real system's exceptions.
 */
import { z } from 'zod';

/** Codes that a server answers with; beside each the HTTP status and whether the same call may succeed later. */
export const serverErrors = {
  /** [StandbyException] Ask another ResourceManager. */
  YARN_STANDBY: { status: 503, retryable: true },
  /** [ApplicationNotFoundException] After a failover it also means: submit again, under the same id. */
  YARN_APPLICATION_NOT_FOUND: { status: 404, retryable: false },
  YARN_NOT_FOUND: { status: 404, retryable: false },
  YARN_INVALID_REQUEST: { status: 400, retryable: false },
  /** [InvalidResourceRequestException] More than any node has, or nothing at all. */
  YARN_INVALID_RESOURCE_REQUEST: { status: 400, retryable: false },
  /** [ApplicationMasterNotRegisteredException] Register again, then send everything outstanding again. */
  YARN_MASTER_NOT_REGISTERED: { status: 409, retryable: false },
  /** [ApplicationAttemptNotFoundException] Another attempt has taken over, or the application is over: stop. */
  YARN_ATTEMPT_NOT_CURRENT: { status: 410, retryable: false },
  /** [InvalidToken, InvalidContainerException] */
  YARN_UNAUTHORIZED: { status: 401, retryable: false },
  /** [StoreLimitException] It would not fit into a znode. */
  YARN_TOO_LARGE: { status: 413, retryable: false },
  /** [NMNotYetReadyException] Not registered with a ResourceManager yet, or no room at the moment. */
  YARN_NOT_READY: { status: 503, retryable: true },
  YARN_INTERNAL: { status: 500, retryable: true },
} as const satisfies Record<string, { readonly status: number; readonly retryable: boolean }>;

export type ServerErrorCode = keyof typeof serverErrors;

/** Codes of failures that the caller's side finds by itself. */
export type CallErrorCode = 'YARN_UNREACHABLE' | 'YARN_TIMEOUT' | 'YARN_BAD_REPLY' | 'YARN_ABORTED' | 'YARN_NO_ACTIVE';

/** Codes of broken or foreign data in the state store. */
export type RecordErrorCode = 'YARN_BAD_RECORD' | 'YARN_VERSION_MISMATCH' | 'YARN_FOREIGN_CLUSTER';

export type YarnErrorCode = ServerErrorCode | CallErrorCode | RecordErrorCode;

/** Base of every error of YARN's parts. */
export class YarnError extends Error {
  constructor(
    readonly code: YarnErrorCode,
    message: string,
    /** Whether the same call may succeed later, here or at another ResourceManager. */
    readonly retryable: boolean,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
  }
}

/** A server's answer to a request it will not serve. */
export class YarnRequestError extends YarnError {
  override readonly code: ServerErrorCode;
  constructor(code: ServerErrorCode, message: string) {
    super(code, message, serverErrors[code].retryable);
    this.code = code;
  }

  /** The HTTP status that goes with the code. */
  get status(): number {
    return serverErrors[this.code].status;
  }
}

/** The call did not come to an answer: broken link, deadline, or an answer that is not YARN's. */
export class YarnCallError extends YarnError {
  constructor(code: CallErrorCode, message: string, cause?: unknown) {
    super(code, message, code !== 'YARN_ABORTED', cause);
  }
}

/** A znode whose content cannot be what it should be. */
export class YarnRecordError extends YarnError {
  constructor(code: RecordErrorCode, message: string, cause?: unknown) {
    super(code, message, false, cause);
  }
}

/** The body of every answer that is not a success. */
export const errorBodySchema = z.object({
  error: z.object({
    code: z.enum(Object.keys(serverErrors) as [ServerErrorCode, ...ServerErrorCode[]]),
    message: z.string(),
    retryable: z.boolean(),
  }),
});
export type ErrorBody = z.infer<typeof errorBodySchema>;

export function errorBody(error: YarnRequestError): ErrorBody {
  return { error: { code: error.code, message: error.message, retryable: error.retryable } };
}

export function isYarnError(error: unknown, code?: YarnErrorCode): error is YarnError {
  return error instanceof YarnError && (code === undefined || error.code === code);
}
