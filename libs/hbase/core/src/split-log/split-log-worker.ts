/**
 * A region server's half of log splitting: pure (SplitLogWorker.java, ZkSplitLogWorkerCoordination.java). It takes tasks by
 * compare-and-set, writes them again as a sign of life, and stops when somebody else has written.
 */
import { type SplitLogTask, SplitState } from '../layout/payload.js';
import { SPLIT_LOG_SETTINGS, type SplitLogSettings } from './settings.js';

export type WorkerInput =
  /** Tasks in the tree, RESCAN nodes left out, and how many servers there are. */
  | { readonly kind: 'listed'; readonly tasks: readonly string[]; readonly servers: number }
  | { readonly kind: 'read'; readonly task: string; readonly version: number; readonly content: SplitLogTask }
  /** The answer to `write`: the new version, or null when it had another one than expected, or was gone. */
  | { readonly kind: 'written'; readonly task: string; readonly version: number | null }
  | { readonly kind: 'split'; readonly task: string; readonly outcome: 'done' | 'err' | 'resigned' }
  | { readonly kind: 'tick' };

export type WorkerEffect =
  | { readonly kind: 'read'; readonly task: string }
  | { readonly kind: 'write'; readonly task: string; readonly version: number; readonly state: SplitState }
  | { readonly kind: 'begin'; readonly task: string }
  /** Preempted: what it has done so far does no harm. */
  | { readonly kind: 'stop'; readonly task: string };

interface Job {
  /** Invariant: of our own last write that was answered. */
  version: number;
  phase: 'taking' | 'working' | 'reporting';
  beatAtMs: number;
  writing: boolean;
  outcome: SplitState | null;
}

const OUTCOMES = { done: SplitState.done, err: SplitState.err, resigned: SplitState.resigned } as const;

export class SplitLogWorker {
  private readonly jobs = new Map<string, Job>();
  private listed: readonly string[] = [];
  private allowed = 0;

  /** @param random from 0 to below 1: where in the list to begin, so that not all servers want the same task */
  constructor(
    private readonly random: () => number,
    private readonly settings: SplitLogSettings = SPLIT_LOG_SETTINGS,
  ) {}

  get working(): readonly string[] {
    return [...this.jobs.keys()];
  }

  step(input: WorkerInput, nowMs: number): WorkerEffect[] {
    switch (input.kind) {
      case 'listed':
        this.listed = input.tasks;
        // Some for everybody, and no more at once than a server can bear.
        this.allowed = Math.min(
          Math.ceil(input.tasks.length / Math.max(1, input.servers)),
          this.settings.maxTasksPerServer,
        );
        return this.look();
      case 'read':
        return this.take(input.task, input.version, input.content, nowMs);
      case 'written':
        return this.written(input.task, input.version, nowMs);
      case 'split':
        return this.report(input.task, OUTCOMES[input.outcome]);
      case 'tick':
        return this.beat(nowMs);
    }
  }

  private look(): WorkerEffect[] {
    if (this.jobs.size >= this.allowed) return [];
    const start = Math.floor(this.random() * this.listed.length);
    const order = [...this.listed.slice(start), ...this.listed.slice(0, start)];
    // The catalogue's log comes first: nothing is found before it is back.
    order.sort((a, b) => Number(isMeta(b)) - Number(isMeta(a)));
    return order.filter((task) => !this.jobs.has(task)).map((task) => ({ kind: 'read', task }));
  }

  private take(task: string, version: number, { state }: SplitLogTask, nowMs: number): WorkerEffect[] {
    if (state !== SplitState.unassigned || this.jobs.has(task) || this.jobs.size >= this.allowed) return [];
    this.jobs.set(task, { version, phase: 'taking', beatAtMs: nowMs, writing: true, outcome: null });
    return [{ kind: 'write', task, version, state: SplitState.owned }];
  }

  private written(task: string, version: number | null, nowMs: number): WorkerEffect[] {
    const job = this.jobs.get(task);
    if (job === undefined) return [];
    job.writing = false;
    if (version === null) {
      this.jobs.delete(task);
      return job.phase === 'working' ? [{ kind: 'stop', task }] : [];
    }
    job.version = version;
    job.beatAtMs = nowMs;
    if (job.phase === 'taking') {
      job.phase = 'working';
      return [{ kind: 'begin', task }];
    }
    if (job.outcome === null) return [];
    if (job.phase === 'reporting') {
      this.jobs.delete(task);
      return this.look();
    }
    return this.report(task, job.outcome);
  }

  private report(task: string, outcome: SplitState): WorkerEffect[] {
    const job = this.jobs.get(task);
    if (job === undefined) return [];
    job.outcome = outcome;
    // A sign of life is on its way, and its answer has the version that the report needs.
    if (job.writing) return [];
    job.phase = 'reporting';
    job.writing = true;
    return [{ kind: 'write', task, version: job.version, state: outcome }];
  }

  private beat(nowMs: number): WorkerEffect[] {
    const due = [...this.jobs].filter(
      ([, { phase, writing, beatAtMs }]) =>
        phase === 'working' && !writing && nowMs - beatAtMs >= this.settings.taskTimeoutMs / 3,
    );
    return due.map(([task, job]) => {
      job.writing = true;
      return { kind: 'write', task, version: job.version, state: SplitState.owned };
    });
  }
}

const isMeta = (task: string): boolean => task.endsWith('.meta');
