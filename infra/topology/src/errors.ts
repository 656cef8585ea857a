/** What can go wrong around the running system. Each message is one line that a user can act on. */

export class TopologyError extends Error {
  readonly code: string;
  readonly retryable: boolean;

  constructor(code: string, message: string, options: { retryable?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

/** A setting (flag or environment variable) that makes no sense. */
export class SettingsError extends TopologyError {
  constructor(message: string) {
    super('TOPOLOGY_SETTINGS', message);
  }
}

/** A name that no group or process has. */
export class UnknownNameError extends TopologyError {
  constructor(kind: string, name: string, known: readonly string[]) {
    super('TOPOLOGY_UNKNOWN_NAME', `expected a ${kind} (${known.join(', ')}), got ${JSON.stringify(name)}`);
  }
}

/** Who is busy everywhere does not need every port in one line. */
const MAX_SHOWN = 3;

/** Other programs listen on ports that our processes are to have. */
export class PortTakenError extends TopologyError {
  /** @param taken each port with who wants it */
  constructor(readonly taken: readonly string[]) {
    const shown = taken.slice(0, MAX_SHOWN).join(', ');
    const more = taken.length > MAX_SHOWN ? ` and ${taken.length - MAX_SHOWN} more` : '';
    const what = taken.length === 1 ? `port ${shown} is` : `ports ${shown}${more} are`;
    super('TOPOLOGY_PORT_TAKEN', `${what} already in use; --port-offset N moves all of ours up by N`);
  }
}

/** What there can be only one of at a time, a supervisor of a group for instance, is there already. */
export class AlreadyRunningError extends TopologyError {
  constructor(group: string, pid: number) {
    super('TOPOLOGY_ALREADY_RUNNING', `${group} already runs (process ${pid})`);
  }
}

/** Something that was waited for did not come in time; `last` says what was seen instead. */
export class WaitDeadlineError extends TopologyError {
  constructor(what: string, afterMs: number, last: string) {
    super('TOPOLOGY_WAIT_DEADLINE', `${what}: not within ${afterMs / 1000} s, ${last}`, { retryable: true });
  }
}

/** A process that refuses to start (exit code 2): starting it again would not help. */
export class RefusedError extends TopologyError {
  constructor(process: string, lastLine: string) {
    super('TOPOLOGY_REFUSED', `${process} refuses to start: ${lastLine}`);
  }
}
