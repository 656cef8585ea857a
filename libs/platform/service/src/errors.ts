/** What can go wrong in any service, and the base class that every service's own errors extend. */

export interface ServiceErrorOptions {
  /** Stable and upper case, `<SYSTEM>_<WHAT>`; code and tests compare it, people read the message. */
  readonly code: string;
  /** True when the same call may succeed later without anybody changing anything. Default false. */
  readonly retryable?: boolean;
  /** True when whoever started or called us can mend it: one line is shown and no stack. Default false. */
  readonly userMistake?: boolean;
  readonly cause?: unknown;
}

export class ServiceError extends Error {
  readonly code: string;
  readonly retryable: boolean;
  readonly userMistake: boolean;

  /** @param message what was expected and what came */
  constructor(message: string, options: ServiceErrorOptions) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = new.target.name;
    this.code = options.code;
    this.retryable = options.retryable ?? false;
    this.userMistake = options.userMistake ?? false;
  }
}

/** The environment does not make a configuration. `variable` is the one to mend first. */
export class ConfigError extends ServiceError {
  constructor(
    readonly variable: string,
    problem: string,
  ) {
    super(`${variable}: ${problem}`, { code: 'SERVICE_CONFIG', userMistake: true });
  }
}

/** Somebody else listens where this service was told to. */
export class PortBusyError extends ServiceError {
  constructor(
    readonly host: string,
    readonly port: number,
    cause?: unknown,
  ) {
    super(`port ${port} on ${host} is already in use`, { code: 'SERVICE_PORT_BUSY', userMistake: true, cause });
  }
}

/** A stop that did not end in time; `waitingFor` names the hook that was running. */
export class StopDeadlineError extends ServiceError {
  constructor(
    readonly deadlineMs: number,
    readonly waitingFor: string,
  ) {
    super(`not stopped after ${deadlineMs} ms, still waiting for ${waitingFor}`, { code: 'SERVICE_STOP_DEADLINE' });
  }
}
