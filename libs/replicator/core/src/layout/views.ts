/** What the processes answer over HTTP. */
import type { LastCommit, Task } from './payloads.js';

export interface DutyView {
  /** Cold: where the scan stands. */
  readonly task: string | null;
  readonly phase: string;
  readonly instance: string | null;
  readonly fence: string | null;
  /** Cold: rounds of the scan. */
  readonly rounds: number;
  readonly notifications: number;
  readonly progress: {
    readonly phase: string;
    readonly gtid: string;
    readonly rows: number;
    readonly lagMs: number;
  } | null;
  readonly problem: { readonly code: string; readonly message: string } | null;
}

/** `GET /core` of a core. */
export interface CoreView {
  readonly host: string;
  readonly mode: string;
  /** Commits refused because a later instance has the task. */
  readonly refusedByTarget: number;
  readonly refusedByLastCommit: number;
  readonly lastRefusal: string | null;
  readonly halts: number;
  readonly duties: readonly DutyView[];
}

export interface InstanceView {
  readonly name: string;
  readonly status: string;
  readonly since: number;
  readonly pid: number;
}

/** One task in `GET /tasks` of the monitor. */
export interface TaskStatusView {
  readonly task: string;
  readonly instances: readonly InstanceView[];
  /** The instance that is RUNNING. */
  readonly running: string | null;
  /** Since when nobody runs it, by the monitor's clock; null while somebody does. */
  readonly uncoveredSince: number | null;
  /** How long it was uncovered in all since the monitor began. */
  readonly uncoveredMs: number;
  readonly takeovers: number;
  readonly lastCommit: LastCommit | null;
  /** Since `lastCommit` was last written, by the ensemble's clock. */
  readonly silentMs: number | null;
}

/** One task in `GET /tasks` of the server, without its passwords. */
export interface TaskView {
  readonly task: string;
  readonly version: number;
  readonly spec: Task;
}
