/** What people and programs ask of YARN: submit, look, wait, kill (YarnClient). */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ApplicationState,
  type ApplicationReport,
  applicationSchema,
  applicationsSchema,
  type ClusterInfo,
  clusterInfoEnvelopeSchema,
  type ClusterMetrics,
  clusterMetricsSchema,
  isYarnError,
  type NewApplication,
  newApplicationSchema,
  type NodeReport,
  nodesSchema,
  RmPath,
  type SubmitRequest,
  submitResponseSchema,
  YarnCallError,
  YarnError,
} from '@menagerie/yarn-protocol';
import type { RmAddress } from './addresses.js';
import { call, type CallOptions } from './http.js';
import { type RmCallOptions, RmProxy, type RmProxyOptions } from './rm-proxy.js';

/** How one ResourceManager answered when asked who it is. */
export type HaReport =
  { readonly rm: RmAddress; readonly info: ClusterInfo } | { readonly rm: RmAddress; readonly error: YarnError };

export interface WaitOptions extends RmCallOptions {
  /** How long to wait in all; default 10 minutes. */
  readonly timeoutMs?: number;
  /** Between two looks; default 500. */
  readonly pollMs?: number;
  /** Called with each report, finished or not. */
  readonly onReport?: (report: ApplicationReport) => void;
}

const overStates: ReadonlySet<ApplicationState> = new Set([
  ApplicationState.Finished,
  ApplicationState.Failed,
  ApplicationState.Killed,
]);

export const isOver = (report: ApplicationReport): boolean => overStates.has(report.state);

export class YarnClient {
  readonly proxy: RmProxy;

  constructor(options: RmProxyOptions) {
    this.proxy = new RmProxy(options);
  }

  /** A fresh id, and how large a container may be. */
  newApplication(options?: RmCallOptions): Promise<NewApplication> {
    return this.proxy.call(
      { method: 'POST', path: RmPath.newApplication, body: {}, reply: newApplicationSchema },
      options,
    );
  }

  /**
   * Submits and waits until the application is stored. If the active changes in between and its successor does not know
   * the application, it is submitted again under the same id, so that it never runs twice.
   *
   * @throws YarnRequestError when it is refused: too large, unknown queue
   */
  async submit(request: SubmitRequest, options: WaitOptions = {}): Promise<ApplicationReport> {
    const applicationId = request.context.applicationId;
    const timeoutMs = options.timeoutMs ?? 120_000;
    const deadlineAt = Date.now() + timeoutMs;
    const send = () =>
      this.proxy.call({ method: 'POST', path: RmPath.apps, body: request, reply: submitResponseSchema }, options);
    await send();
    while (Date.now() < deadlineAt) {
      try {
        const report = await this.application(applicationId, options);
        if (report.state !== ApplicationState.New && report.state !== ApplicationState.NewSaving) return report;
      } catch (error) {
        if (!isYarnError(error, 'YARN_APPLICATION_NOT_FOUND')) throw error;
        await send();
      }
      await sleep(Math.min(options.pollMs ?? 500, 200), undefined, { signal: options.signal });
    }
    throw new YarnCallError('YARN_TIMEOUT', `${applicationId} was not stored within ${timeoutMs} ms`);
  }

  async application(applicationId: string, options?: RmCallOptions): Promise<ApplicationReport> {
    return (
      await this.proxy.call({ method: 'GET', path: RmPath.app(applicationId), reply: applicationSchema }, options)
    ).app;
  }

  async applications(options?: RmCallOptions): Promise<readonly ApplicationReport[]> {
    return (await this.proxy.call({ method: 'GET', path: RmPath.apps, reply: applicationsSchema }, options)).apps.app;
  }

  async nodes(options?: RmCallOptions): Promise<readonly NodeReport[]> {
    return (await this.proxy.call({ method: 'GET', path: RmPath.nodes, reply: nodesSchema }, options)).nodes.node;
  }

  async metrics(options?: RmCallOptions): Promise<ClusterMetrics> {
    return (await this.proxy.call({ method: 'GET', path: RmPath.metrics, reply: clusterMetricsSchema }, options))
      .clusterMetrics;
  }

  /** Answers at once; the application is over when `application()` says so. */
  async kill(applicationId: string, diagnostics: string, options?: RmCallOptions): Promise<ApplicationReport> {
    const body = { state: 'KILLED', diagnostics };
    const path = RmPath.appState(applicationId);
    return (await this.proxy.call({ method: 'PUT', path, body, reply: applicationSchema }, options)).app;
  }

  /** Waits until the application is over. @throws YarnCallError `YARN_TIMEOUT` when it is not in time */
  async waitFor(applicationId: string, options: WaitOptions = {}): Promise<ApplicationReport> {
    const timeoutMs = options.timeoutMs ?? 600_000;
    const deadlineAt = Date.now() + timeoutMs;
    for (;;) {
      const report = await this.application(applicationId, options);
      options.onReport?.(report);
      if (isOver(report)) return report;
      if (Date.now() >= deadlineAt) {
        throw new YarnCallError('YARN_TIMEOUT', `${applicationId} is still ${report.state} after ${timeoutMs} ms`);
      }
      await sleep(options.pollMs ?? 500, undefined, { signal: options.signal });
    }
  }

  /** What each ResourceManager says of itself; those that do not answer are reported with the reason. */
  haReports(options: CallOptions = {}): Promise<readonly HaReport[]> {
    return Promise.all(this.proxy.addresses.map((rm) => haReport(rm, options)));
  }
}

/** Asks one ResourceManager, active or not, who it is and what it believes. */
export async function clusterInfo(rm: RmAddress, options: CallOptions = {}): Promise<ClusterInfo> {
  const what = { method: 'GET', path: RmPath.info, reply: clusterInfoEnvelopeSchema } as const;
  return (await call(rm.address, what, options)).clusterInfo;
}

async function haReport(rm: RmAddress, options: CallOptions): Promise<HaReport> {
  try {
    return { rm, info: await clusterInfo(rm, options) };
  } catch (error) {
    if (error instanceof YarnError) return { rm, error };
    throw error;
  }
}
