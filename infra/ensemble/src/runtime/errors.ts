/** What can go wrong around the core. A user's mistake is one line and needs no stack. */
import { EnsembleError } from '../core/errors.js';

/** Something the user can mend before the next start: configuration, directories, ports. Exit status 2. */
export abstract class UsersMistake extends EnsembleError {
  override readonly retryable: boolean = false;
}

/** A configuration that can not be run. */
export class ConfigError extends UsersMistake {
  override readonly code = 'ENSEMBLE_CONFIG';

  constructor(
    /** The file at fault; `null` for a configuration that was made in memory. */
    readonly file: string | null,
    /** Line number from 1; `null` if it is about what is missing, or about the whole. */
    readonly line: number | null,
    problem: string,
  ) {
    super(`${[file ?? 'configuration', line].filter((part) => part !== null).join(':')}: ${problem}`);
  }
}

/** A file of keys or certificates that can not be used. Never says what is in it. */
export class StoreError extends UsersMistake {
  override readonly code = 'ENSEMBLE_KEY_STORE';

  constructor(
    readonly file: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`${file}: ${problem}`, options);
  }
}

/** A directory that can not be used: missing, unreadable, in use, or another server's. */
export class DirectoryError extends UsersMistake {
  override readonly code = 'ENSEMBLE_DIRECTORY';

  constructor(
    readonly directory: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`${directory}: ${problem}`, options);
  }
}

/** A port that can not be listened on: taken, not ours, or not allowed. */
export class PortError extends UsersMistake {
  override readonly code = 'ENSEMBLE_PORT';
  override readonly retryable = true;

  constructor(
    /** `client`, `quorum`, `election`, `admin`. */
    readonly purpose: string,
    readonly host: string,
    readonly port: number,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`${purpose} port ${host}:${port}: ${problem}`, options);
  }
}

/** What is on disk is not what this server wrote. It starts on nothing it can not trust. */
export class DamagedDataError extends EnsembleError {
  override readonly code = 'ENSEMBLE_DATA_DAMAGED';
  override readonly retryable = false;

  constructor(
    readonly file: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`${file}: ${problem}`, options);
  }
}

/** A disk said no while the server was running. */
export class StorageFailedError extends EnsembleError {
  override readonly code = 'ENSEMBLE_STORAGE_FAILED';
  override readonly retryable = false;

  constructor(
    /** What was being done, with the file. */
    readonly what: string,
    options: ErrorOptions,
  ) {
    super(`${what}: ${options.cause instanceof Error ? options.cause.message : String(options.cause)}`, options);
  }
}

/** The server came to a state in which it must not go on. */
export class HaltedError extends EnsembleError {
  override readonly code = 'ENSEMBLE_HALTED';
  override readonly retryable = false;
}

/** An operator's request that can not be done as it is: a body of another form, or no time for it. */
export class OperatorRequestError extends EnsembleError {
  override readonly code = 'ENSEMBLE_OPERATOR_REQUEST';
  override readonly retryable = false;
}

/** The `code` of an error from Node's system calls, such as `ENOENT`. */
export function systemErrorCode(error: unknown): string | null {
  // Not by `instanceof`: under Jest the errors of Node's own modules are of another realm's class.
  const code = (error as { readonly code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : null;
}
