/**
 * Looks at all tasks now and then: instances come and go, and `lastCommit` changes all the time; to be told of each change
 * would cost more than to look. Only reads.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import {
  type InstanceView,
  isName,
  isReplicatorError,
  type LastCommit,
  readPayload,
  replicatorPaths,
  taskKey,
  type TaskRef,
  type TaskStatusView,
} from '@menagerie/replicator-core';
import { HealthRegistry, LOGGER, type Logger, METRICS, ShutdownOrder } from '@menagerie/service';
import { isNoNode, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { ZOOKEEPER_CLIENT } from '@menagerie/zookeeper-nest';
import { Gauge, type Registry } from 'prom-client';
import { type Coverage, NO_COVERAGE, observe } from './coverage.js';

const LOOK_EVERY_MS = 250;
/** Of one look; whoever looks again soon would rather know than wait. */
const CALL_MS = 3_000;
const MAX_TASKS = 1_000;

@Injectable()
export class TaskWatch implements OnApplicationBootstrap {
  private readonly views = new Map<string, TaskStatusView>();
  private readonly coverage = new Map<string, Coverage>();
  private readonly stopping = new AbortController();
  private loop: Promise<void> = Promise.resolve();
  private lookedAtMs: number | null = null;

  constructor(
    @Inject(ZOOKEEPER_CLIENT) private readonly client: ZooKeeperClient,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(METRICS) registry: Registry,
    @Inject(HealthRegistry) health: HealthRegistry,
    @Inject(ShutdownOrder) order: ShutdownOrder,
  ) {
    const views = this.views;
    const gauge = (name: string, help: string, of: (view: TaskStatusView) => number | null) =>
      new Gauge({
        name: `replicator_${name}`,
        help,
        labelNames: ['task'],
        registers: [registry],
        collect() {
          this.reset();
          for (const view of views.values()) {
            const value = of(view);
            if (value !== null) this.set({ task: view.task }, value);
          }
        },
      });
    gauge('instances', 'Instances of a task, RUNNING and STANDBY.', ({ instances }) => instances.length);
    gauge('running', 'Whether an instance of a task is RUNNING.', ({ running }) => (running === null ? 0 : 1));
    gauge('uncovered_seconds', 'For how long nobody has run it, in all.', ({ uncoveredMs }) => uncoveredMs / 1_000);
    gauge('rows', 'Rows applied.', ({ lastCommit }) => lastCommit?.rows ?? null);
    gauge('lag_seconds', 'From commit to commit.', ({ lastCommit }) =>
      lastCommit === null ? null : lastCommit.lagMs / 1_000,
    );
    gauge('silent_seconds', 'Since lastCommit was written.', ({ silentMs }) =>
      silentMs === null ? null : silentMs / 1_000,
    );
    health.add('look', () => ({ state: this.isFresh ? 'up' : 'degraded' }));
    order.add('leave', 'look', async () => {
      this.stopping.abort();
      await this.loop;
    });
  }

  onApplicationBootstrap(): void {
    this.loop = this.look();
  }

  get all(): readonly TaskStatusView[] {
    return [...this.views.values()];
  }

  get isFresh(): boolean {
    return this.lookedAtMs !== null && performance.now() - this.lookedAtMs < CALL_MS + 10 * LOOK_EVERY_MS;
  }

  private async look(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        const refs = (await this.refs()).slice(0, MAX_TASKS);
        const seen = new Set(refs.map(taskKey));
        for (const ref of refs) await this.lookAt(ref);
        for (const key of this.views.keys()) {
          if (seen.has(key)) continue;
          this.views.delete(key);
          this.coverage.delete(key);
        }
        this.lookedAtMs = performance.now();
      } catch (error) {
        if (!signal.aborted) this.logger.debug({ why: String(error) }, 'could not look');
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async lookAt(ref: TaskRef): Promise<void> {
    const key = taskKey(ref);
    const task = await this.payload(replicatorPaths.task(ref), readPayload.task);
    const instances = await this.instances(ref);
    const last = await this.payload(replicatorPaths.lastCommit(ref), (data, path): LastCommit | null =>
      data.length === 0 ? null : readPayload.lastCommit(data, path),
    );
    const running = instances.find(({ status }) => status === 'RUNNING')?.name ?? null;
    const now = Date.now();
    const coverage = observe(this.coverage.get(key) ?? NO_COVERAGE, running, task?.value.desired === 'RUN', now);
    this.coverage.set(key, coverage);
    const open = coverage.uncoveredSinceMs;
    this.views.set(key, {
      task: key,
      instances,
      running,
      uncoveredSince: open,
      uncoveredMs: coverage.uncoveredMs + (open === null ? 0 : now - open),
      takeovers: coverage.takeovers,
      lastCommit: last?.value ?? null,
      silentMs: last === null ? null : Math.max(0, now - last.mtime),
    });
  }

  private async instances(ref: TaskRef): Promise<readonly InstanceView[]> {
    const found: InstanceView[] = [];
    for (const name of [...(await this.children(replicatorPaths.instances(ref)))].sort()) {
      const instance = await this.payload(replicatorPaths.instance(ref, name), readPayload.instance);
      if (instance !== null) found.push({ name, ...instance.value });
    }
    return found;
  }

  /** @returns null when it is not there, or is not what it should be */
  private async payload<T>(
    path: string,
    read: (data: Buffer, path: string) => T,
  ): Promise<{ value: T; mtime: number } | null> {
    try {
      const { data, stat } = await this.client.getData(path, this.limits);
      return { value: read(data, path), mtime: Number(stat.mtime) };
    } catch (error) {
      if (isNoNode(error) || isReplicatorError(error)) return null;
      throw error;
    }
  }

  private async refs(): Promise<readonly TaskRef[]> {
    const hot = (await this.children(replicatorPaths.tasks))
      .filter(isName)
      .map((name): TaskRef => ({ group: null, name }));
    const cold: TaskRef[] = [];
    for (const group of (await this.children(replicatorPaths.groups)).filter(isName)) {
      for (const name of await this.children(replicatorPaths.group(group)))
        if (isName(name)) cold.push({ group, name });
    }
    return [...hot, ...cold];
  }

  private async children(path: string): Promise<readonly string[]> {
    try {
      return (await this.client.getChildren(path, this.limits)).children;
    } catch (error) {
      if (isNoNode(error)) return [];
      throw error;
    }
  }

  private get limits(): { readonly timeoutMs: number; readonly signal: AbortSignal } {
    return { timeoutMs: CALL_MS, signal: this.stopping.signal };
  }
}
