/**
 * A task that we run, from the moment we are the first until we are not: follows what the task says, copies, and tells how
 * far it is. Its end is an abort: from then on nothing of it commits.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  isReplicatorError,
  type LastCommit,
  Phase,
  readPayload,
  replicatorPaths,
  ReplicatorError,
  shortProblem,
  type Task,
  taskKey,
  type TaskRef,
} from '@menagerie/replicator-core';
import { keepCopying, type Progress } from '@menagerie/replicator-mariadb';
import type { Access } from '@menagerie/replicator-nest';
import type { Logger } from '@menagerie/service';
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';
import { LastCommitWriter } from './last-commit-writer.js';

export interface TaskRunOptions {
  readonly client: ZooKeeperClient;
  readonly access: Access;
  readonly logger: Logger;
  readonly ref: TaskRef;
  readonly fence: bigint;
  readonly commitEveryMs: number;
  /** Looks at the clock: may end this run before it returns. */
  readonly check: () => void;
  /** The task is stopped or gone. */
  readonly onUnwanted: () => void;
  readonly counts: RunCounts;
}

/** Over all runs of a core. */
export interface RunCounts {
  /** By the target's fence, and by the version of `lastCommit`. */
  refusedByTarget: number;
  refusedByLastCommit: number;
  lastRefusal: string | null;
  halts: number;
}

const FENCED_PAUSE_MS = 3_000;
const NOTHING: Progress = { phase: Phase.streaming, gtid: '', file: '', pos: 0, rows: 0, lagMs: 0 };

export class TaskRun {
  problem: ReplicatorError | null = null;
  progress: Progress | null = null;
  private readonly ending = new AbortController();
  private readonly ended: Promise<void>;

  constructor(private readonly options: TaskRunOptions) {
    this.ended = this.run().catch((error: unknown) => {
      if (!this.ending.signal.aborted) options.logger.error({ err: error }, 'a run ended unexpectedly');
    });
  }

  /** Nothing commits after this has returned; what is on its way at the target is fenced or was in time. */
  halt(): void {
    if (this.ending.signal.aborted) return;
    this.options.counts.halts += 1;
    this.ending.abort(new ReplicatorError('REPLICATOR_FENCED', 'this instance has halted'));
  }

  async gone(): Promise<void> {
    await this.ended;
  }

  private async run(): Promise<void> {
    const { client, ref, logger } = this.options;
    const { signal } = this.ending;
    const path = replicatorPaths.task(ref);
    let current = '';
    let copy: { readonly ending: AbortController; readonly ended: Promise<void> } | null = null;
    const stopCopy = async () => {
      copy?.ending.abort();
      await copy?.ended;
      copy = null;
    };
    try {
      for await (const { data } of client.watch(path, { kind: 'data', signal })) {
        const text = data?.toString() ?? '';
        if (text === current) continue;
        current = text;
        await stopCopy();
        if (data === null) {
          this.options.onUnwanted();
          continue;
        }
        const task = this.readTask(data, path);
        if (task === null) continue;
        if (task.desired === 'STOP') {
          this.problem = null;
          this.options.onUnwanted();
          continue;
        }
        logger.info({ task: taskKey(ref) }, 'copying');
        const ending = new AbortController();
        copy = { ending, ended: this.copy(task, AbortSignal.any([signal, ending.signal])) };
      }
    } finally {
      await stopCopy();
    }
  }

  private readTask(data: Buffer, path: string): Task | null {
    try {
      return readPayload.task(data, path);
    } catch (error) {
      this.problem = error as ReplicatorError;
      this.options.logger.error({ why: this.problem.message }, 'a task that cannot be read');
      return null;
    }
  }

  /** Until the signal fires. */
  private async copy(task: Task, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.copyOnce(task, signal);
      } catch (error) {
        if (!signal.aborted) this.fail(error);
      }
      // As a rule we learn in a moment that our session is over. If not, a person has to look.
      await sleep(FENCED_PAUSE_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private fail(error: unknown): void {
    const { counts, logger } = this.options;
    if (!isReplicatorError(error)) {
      logger.warn({ why: error instanceof Error ? error.message : String(error) }, 'cannot begin yet');
      return;
    }
    this.problem = error;
    if (error.code === 'REPLICATOR_FENCED') {
      if (error.message.startsWith('lastCommit')) counts.refusedByLastCommit += 1;
      else counts.refusedByTarget += 1;
      counts.lastRefusal = error.message;
      logger.warn({ why: error.message }, 'refused');
    }
  }

  private async copyOnce(task: Task, signal: AbortSignal): Promise<void> {
    const { client, access, ref, fence, commitEveryMs, check } = this.options;
    const writer = new LastCommitWriter(client, access, ref, fence, commitEveryMs);
    const lastCommit = await writer.takeOver();
    const stop = new AbortController();
    const both = AbortSignal.any([signal, stop.signal]);
    const tell = (progress: Progress) => {
      this.progress = progress;
      const problem = this.problem === null ? {} : { problem: shortProblem(this.problem) };
      writer.say({ ...progress, copy: task.copy, ...problem });
    };
    // The fence in the target is what protects it; to be refused here only means that the record is another's now.
    const writing = writer.keepWriting(both).catch((error: unknown) => this.fail(error));
    const copying = keepCopying(
      {
        task,
        key: taskKey(ref),
        fence,
        lastCommit,
        gate: () => {
          check();
          both.throwIfAborted();
        },
        onProgress: tell,
        onProblem: (problem) => {
          if (problem !== null) this.options.logger.warn({ code: problem.code, why: problem.message }, 'not copying');
          this.problem = problem;
          if (problem !== null) tell(this.progress ?? fromLast(lastCommit));
        },
      },
      both,
    ).catch((error: unknown) => this.fail(error));
    await copying;
    stop.abort();
    await writing;
  }
}

const fromLast = (last: LastCommit | null): Progress =>
  last === null
    ? NOTHING
    : { ...NOTHING, phase: last.phase, gtid: last.gtid, file: last.file, pos: last.pos, rows: last.rows };
