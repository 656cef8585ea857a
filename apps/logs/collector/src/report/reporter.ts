/** Says how it goes, in `status` and, source by source, under `/logs/offsets`. The report's time is the sign of life. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import {
  type CollectorStatus,
  type CommittedOffset,
  logsPaths,
  readPayload,
  type SourceProgress,
  weightOf,
} from '@menagerie/logs-core';
import { ZooKeeperLink } from '@menagerie/logs-nest';
import { HealthRegistry, LOGGER, type Logger, SERVICE_CONFIG, ShutdownOrder } from '@menagerie/service';
import { isBadVersion, isNodeExists, isNoNode, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import type { CollectorConfig } from '../config.js';
import { Duties } from '../duty/duties.js';
import { ListWatch } from '../duty/list-watch.js';
import { Pullers } from '../pull/pullers.js';

/** A report that takes longer has failed; the next one says more anyway. */
const REPORT_TIMEOUT_MS = 3_000;
/** Without a report for so many periods the list that is carried out is only what was true last. */
const CONFIRMED_PERIODS = 3;
const OFFSETS_EVERY_MS = 5_000;
const MAX_TROUBLE_CHARS = 200;

@Injectable()
export class Reporter implements OnApplicationBootstrap {
  private readonly boot = randomUUID();
  private readonly stopping = new AbortController();
  private loop: Promise<void> = Promise.resolve();
  private wake = new AbortController();
  private reportedAtMs: number | null = null;
  private offsetsAtMs = 0;
  private readonly saidOffsets = new Map<string, number>();
  /** Of our own last report; null before the first, which replaces whatever is there. */
  private version: number | null = null;

  constructor(
    @Inject(SERVICE_CONFIG) private readonly config: CollectorConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(ZooKeeperLink) private readonly link: ZooKeeperLink,
    @Inject(Duties) private readonly duties: Duties,
    @Inject(Pullers) private readonly pullers: Pullers,
    @Inject(ListWatch) private readonly list: ListWatch,
    @Inject(HealthRegistry) health: HealthRegistry,
    @Inject(ShutdownOrder) order: ShutdownOrder,
  ) {
    // Whoever waits for a source to be let go should not have to wait for a period.
    duties.onDone = () => this.wake.abort();
    health.add('report', () => ({ state: this.confirmed ? 'up' : 'degraded', details: { confirmed: this.confirmed } }));
    order.add('leave', 'report', async () => {
      this.stopping.abort();
      await this.loop;
    });
  }

  onApplicationBootstrap(): void {
    this.loop = this.run();
  }

  /** The allocator has heard of us lately. */
  get confirmed(): boolean {
    const limitMs = CONFIRMED_PERIODS * this.config.reportMs;
    return this.reportedAtMs !== null && performance.now() - this.reportedAtMs < limitMs;
  }

  status(): CollectorStatus {
    const perSource: Record<string, SourceProgress> = {};
    let weight = 0;
    let lagBytes = 0;
    for (const [source, puller] of this.pullers.all()) {
      const rate = puller.rate();
      weight += weightOf(rate);
      lagBytes += puller.lagBytes;
      perSource[source] = {
        off: puller.offset,
        rate,
        lag: puller.lagBytes,
        ...(puller.trouble === null ? {} : { trouble: puller.trouble.slice(0, MAX_TROUBLE_CHARS) }),
      };
    }
    const { gen } = this.duties.done;
    const { rack } = this.config;
    const where = rack === undefined ? {} : { rack };
    const load = Math.round((weight / this.config.capacity) * 1_000) / 1_000;
    return { gen, at: Date.now(), boot: this.boot, ...where, load, lines: this.pullers.lines, lagBytes, perSource };
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      this.wake = new AbortController();
      const { client } = this.link;
      if (client !== null && !this.list.decommissioned && !this.list.replaced) {
        try {
          await this.report(client);
          this.reportedAtMs = performance.now();
          await this.sayOffsets(client);
        } catch (error) {
          if (signal.aborted) return;
          this.logger.warn({ why: error instanceof Error ? error.message : String(error) }, 'could not report');
        }
      }
      const either = AbortSignal.any([signal, this.wake.signal]);
      await sleep(this.config.reportMs, undefined, { signal: either }).catch(() => undefined);
    }
  }

  /** Each report follows our own last one: if another's stands there, another process goes by our name. */
  private async report(client: ZooKeeperClient): Promise<void> {
    const path = logsPaths.status(this.config.collectorId);
    const data = JSON.stringify(this.status());
    const versioned = this.version === null ? {} : { version: this.version };
    try {
      this.version = (await client.setData(path, data, { ...this.limits(), ...versioned })).version;
    } catch (error) {
      if (isBadVersion(error)) await this.lookWhoReports(client, path);
      else if (isNoNode(error)) this.version = await this.createReport(client, path, data);
      else throw error;
    }
  }

  private async createReport(client: ZooKeeperClient, path: string, data: string): Promise<number | null> {
    try {
      await client.create(path, data, this.limits());
      return 0;
    } catch (error) {
      // The collector's own node is not there either: it is being registered, or was decommissioned.
      if (isNodeExists(error) || isNoNode(error)) return this.version;
      throw error;
    }
  }

  /** Was it our own report, whose answer was lost? If not, who was started last goes on. */
  private async lookWhoReports(client: ZooKeeperClient, path: string): Promise<void> {
    const { data, stat } = await client.getData(path, this.limits());
    const { boot } = readPayload.status(data, path);
    if (boot === this.boot) this.version = stat.version;
    else await this.list.replace(boot);
  }

  private limits(): { readonly timeoutMs: number; readonly signal: AbortSignal } {
    return { timeoutMs: REPORT_TIMEOUT_MS, signal: this.stopping.signal };
  }

  /** For people, and for an agent that has lost its memory; the sink knows for sure. */
  private async sayOffsets(client: ZooKeeperClient): Promise<void> {
    if (performance.now() - this.offsetsAtMs < OFFSETS_EVERY_MS) return;
    this.offsetsAtMs = performance.now();
    await client.mkdirp(logsPaths.offsets);
    const owner = this.config.collectorId;
    for (const [source, { offset, gen, fenced }] of this.pullers.all()) {
      if (fenced || this.saidOffsets.get(source) === offset) continue;
      const committed: CommittedOffset = { offset, owner, gen };
      await this.write(client, logsPaths.offset(source), JSON.stringify(committed));
      this.saidOffsets.set(source, offset);
    }
  }

  private async write(client: ZooKeeperClient, path: string, data: string): Promise<void> {
    const options = this.limits();
    try {
      await client.setData(path, data, options);
    } catch (error) {
      if (!isNoNode(error)) throw error;
      await client.create(path, data, options).catch((second: unknown) => {
        if (!isNodeExists(second) && !isNoNode(second)) throw second;
      });
    }
  }
}
