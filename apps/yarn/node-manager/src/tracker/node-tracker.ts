/**
 * This node's standing with the ResourceManager: registers, heartbeats, and registers again whenever it is told to.
 *
 *   looking -> registered -> (RESYNC, or a new active that does not know us) -> looking
 *
 * Containers go on through all of it: a restart of the ResourceManager preserves work.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { HealthRegistry, LOGGER, SERVICE_CONFIG, ShutdownOrder, type Logger } from '@menagerie/service';
import { RmProxy, TrackerClient } from '@menagerie/yarn-client';
import { NodeAction, type NodeHeartbeatResponse, type RegisterNodeResponse } from '@menagerie/yarn-protocol';
import type { NodeManagerConfig } from '../config.js';
import { ContainerManager } from '../container/container-manager.js';
import { NodeIdentity } from '../node-identity.js';

/** After a failure that the proxy did not outlast. */
const RETRY_MS = 1000;
/** A paused ResourceManager takes calls and answers none: it costs this much before the other one is asked. */
const TRY_TIMEOUT_MS = 2000;
/** A heartbeat that finds no active within this is given up and made anew, with what is true by then. */
const CALL_DEADLINE_MS = 20_000;
/** For the word of farewell. */
const UNREGISTER_MS = 1500;

@Injectable()
export class NodeTracker implements OnApplicationBootstrap {
  registrations = 0;
  resyncs = 0;
  private readonly stopping = new AbortController();
  private readonly tracker: TrackerClient;
  private registered: RegisterNodeResponse | null = null;
  private responseId = 0;
  private loop: Promise<void> = Promise.resolve();
  /** Ends the pause between two heartbeats. */
  private wake = new AbortController();

  constructor(
    @Inject(SERVICE_CONFIG) private readonly config: NodeManagerConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(NodeIdentity) private readonly node: NodeIdentity,
    @Inject(ContainerManager) private readonly containers: ContainerManager,
    @Inject(HealthRegistry) health: HealthRegistry,
    @Inject(ShutdownOrder) order: ShutdownOrder,
  ) {
    const proxy = new RmProxy({
      addresses: config.rmAddresses,
      tryTimeoutMs: TRY_TIMEOUT_MS,
      deadlineMs: CALL_DEADLINE_MS,
      sleepBaseMs: 200,
      sleepMaxMs: 2000,
      onFailover: (from, to, why) =>
        logger.info({ from: from.rmId, to: to.rmId, why: why.message }, 'asking another ResourceManager'),
    });
    this.tracker = new TrackerClient(proxy);
    containers.onEnded = () => this.wake.abort();
    health.add('resource-manager', () => ({
      state: this.registered ? 'up' : 'degraded',
      details: { registeredWith: this.registered?.rmId ?? null, containers: containers.living().length },
    }));
    order.add('leave', 'node', () => this.leave());
  }

  onApplicationBootstrap(): void {
    this.loop = this.run();
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        if (this.registered) await this.heartbeat(this.registered);
        else await this.register();
      } catch (error) {
        if (signal.aborted) return;
        this.logger.warn(
          { why: error instanceof Error ? error.message : String(error) },
          'no word with a ResourceManager',
        );
        await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  private async register(): Promise<void> {
    const response = await this.tracker.register(
      {
        nodeId: this.node.id,
        httpAddress: this.node.httpAddress,
        resource: this.config.resource,
        startedAtMs: this.node.startedAtMs,
        containers: this.containers.toReport().map((container) => container.nodeReport()),
        runningApplications: [...this.containers.applications()],
      },
      { signal: this.stopping.signal },
    );
    if (response.action === NodeAction.Shutdown) return this.shutDown(response.diagnostics);
    this.registered = response;
    this.registrations += 1;
    this.responseId = 0;
    const { rmId, rmIdentifier, containerTokenKey } = response;
    this.containers.register({ rmId, rmIdentifier, tokenKey: Buffer.from(containerTokenKey, 'base64') });
    this.containers.endForResourceManager(response.containersToCleanUp);
    this.logger.info({ rmId, rmIdentifier, containers: this.containers.living().length }, 'registered');
  }

  private async heartbeat({ heartbeatIntervalMs }: RegisterNodeResponse): Promise<void> {
    this.wake = new AbortController();
    const sentAtMs = performance.now();
    const response = await this.tracker.heartbeat(
      {
        nodeId: this.node.id,
        responseId: this.responseId,
        containers: this.containers.toReport().map((container) => container.status()),
      },
      { signal: this.stopping.signal },
    );
    await this.obey(response);
    const restMs = heartbeatIntervalMs - (performance.now() - sentAtMs);
    if (!this.registered || restMs <= 0) return;
    const either = AbortSignal.any([this.wake.signal, this.stopping.signal]);
    await sleep(restMs, undefined, { signal: either }).catch(() => undefined);
  }

  private async obey(response: NodeHeartbeatResponse): Promise<void> {
    this.responseId = response.responseId;
    switch (response.action) {
      case NodeAction.Resync:
        this.resyncs += 1;
        this.registered = null;
        this.logger.info({ why: response.diagnostics }, 'told to register again; containers stay');
        return;
      case NodeAction.Shutdown:
        return this.shutDown(response.diagnostics);
      case NodeAction.Normal:
        break;
      default:
        response.action satisfies never;
    }
    this.containers.endForResourceManager(response.containersToCleanUp);
    this.containers.confirmed(response.containersToForget);
    for (const applicationId of response.applicationsToCleanUp) await this.containers.forgetApplication(applicationId);
  }

  /** The ResourceManager does not want this node. The process stays, so that an operator can see why. */
  private shutDown(diagnostics: string): void {
    this.logger.error({ diagnostics }, 'refused by the ResourceManager');
    this.registered = null;
    this.containers.register(null);
    void this.containers.endAll('the ResourceManager does not want this node');
    this.stopping.abort();
  }

  private async leave(): Promise<void> {
    this.stopping.abort();
    await this.loop;
    await this.containers.endAll('its node is being stopped');
    if (!this.registered) return;
    await this.tracker.unregister(this.node.id, { deadlineMs: UNREGISTER_MS }).catch((error: unknown) => {
      // The ResourceManager will notice by silence.
      this.logger.warn({ why: error instanceof Error ? error.message : String(error) }, 'could not say good-bye');
    });
  }
}
