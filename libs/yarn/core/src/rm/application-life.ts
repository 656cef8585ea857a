/**
 * The life of applications and their attempts, from submission to the last write (RMAppImpl, RMAppAttemptImpl,
 * RMAppManager).
 *
 * What must survive is stored before it has consequences: the application before it is accepted, the attempt before
 * its master is launched, the end before the master is told that it may go. So whichever ResourceManager reads the
 * store next finds nothing running that the store does not know.
 */
import { strict as assert } from 'node:assert';
import {
  ContainerExitStatus,
  type ContainerStatus,
  FinalStatus,
  formatAttemptId,
  formatResource,
  fitsIn,
  parseApplicationId,
  RmAppState,
  RmAttemptState,
  type StoredAppState,
  type StoredAttemptState,
  type SubmissionContext,
  YarnRequestError,
} from '@menagerie/yarn-protocol';
import { GrantState, type LiveContainer } from '../scheduler/container.js';
import { Application } from './application.js';
import { Attempt } from './attempt.js';
import { account, cut, endOf, type RmContext } from './context.js';

export class ApplicationLife {
  private lastOrder = 0;
  private lastSequence = 0;

  constructor(private readonly context: RmContext) {}

  newApplicationId(): string {
    const clusterTimestamp = this.context.life.clusterTimestampMs;
    return `application_${clusterTimestamp}_${String(++this.lastSequence).padStart(4, '0')}`;
  }

  nextOrder(): number {
    return ++this.lastOrder;
  }

  /**
   * Submitting an id again is no mistake: a client that changed over to this ResourceManager does it.
   *
   * @throws YarnRequestError when it could never run
   */
  submit(submission: SubmissionContext, user: string, nowMs: number): Application {
    const known = this.context.applications.get(submission.applicationId);
    if (known) return known;
    this.checkSubmission(submission);
    const application = new Application(submission, user, nowMs, this.nextOrder());
    this.context.applications.set(application.id, application);
    application.become(RmAppState.NewSaving);
    this.context.emit({
      kind: 'store-application',
      applicationId: application.id,
      record: application.record(null),
    });
    return application;
  }

  private checkSubmission(submission: SubmissionContext): void {
    parseApplicationId(submission.applicationId);
    const { scheduler, config, applications } = this.context;
    if (!scheduler.hasQueue(submission.queue)) {
      const names = scheduler.queueNames().join(', ');
      throw new YarnRequestError('YARN_INVALID_REQUEST', `queue ${submission.queue}: there is only ${names}`);
    }
    checkResource('the master', submission.resource, scheduler.maximumResource);
    const open = [...applications.values()].filter((one) => !one.isOver).length;
    if (open >= config.maxApplications) {
      throw new YarnRequestError('YARN_NOT_READY', `${open} applications are not over yet, no more are taken in`);
    }
  }

  /** Again and again is the same as once. */
  kill(application: Application, why: string, nowMs: number): void {
    if (application.isEnding) return;
    application.diagnostics = cut(why);
    application.finishTimeMs = nowMs;
    const { attempt } = application;
    const unsaved = application.state === RmAppState.NewSaving;
    application.become(RmAppState.Killing);
    // One that is being saved is ended once it is saved: its end must not overtake its beginning.
    if (unsaved) return;
    if (attempt && !attempt.isEnding)
      this.endAttempt(attempt, 'KILLED', ContainerExitStatus.KilledByResourceManager, why, nowMs);
    else if (!attempt || attempt.isOver) this.saveEnd(application, 'KILLED', why, nowMs);
  }

  // Answers of the store.

  applicationStored(applicationId: string, nowMs: number): void {
    const application = this.known(applicationId);
    if (application.state === RmAppState.Killing)
      return this.saveEnd(application, 'KILLED', application.diagnostics, nowMs);
    assert(application.state === RmAppState.NewSaving, `${applicationId} stored while ${application.state}`);
    application.become(RmAppState.Submitted);
    this.accept(application, nowMs);
  }

  /** The store cannot hold it. It never was there, so only memory knows of its failure. */
  applicationRejected(applicationId: string, why: string, nowMs: number): void {
    const application = this.known(applicationId);
    application.diagnostics = cut(why);
    application.finishTimeMs = nowMs;
    application.target = 'FAILED';
    application.become(RmAppState.FinalSaving);
    application.become(RmAppState.Failed);
  }

  applicationUpdated(applicationId: string): void {
    const application = this.known(applicationId);
    assert(application.state === RmAppState.FinalSaving, `${applicationId} updated while ${application.state}`);
    assert(application.target !== null, `${applicationId} is ending without an end`);
    const { attempt } = application;
    const masterStillGoes = application.target === 'FINISHED' && attempt !== null && !attempt.isOver;
    if (masterStillGoes) application.become(RmAppState.Finishing);
    else this.over(application, application.target);
  }

  attemptStored(attemptId: string): void {
    const found = this.context.currentAttempt(attemptId);
    if (found?.attempt.state !== RmAttemptState.AllocatedSaving) return;
    const { application, attempt } = found;
    const container = this.context.scheduler.container(attempt.masterContainer?.containerId ?? '');
    if (!container) return;
    attempt.become(RmAttemptState.Allocated);
    container.state = GrantState.Acquired;
    const launch = application.context.master;
    this.context.emit({ kind: 'launch-master', attemptId, grant: this.context.grant(container), launch });
  }

  attemptUpdated(attemptId: string, nowMs: number): void {
    const found = this.context.currentAttempt(attemptId);
    if (found?.attempt.state !== RmAttemptState.FinalSaving) return;
    const { application, attempt } = found;
    assert(attempt.target !== null, `${attemptId} is ending without an end`);
    if (attempt.unregistered && !attempt.masterEnded) {
      attempt.become(RmAttemptState.Finishing);
      attempt.awaitedSinceMs = nowMs;
      return;
    }
    attempt.become(attempt.target);
    this.attemptOver(application, attempt, nowMs);
  }

  // Attempts.

  /** Takes a stored application into its queue and starts an attempt. */
  accept(application: Application, nowMs: number): void {
    if (!this.context.scheduler.hasQueue(application.context.queue)) {
      return this.saveEnd(application, 'FAILED', `queue ${application.context.queue} is gone`, nowMs);
    }
    application.become(RmAppState.Accepted);
    this.startAttempt(application, nowMs);
  }

  startAttempt(application: Application, nowMs: number): void {
    const number = (application.attempt?.number ?? 0) + 1;
    const attemptId = formatAttemptId({ ...parseApplicationId(application.id), attempt: number });
    const attempt = new Attempt(attemptId, number, nowMs);
    application.attempts.push(attempt);
    attempt.become(RmAttemptState.Submitted);
    this.schedule(application, attempt).masterAsk = application.context.resource;
    attempt.become(RmAttemptState.Scheduled);
  }

  /** Takes an attempt whose master may still run back into its queue. */
  resume(application: Application, attempt: Attempt, nowMs: number): void {
    if (this.context.scheduler.hasQueue(application.context.queue)) this.schedule(application, attempt);
    else this.kill(application, `queue ${application.context.queue} is gone`, nowMs);
  }

  private schedule(application: Application, attempt: Attempt) {
    const { queue, priority } = application.context;
    const place = { queue, priority, order: application.order };
    return this.context.scheduler.addApp(application.id, attempt.attemptId, place);
  }

  /** The scheduler found a place for a master: store it before anything starts there. */
  masterAllocated(container: LiveContainer): void {
    const found = this.context.currentAttempt(container.attemptId);
    assert(found?.attempt.state === RmAttemptState.Scheduled, `${container.attemptId} did not wait for a master`);
    const { attempt } = found;
    const { containerId, nodeId, resource, priority } = container;
    const nodeHttpAddress = this.context.scheduler.nodes.get(nodeId)?.httpAddress ?? '';
    attempt.masterContainer = { containerId, nodeId, nodeHttpAddress, resource, priority };
    attempt.become(RmAttemptState.AllocatedSaving);
    this.context.emit({ kind: 'store-attempt', attemptId: attempt.attemptId, record: attempt.record(null) });
  }

  masterLaunched(attemptId: string, nowMs: number): void {
    const found = this.context.currentAttempt(attemptId);
    // A quick master has registered before the answer to its launch was here.
    if (found?.attempt.state !== RmAttemptState.Allocated) return;
    found.attempt.become(RmAttemptState.Launched);
    found.attempt.awaitedSinceMs = nowMs;
  }

  masterLaunchFailed(attemptId: string, why: string, nowMs: number): void {
    const found = this.context.currentAttempt(attemptId);
    if (!found || found.attempt.state !== RmAttemptState.Allocated) return;
    this.endAttempt(
      found.attempt,
      'FAILED',
      ContainerExitStatus.Aborted,
      `the master could not be launched: ${why}`,
      nowMs,
    );
  }

  masterRegistered(application: Application, attempt: Attempt): void {
    if (attempt.state === RmAttemptState.Allocated || attempt.state === RmAttemptState.Launched) {
      attempt.become(RmAttemptState.Running);
    }
    if (application.state === RmAppState.Accepted) application.become(RmAppState.Running);
  }

  /** The master says that the work is done, well or not. Its end and the application's go to the store, in this order. */
  masterFinished(application: Application, attempt: Attempt, status: FinalStatus, why: string, nowMs: number): void {
    attempt.unregistered = true;
    attempt.finalStatus = status;
    attempt.diagnostics = cut(why);
    attempt.finishTimeMs = nowMs;
    attempt.exitStatus = ContainerExitStatus.Success;
    this.saveAttempt(attempt, 'FINISHED');
    this.saveEnd(application, 'FINISHED', why, nowMs);
  }

  /** The container of a master has ended, for whatever reason. */
  masterContainerEnded(attempt: Attempt, status: ContainerStatus, nowMs: number): void {
    if (attempt.isOver) return;
    if (attempt.unregistered) return this.finishedMasterEnded(attempt, nowMs);
    if (attempt.state === RmAttemptState.FinalSaving) return;
    const why = `the master of ${attempt.attemptId} ended with ${status.exitStatus}: ${status.diagnostics}`;
    this.endAttempt(attempt, 'FAILED', status.exitStatus, why, nowMs);
  }

  private finishedMasterEnded(attempt: Attempt, nowMs: number): void {
    attempt.masterEnded = true;
    if (attempt.state !== RmAttemptState.Finishing) return;
    attempt.become(RmAttemptState.Finished);
    const found = this.context.currentAttempt(attempt.attemptId);
    if (found) this.attemptOver(found.application, attempt, nowMs);
  }

  /** Ends an attempt that did not end by itself. Its containers are free at once; nodes are told to kill what runs. */
  endAttempt(attempt: Attempt, target: StoredAttemptState, exitStatus: number, why: string, nowMs: number): void {
    assert(!attempt.isEnding, `${attempt.attemptId} is ending already`);
    attempt.exitStatus = exitStatus;
    attempt.diagnostics = cut(why);
    attempt.finishTimeMs = nowMs;
    attempt.finalStatus = target === 'KILLED' ? FinalStatus.Killed : FinalStatus.Failed;
    this.dropContainers(attempt, nowMs);
    this.saveAttempt(attempt, target);
    this.context.note('attempt ended', { attemptId: attempt.attemptId, target, exitStatus, why: attempt.diagnostics });
  }

  private saveAttempt(attempt: Attempt, target: StoredAttemptState): void {
    attempt.target = target;
    attempt.become(RmAttemptState.FinalSaving);
    this.context.emit({ kind: 'update-attempt', attemptId: attempt.attemptId, record: attempt.record(target) });
  }

  private dropContainers(attempt: Attempt, nowMs: number): void {
    const found = this.context.currentAttempt(attempt.attemptId);
    if (!found) return;
    for (const container of this.context.scheduler.removeApp(found.application.id)) account(attempt, container, nowMs);
  }

  /** The attempt's end is stored and nothing of it runs any longer as far as we are concerned: what now? */
  attemptOver(application: Application, attempt: Attempt, nowMs: number): void {
    this.dropContainers(attempt, nowMs);
    if (application.state === RmAppState.Finishing) return this.over(application, 'FINISHED');
    if (application.state === RmAppState.FinalSaving || application.isOver) return;
    if (application.state === RmAppState.Killing)
      return this.saveEnd(application, 'KILLED', application.diagnostics, nowMs);
    if (attempt.state === RmAttemptState.Finished)
      return this.saveEnd(application, 'FINISHED', attempt.diagnostics, nowMs);
    if (attempt.state === RmAttemptState.Killed) return this.saveEnd(application, 'KILLED', attempt.diagnostics, nowMs);
    this.retryOrFail(application, attempt, nowMs);
  }

  private retryOrFail(application: Application, attempt: Attempt, nowMs: number): void {
    const asked = application.context.maxAttempts;
    const limit = asked === 0 ? this.context.config.maxAttempts : Math.min(asked, this.context.config.maxAttempts);
    if (application.failures < limit) {
      if (application.state === RmAppState.Running) application.become(RmAppState.Accepted);
      return this.startAttempt(application, nowMs);
    }
    const why = `${application.failures} of ${limit} attempts failed; the last: ${attempt.diagnostics}`;
    this.saveEnd(application, 'FAILED', why, nowMs);
  }

  private saveEnd(application: Application, target: StoredAppState, why: string, nowMs: number): void {
    application.target = target;
    application.diagnostics = cut(why);
    application.finishTimeMs = nowMs;
    application.become(RmAppState.FinalSaving);
    this.context.emit({
      kind: 'update-application',
      applicationId: application.id,
      record: application.record(target),
    });
  }

  private over(application: Application, state: StoredAppState): void {
    application.become(state);
    for (const node of this.context.nodes.values()) node.applicationsToCleanUp.add(application.id);
    this.context.note('application over', { applicationId: application.id, state, why: application.diagnostics });
    this.forgetOldest();
  }

  /** Only so many finished applications are kept; the oldest go, from the store too (`checkAppNumCompletedLimit`). */
  forgetOldest(): void {
    const over = [...this.context.applications.values()].filter((one) => one.isOver);
    const tooMany = over.length - this.context.config.maxCompletedApplications;
    if (tooMany <= 0) return;
    over.sort((a, b) => a.finishTimeMs - b.finishTimeMs);
    for (const application of over.slice(0, tooMany)) {
      this.context.applications.delete(application.id);
      const attemptIds = application.attempts.map((one) => one.attemptId);
      this.context.emit({ kind: 'remove-application', applicationId: application.id, attemptIds });
    }
  }

  /** An ordinary container has ended: free what it had and keep the news for the master. */
  containerEnded(container: LiveContainer, status: ContainerStatus, nowMs: number): void {
    const found = this.context.currentAttempt(container.attemptId);
    if (!found) return;
    account(found.attempt, container, nowMs);
    if (container.isMaster) this.masterContainerEnded(found.attempt, status, nowMs);
    else this.tellMaster(found.attempt, status);
  }

  tellMaster(attempt: Attempt, status: ContainerStatus): void {
    const known = (one: ContainerStatus) => one.containerId === status.containerId;
    if (attempt.completed.some(known) || attempt.session?.told.some(known)) return;
    attempt.completed.push({ ...status, diagnostics: cut(status.diagnostics) });
  }

  /** Ends a container by our own decision; its node kills it when it next reports it as running. */
  abort(containerId: string, exitStatus: number, why: string, nowMs: number): void {
    const container = this.context.scheduler.complete(containerId);
    if (container) this.containerEnded(container, endOf(containerId, exitStatus, why), nowMs);
  }

  private known(applicationId: string): Application {
    const application = this.context.applications.get(applicationId);
    assert(application !== undefined, `${applicationId} is not known`);
    return application;
  }
}

/** @throws YarnRequestError `YARN_INVALID_RESOURCE_REQUEST` for nothing at all and for more than any node has */
export function checkResource(
  whose: string,
  wanted: SubmissionContext['resource'],
  maximum: SubmissionContext['resource'],
): void {
  if (wanted.memoryMb >= 1 && wanted.vcores >= 1 && fitsIn(wanted, maximum)) return;
  throw new YarnRequestError(
    'YARN_INVALID_RESOURCE_REQUEST',
    `${whose} asks for ${formatResource(wanted)}; a container has at least 1 MB and 1 vcore and at most ${formatResource(maximum)}`,
  );
}
