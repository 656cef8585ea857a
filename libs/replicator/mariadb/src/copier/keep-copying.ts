/** Runs a copy again and again: what passes is tried soon, what somebody has to mend is looked at now and then. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isReplicatorError, ReplicatorError } from '@menagerie/replicator-core';
import { type CopierOptions, type Progress, runCopier } from './copier.js';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

export interface KeepCopyingOptions extends CopierOptions {
  /** Why nothing is copied at the moment; null when it is again. */
  readonly onProblem: (problem: ReplicatorError | null) => void;
  /** Between two looks at what somebody has to mend; default 5000. */
  readonly mendPauseMs?: number;
}

/**
 * Ends when the signal fires.
 * @throws ReplicatorError `REPLICATOR_FENCED`: somebody else has the task, and there is nothing more to do here
 */
export async function keepCopying(options: KeepCopyingOptions, signal: AbortSignal): Promise<void> {
  let pauseMs = FIRST_PAUSE_MS;
  const onProgress = (progress: Progress): void => {
    pauseMs = FIRST_PAUSE_MS;
    options.onProblem(null);
    options.onProgress(progress);
  };
  while (!signal.aborted) {
    try {
      await runCopier({ ...options, onProgress }, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (!isReplicatorError(error)) throw error;
      if (error.code === 'REPLICATOR_FENCED') throw error;
      options.onProblem(error);
      if (!error.retryable) pauseMs = options.mendPauseMs ?? LONGEST_PAUSE_MS;
    }
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
  }
}
