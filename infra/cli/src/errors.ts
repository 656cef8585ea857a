/** What ends a command, and with which exit code. */

/** Documented in the help: scripts rely on these. */
export const ExitCode = {
  ok: 0,
  /** What was asked about is not so: something is unhealthy, or a demo's claim did not hold; or the command failed. */
  failure: 1,
  /** The command was used in a way that cannot work; one line says how to mend it. */
  usage: 2,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

export class CliError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly exitCode: ExitCode = ExitCode.failure,
  ) {
    super(message);
    this.name = new.target.name;
  }
}

/** A mistake of the user: one line, exit code 2. */
export class UsageError extends CliError {
  constructor(message: string) {
    super('CLI_USAGE', message, ExitCode.usage);
  }
}
