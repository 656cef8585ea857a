/** A master's connection to YARN: registers, heartbeats, and does both again after a failover (AMRMClient). */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AllocateResponse,
  allocateResponseSchema,
  type FinishMasterRequest,
  finishMasterResponseSchema,
  isYarnError,
  type RegisterMasterResponse,
  registerMasterResponseSchema,
  RmPath,
  YarnCallError,
} from '@menagerie/yarn-protocol';
import { MasterTable } from './master-table.js';
import type { RmProxy } from './rm-proxy.js';

/** How long the end of the work may take to reach the store. */
const FINISH_DEADLINE_MS = 120_000;

export interface MasterClientOptions {
  readonly proxy: RmProxy;
  readonly attemptId: string;
  readonly token: string;
  readonly trackingUrl: string;
  /** The containers that are believed to be running, asked for at each registration. */
  readonly liveContainers: () => readonly { readonly containerId: string; readonly nodeId: string }[];
}

export interface MasterProgress {
  /** 0 to 1. */
  readonly progress: number;
  readonly counters: Readonly<Record<string, number>>;
}

export type Heartbeat = AllocateResponse & {
  /** Set when a ResourceManager that did not know us answered, and we registered again. */
  readonly registeredAgain: RegisterMasterResponse | null;
};

export class MasterClient {
  readonly table = new MasterTable();

  constructor(private readonly options: MasterClientOptions) {}

  /**
   * @throws YarnRequestError `YARN_ATTEMPT_NOT_CURRENT` when another attempt has taken over: stop at once
   */
  register(signal?: AbortSignal): Promise<RegisterMasterResponse> {
    const { proxy, attemptId, trackingUrl, token } = this.options;
    const body = { attemptId, trackingUrl, containers: this.options.liveContainers() };
    return proxy.call(
      { method: 'POST', path: RmPath.registerMaster, body, reply: registerMasterResponseSchema },
      { token, signal },
    );
  }

  /**
   * Says what is wanted, hears what is given and what has ended. A container's end may be told twice: after a failover
   * the NodeManagers report again what no master has confirmed.
   *
   * @throws YarnRequestError `YARN_ATTEMPT_NOT_CURRENT`: stop at once; `YARN_INVALID_RESOURCE_REQUEST`: larger than any node
   */
  async heartbeat(progress: MasterProgress, signal?: AbortSignal): Promise<Heartbeat> {
    try {
      return { ...(await this.allocate(progress, signal)), registeredAgain: null };
    } catch (error) {
      if (!isYarnError(error, 'YARN_MASTER_NOT_REGISTERED')) throw error;
      const registeredAgain = await this.register(signal);
      this.table.registeredAgain();
      return { ...(await this.allocate(progress, signal)), registeredAgain };
    }
  }

  private async allocate(progress: MasterProgress, signal?: AbortSignal): Promise<AllocateResponse> {
    const { proxy, attemptId, token } = this.options;
    const sent = this.table.next();
    const body = { attemptId, ...sent, progress: progress.progress, counters: progress.counters };
    const response = await proxy.call(
      { method: 'POST', path: RmPath.allocate, body, reply: allocateResponseSchema },
      { token, signal },
    );
    this.table.answered(sent, response);
    return response;
  }

  /** Reports the end of the work until it is in the store; registers again first where that is needed. */
  async finish(result: Omit<FinishMasterRequest, 'attemptId'>, signal?: AbortSignal): Promise<void> {
    const { proxy, attemptId, token } = this.options;
    const what = {
      method: 'POST',
      path: RmPath.finishMaster,
      body: { attemptId, ...result },
      reply: finishMasterResponseSchema,
    } as const;
    const deadlineAt = Date.now() + FINISH_DEADLINE_MS;
    while (Date.now() < deadlineAt) {
      try {
        if ((await proxy.call(what, { token, signal })).unregistered) return;
        await sleep(100, undefined, { signal });
      } catch (error) {
        if (!isYarnError(error, 'YARN_MASTER_NOT_REGISTERED')) throw error;
        await this.register(signal);
      }
    }
    throw new YarnCallError('YARN_TIMEOUT', `${attemptId}: its end was not stored within ${FINISH_DEADLINE_MS} ms`);
  }
}
