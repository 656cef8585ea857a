/** Masters: register, ask, be given, be told, finish (ApplicationMasterService). */
import {
  type AllocateRequest,
  type AllocateResponse,
  applicationOfAttempt,
  ContainerExitStatus,
  type FinishMasterRequest,
  type FinishMasterResponse,
  RmAttemptState,
  type RegisterMasterRequest,
  type RegisterMasterResponse,
  subtractResources,
  YarnRequestError,
} from '@menagerie/yarn-protocol';
import { GrantState } from '../scheduler/container.js';
import type { Application } from './application.js';
import { type ApplicationLife, checkResource } from './application-life.js';
import type { Attempt, MasterSession } from './attempt.js';
import { account, cut, endOf, type RmContext } from './context.js';
import { HeartbeatAge, heartbeatAge } from './heartbeat.js';
import type { NodeTracker } from './node-tracker.js';

export class MasterService {
  constructor(
    private readonly context: RmContext,
    private readonly life: ApplicationLife,
    private readonly nodes: NodeTracker,
  ) {}

  /** Registering twice is no mistake: the first answer may have been lost, or the ResourceManager is another. */
  register(request: RegisterMasterRequest, nowMs: number): RegisterMasterResponse {
    const { application, attempt } = this.current(request.attemptId);
    if (attempt.isEnding) throw notCurrent(request.attemptId, attempt);
    attempt.trackingUrl = request.trackingUrl;
    if (attempt.session) this.startOver(application, attempt, attempt.session, nowMs);
    attempt.session = { responseId: 0, lastResponse: null, lastHeardMs: nowMs, told: [], nodeUpdates: [] };
    this.life.masterRegistered(application, attempt);
    this.nodes.expect(attempt, request.containers, nowMs);
    this.context.note('master registered', { attemptId: attempt.attemptId });
    const live = this.context.scheduler.app(application.id)?.containers.values() ?? [];
    return {
      maximumResource: this.context.scheduler.maximumResource,
      queue: application.context.queue,
      containersFromPreviousLife: [...live]
        .filter((one) => !one.isMaster && one.state === GrantState.Running)
        .map((one) => this.context.grant(one)),
    };
  }

  /**
   * A master that registers again may not have seen our last answer. It will be told the ends in it once more; and since
   * it asks for everything outstanding again, what it was given but has not started is taken back.
   */
  private startOver(application: Application, attempt: Attempt, session: MasterSession, nowMs: number): void {
    attempt.completed = [...session.told, ...attempt.completed];
    for (const container of this.context.scheduler.app(application.id)?.containers.values() ?? []) {
      if (container.isMaster || container.state === GrantState.Running) continue;
      this.context.scheduler.complete(container.containerId);
      account(attempt, container, nowMs);
    }
  }

  allocate(request: AllocateRequest, nowMs: number): AllocateResponse {
    const { application, attempt } = this.current(request.attemptId);
    if (attempt.isEnding) throw notCurrent(request.attemptId, attempt);
    const { session } = attempt;
    if (session === null) throw notRegistered(request.attemptId);
    session.lastHeardMs = nowMs;
    switch (heartbeatAge(request.responseId, session.responseId)) {
      case HeartbeatAge.Fresh:
        break;
      case HeartbeatAge.Duplicate:
        if (session.lastResponse) return session.lastResponse;
        throw notRegistered(request.attemptId);
      case HeartbeatAge.TooOld:
        throw notRegistered(request.attemptId);
    }
    for (const ask of request.asks) {
      if (ask.count > 0) checkResource(request.attemptId, ask.resource, this.context.scheduler.maximumResource);
    }
    attempt.progress = request.progress;
    attempt.counters = request.counters;
    for (const told of session.told) this.nodes.masterKnows(told.containerId);
    session.told = [];
    this.takeWishes(application, attempt, request, nowMs);
    return this.answer(application, attempt, session);
  }

  private takeWishes(application: Application, attempt: Attempt, request: AllocateRequest, nowMs: number): void {
    const app = this.context.scheduler.app(application.id);
    if (!app) return;
    for (const node of request.blacklistAdditions) app.blacklist.add(node);
    for (const node of request.blacklistRemovals) app.blacklist.delete(node);
    for (const ask of request.asks) app.setAsk(ask);
    for (const containerId of request.releases) {
      const container = app.containers.get(containerId);
      if (container && !container.isMaster) {
        this.life.abort(containerId, ContainerExitStatus.Aborted, 'released by its master', nowMs);
      } else if (!container) {
        // It is gone already, or was never ours: either way its master need not ask again.
        this.life.tellMaster(attempt, endOf(containerId, ContainerExitStatus.Aborted, 'not alive'));
      }
    }
  }

  private answer(application: Application, attempt: Attempt, session: MasterSession): AllocateResponse {
    const { scheduler } = this.context;
    const granted = scheduler.app(application.id)?.takeGranted() ?? [];
    session.told = attempt.completed;
    attempt.completed = [];
    const nodeUpdates = session.nodeUpdates;
    session.nodeUpdates = [];
    session.responseId++;
    session.lastResponse = {
      responseId: session.responseId,
      granted: granted.map((one) => this.context.grant(one)),
      completed: session.told,
      nodeUpdates,
      nodeCount: scheduler.nodes.size,
      available: subtractResources(scheduler.clusterResource, scheduler.usedResource),
    };
    return session.lastResponse;
  }

  finish(request: FinishMasterRequest, nowMs: number): FinishMasterResponse {
    const application = this.context.applications.get(applicationOfAttempt(request.attemptId));
    const attempt = application?.attempts.find((one) => one.attemptId === request.attemptId);
    if (!application || !attempt) throw notCurrent(request.attemptId, null);
    if (application.isEndStored) return { unregistered: true };
    if (attempt !== application.attempt) throw notCurrent(request.attemptId, attempt);
    if (attempt.isEnding) return { unregistered: false };
    if (attempt.session === null || attempt.state !== RmAttemptState.Running) throw notRegistered(request.attemptId);
    attempt.session.lastHeardMs = nowMs;
    attempt.trackingUrl = request.trackingUrl;
    this.life.masterFinished(application, attempt, request.finalStatus, cut(request.diagnostics), nowMs);
    return { unregistered: false };
  }

  /** Masters that have not been heard for too long have failed. */
  expire(nowMs: number): void {
    const limit = this.context.config.masterExpiryMs;
    for (const { attempt } of this.context.applications.values()) {
      if (!attempt || attempt.isOver) continue;
      const sinceMs = attempt.state === RmAttemptState.Finishing ? attempt.awaitedSinceMs : heardMs(attempt);
      if (sinceMs === null || nowMs - sinceMs <= limit) continue;
      const why = `its master was not heard for ${nowMs - sinceMs} ms`;
      if (attempt.unregistered) {
        const containerId = attempt.masterContainer?.containerId ?? '';
        this.life.masterContainerEnded(attempt, endOf(containerId, ContainerExitStatus.Aborted, why), nowMs);
      } else if (!attempt.isEnding) {
        this.life.endAttempt(attempt, 'FAILED', ContainerExitStatus.Invalid, why, nowMs);
      }
    }
  }

  private current(attemptId: string): { readonly application: Application; readonly attempt: Attempt } {
    const found = this.context.currentAttempt(attemptId);
    if (!found) throw notCurrent(attemptId, null);
    return found;
  }
}

const heardMs = (attempt: Attempt): number | null => attempt.session?.lastHeardMs ?? attempt.awaitedSinceMs;

function notCurrent(attemptId: string, attempt: Attempt | null): YarnRequestError {
  const why = attempt ? `is ${attempt.state}` : 'is not the current attempt of any application';
  return new YarnRequestError('YARN_ATTEMPT_NOT_CURRENT', `${attemptId} ${why}`);
}

function notRegistered(attemptId: string): YarnRequestError {
  return new YarnRequestError('YARN_MASTER_NOT_REGISTERED', `${attemptId} is not registered here: register again`);
}
