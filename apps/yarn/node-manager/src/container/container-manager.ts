/** All containers of this node: admission, limits, clean-up. */
import { rm } from 'node:fs/promises';
import { timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { LOGGER, METRICS, SERVICE_CONFIG, type Logger } from '@menagerie/service';
import {
  applicationOfContainer,
  attemptOfContainer,
  addResources,
  type ContainerClaim,
  ContainerEnvironment,
  ContainerExitStatus,
  fitsIn,
  formatResource,
  NO_RESOURCE,
  openContainerToken,
  type StartContainerRequest,
  type StopContainerRequest,
  subtractResources,
  YarnRequestError,
} from '@menagerie/yarn-protocol';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { NodeManagerConfig } from '../config.js';
import { NodeIdentity } from '../node-identity.js';
import { Container } from './container.js';
import { residentMbByGroup } from './process-tree.js';

/** What the present registration allows: tokens of this life of the ResourceManager, under this key. */
export interface Registration {
  readonly rmId: string;
  readonly rmIdentifier: number;
  readonly tokenKey: Buffer;
}

/** Ended containers whose output is kept until their application ends. */
const MAX_CONTAINERS = 5_000;

@Injectable()
export class ContainerManager implements OnModuleInit, OnModuleDestroy {
  private readonly containers = new Map<string, Container>();
  /** Ended, and not yet confirmed by the ResourceManager. */
  private readonly unconfirmed = new Set<string>();
  private registration: Registration | null = null;
  private memoryLoop: NodeJS.Timeout | null = null;
  private readonly ended: Counter;
  /** Told of each end, so that the ResourceManager hears of it before the next regular heartbeat. */
  onEnded: () => void = () => undefined;

  constructor(
    @Inject(SERVICE_CONFIG) private readonly config: NodeManagerConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(METRICS) metrics: Registry,
    @Inject(NodeIdentity) private readonly node: NodeIdentity,
  ) {
    const ended = { name: 'yarn_nm_containers_ended_total', help: 'Containers that ended, by exit status' };
    this.ended = new Counter({ ...ended, labelNames: ['status'], registers: [metrics] });
    const containers = this.containers;
    new Gauge({
      name: 'yarn_nm_containers_running',
      help: 'Containers that run now',
      registers: [metrics],
      collect() {
        this.set([...containers.values()].filter((container) => !container.isComplete).length);
      },
    });
  }

  get root(): string {
    return join(this.config.dataDir, 'containers');
  }

  async onModuleInit(): Promise<void> {
    // Containers die with their NodeManager, so what stands there is of an earlier life and of no use to anybody.
    await rm(this.root, { recursive: true, force: true });
    this.memoryLoop = setInterval(() => void this.lookAtMemory(), this.config.memoryCheckMs);
  }

  onModuleDestroy(): void {
    if (this.memoryLoop) clearInterval(this.memoryLoop);
  }

  all(): readonly Container[] {
    return [...this.containers.values()];
  }

  living(): readonly Container[] {
    return this.all().filter((container) => !container.isComplete);
  }

  /** Running ones, and ended ones of which the ResourceManager has not confirmed that it knows. */
  toReport(): readonly Container[] {
    return this.all().filter((container) => !container.isComplete || this.unconfirmed.has(container.id));
  }

  applications(): readonly string[] {
    return [...new Set(this.all().map((container) => applicationOfContainer(container.id)))];
  }

  register(registration: Registration | null): void {
    this.registration = registration;
  }

  get registeredWith(): Registration | null {
    return this.registration;
  }

  /**
   * Starts a container, or finds that it was started already.
   * @throws YarnRequestError `YARN_NOT_READY` (not registered, or no room yet), `YARN_UNAUTHORIZED` (token)
   */
  async start({ grant, launch }: StartContainerRequest): Promise<void> {
    const claim = this.check(grant.token);
    if (claim.containerId !== grant.containerId) {
      throw new YarnRequestError(
        'YARN_UNAUTHORIZED',
        `the token is for ${claim.containerId}, not ${grant.containerId}`,
      );
    }
    if (this.containers.has(grant.containerId)) return;
    if (this.containers.size >= MAX_CONTAINERS) {
      throw new YarnRequestError('YARN_NOT_READY', `this node keeps the files of ${MAX_CONTAINERS} containers already`);
    }
    const used = this.living().reduce((sum, one) => addResources(sum, one.grant.resource), NO_RESOURCE);
    const room = subtractResources(this.config.resource, used);
    if (!fitsIn(claim.resource, room)) {
      const [wanted, left] = [formatResource(claim.resource), formatResource(room)];
      throw new YarnRequestError('YARN_NOT_READY', `no room on ${this.node.id} yet: ${wanted} wanted, ${left} left`);
    }
    const applicationId = applicationOfContainer(grant.containerId);
    const container = new Container({
      // What counts is what the ResourceManager signed, and not what the caller says beside it.
      grant: { ...grant, resource: claim.resource },
      launch,
      directory: join(this.root, applicationId, grant.containerId),
      environment: {
        [ContainerEnvironment.ApplicationId]: applicationId,
        [ContainerEnvironment.AttemptId]: attemptOfContainer(grant.containerId),
        [ContainerEnvironment.NodeId]: this.node.id,
        [ContainerEnvironment.NodeHttpAddress]: this.node.httpAddress,
        [ContainerEnvironment.RmAddresses]: this.config.rmAddressesText,
        [ContainerEnvironment.ContainerToken]: grant.token,
      },
      killDelayMs: this.config.killDelayMs,
      onEnded: (ended) => this.containerEnded(ended),
    });
    this.containers.set(grant.containerId, container);
    await container.start();
    this.logger.info({ containerId: grant.containerId, pid: container.pid }, 'container started');
  }

  /** @throws YarnRequestError `YARN_UNAUTHORIZED` when it is not the token it was started with */
  stop({ containerId, token }: StopContainerRequest): void {
    const container = this.containers.get(containerId);
    if (!container) return;
    const [expected, got] = [Buffer.from(container.grant.token), Buffer.from(token)];
    if (expected.length !== got.length || !timingSafeEqual(expected, got)) {
      throw new YarnRequestError('YARN_UNAUTHORIZED', `${containerId}: only who was given the container may stop it`);
    }
    container.end(ContainerExitStatus.KilledByMaster, 'killed by its master');
  }

  endForResourceManager(containerIds: readonly string[]): void {
    for (const id of containerIds) {
      this.containers.get(id)?.end(ContainerExitStatus.KilledByResourceManager, 'killed by the ResourceManager');
    }
  }

  /** The ResourceManager has passed their ends on; their files stay until the application ends. */
  confirmed(containerIds: readonly string[]): void {
    for (const id of containerIds) this.unconfirmed.delete(id);
  }

  /** The application is over: whatever of it still runs ends, and its files go. */
  async forgetApplication(applicationId: string): Promise<void> {
    const own = this.all().filter((container) => applicationOfContainer(container.id) === applicationId);
    const living = own.filter((container) => !container.isComplete);
    for (const container of living) {
      container.end(ContainerExitStatus.KilledAfterApplication, 'killed because its application is over');
    }
    // Files go once nobody writes them; the next heartbeat names the application again until then.
    if (living.length > 0) return;
    for (const container of own) {
      this.containers.delete(container.id);
      this.unconfirmed.delete(container.id);
    }
    await rm(join(this.root, applicationId), { recursive: true, force: true });
  }

  /** Resolves when none is left. */
  async endAll(why: string): Promise<void> {
    const living = this.living();
    for (const container of living) container.end(ContainerExitStatus.Aborted, why);
    await Promise.all(living.map((container) => container.whenEnded));
  }

  /** The directory from which other nodes may read; `null` for a container this node does not know. */
  outputOf(containerId: string): string | null {
    return this.containers.get(containerId)?.outputDir ?? null;
  }

  private check(token: string): ContainerClaim {
    if (!this.registration) {
      throw new YarnRequestError('YARN_NOT_READY', `${this.node.id} is not registered with a ResourceManager yet`);
    }
    const claim = openContainerToken(token, this.registration.tokenKey);
    const refuse = (why: string) => new YarnRequestError('YARN_UNAUTHORIZED', `${claim.containerId}: ${why}`);
    if (claim.nodeId !== this.node.id) throw refuse(`given on ${claim.nodeId}, not on ${this.node.id}`);
    if (claim.rmIdentifier !== this.registration.rmIdentifier) {
      throw refuse('given by a ResourceManager that is no longer active');
    }
    if (claim.expiresAtMs < Date.now()) throw refuse('given too long ago');
    return claim;
  }

  private containerEnded(container: Container): void {
    const { exitStatus, diagnostics } = container.status();
    this.unconfirmed.add(container.id);
    this.ended.inc({ status: String(exitStatus) });
    this.logger.info(
      { containerId: container.id, exitStatus, diagnostics: diagnostics.slice(0, 500) },
      'container ended',
    );
    this.onEnded();
  }

  private async lookAtMemory(): Promise<void> {
    const living = this.living();
    if (living.length === 0) return;
    const byGroup = await residentMbByGroup();
    for (const container of living) {
      if (container.pid !== null) container.memorySeen(byGroup.get(container.pid) ?? 0);
    }
  }
}
