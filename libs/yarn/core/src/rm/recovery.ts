/**
 * From what the store holds to applications that go on (RMAppManager.recover, work-preserving restart).
 *
 * The store knows which applications there are and which attempts were launched; what runs is learned from the nodes,
 * what is wanted from the masters. Until they had time to report, nothing new is given out.
 */
import { type ApplicationRecord, type AttemptRecord, parseAttemptId, RmAppState } from '@menagerie/yarn-protocol';
import { Application } from './application.js';
import type { ApplicationLife } from './application-life.js';
import { Attempt } from './attempt.js';
import type { RmContext } from './context.js';

export interface StoredApplication {
  readonly application: ApplicationRecord;
  readonly attempts: readonly AttemptRecord[];
}

export function recover(
  context: RmContext,
  life: ApplicationLife,
  stored: readonly StoredApplication[],
  nowMs: number,
): void {
  const inOrder = [...stored].sort(
    (a, b) =>
      a.application.submitTimeMs - b.application.submitTimeMs ||
      a.application.context.applicationId.localeCompare(b.application.context.applicationId),
  );
  for (const one of inOrder) {
    const application = Application.recovered(one.application, life.nextOrder());
    const attempts = one.attempts.map((record) => Attempt.recovered(record, parseAttemptId(record.attemptId).attempt));
    application.attempts.push(...attempts.sort((a, b) => a.number - b.number));
    context.applications.set(application.id, application);
    if (!application.isOver) goOn(life, application, nowMs);
  }
  if (stored.length > 0) context.schedulingFromMs = nowMs + context.config.schedulingWaitMs;
  life.forgetOldest();
  context.note('recovered', {
    applications: stored.length,
    unfinished: [...context.applications.values()].filter((one) => !one.isOver).length,
  });
}

function goOn(life: ApplicationLife, application: Application, nowMs: number): void {
  const { attempt } = application;
  if (attempt === null) return life.accept(application, nowMs);
  application.become(RmAppState.Accepted);
  // Its end was stored, that of the application was not: the old active died in between.
  if (attempt.isOver) return life.attemptOver(application, attempt, nowMs);
  attempt.awaitedSinceMs = nowMs;
  life.resume(application, attempt, nowMs);
}
