/** A server that was started, in a process of its own or in this one. */
export interface RunningServer {
  /** Undefined for one that has no process of its own. */
  readonly pid: number | undefined;
  /** How it ended; null while it runs. */
  readonly exit: string | null;
  /** The latest lines it wrote, oldest first. */
  readonly log: readonly string[];
  /** `leader`, `follower`, ..., null while it does not serve; undefined if it has to be asked over its port. */
  mode(): string | null | undefined;
  /** @throws TestKitError `TESTKIT_MISUSE` where a server can not be stopped without its test */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** Resolves when it is gone. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}
