/**
 * The Scanner: one of those that run leads, hears the reports of the providers, and takes those who are silent out of the
 * lists. Where it is stands at `/DDNS/.scanner`. What a change of leader costs is a window: the new one has heard of nobody
 * yet, and gives everybody the time for a report.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { ddnsPaths, HealthTable, messageOf, PatternError, type Verdicts } from '@menagerie/platform-core';
import { HealthRegistry, LOGGER, type Logger, METRICS, SERVICE_CONFIG } from '@menagerie/service';
import { isNodeExists, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { type Leadership, ZOOKEEPER_CLIENT } from '@menagerie/zookeeper-nest';
import { Counter, type Registry } from 'prom-client';
import type { DdnsConfig } from '../config.js';
import { DomainTree } from '../domains/domain-tree.js';
import { Domains } from '../domains/domains.js';

export interface Report {
  readonly app: string;
  readonly domain: string;
  readonly address: string;
}

export interface ScannerEvent {
  readonly atMs: number;
  readonly what: 'leads' | 'removed' | 'returned' | 'kept the last' | 'guarded' | 'unguarded' | 'confirmed';
  readonly key?: string;
}

/** A silence is noticed so many times a window. */
const LOOKS_PER_REPORT = 2;
const KEPT_EVENTS = 200;

@Injectable()
export class Scanner {
  private table: HealthTable | null = null;
  private verdicts: Verdicts = { remove: [], isGuarded: false, silent: [] };
  private readonly log: ScannerEvent[] = [];
  private readonly removals: Counter;

  constructor(
    @Inject(ZOOKEEPER_CLIENT) private readonly client: ZooKeeperClient,
    @Inject(SERVICE_CONFIG) private readonly config: DdnsConfig,
    @Inject(Domains) private readonly domains: Domains,
    @Inject(DomainTree) private readonly tree: DomainTree,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(HealthRegistry) health: HealthRegistry,
    @Inject(METRICS) registry: Registry,
  ) {
    if (config.parts.has('scanner')) {
      health.add('scanner', () => ({
        state: 'up',
        details: { role: this.table === null ? 'standby' : 'leader', guarded: this.verdicts.isGuarded },
      }));
    }
    const metric = { name: 'ddns_removals_total', help: 'addresses taken out of a list' };
    this.removals = new Counter({ ...metric, registers: [registry] });
  }

  /** @throws PatternError `PATTERN_UNAVAILABLE` while another one leads */
  async report({ app, domain, address }: Report): Promise<void> {
    const table = this.leading();
    const key = `${domain} ${address}`;
    const isListed = this.tree.find(domain)?.addresses.includes(address) ?? false;
    if (!table.report(key, performance.now()) || isListed) return;
    // It was taken out, or its name was never there: it has shown that it is well.
    await this.domains.add(app, domain, address);
    this.note('returned', key);
  }

  /** A person says that those who are silent are dead. */
  confirm(): void {
    this.leading().confirm();
    this.note('confirmed');
  }

  standing(): { readonly leads: boolean; readonly guarded: boolean; readonly silent: readonly string[] } {
    return { leads: this.table !== null, guarded: this.verdicts.isGuarded, silent: this.verdicts.silent };
  }

  /** Milliseconds since each was heard of, by `<domain> <address>`. */
  ages(): ReadonlyMap<string, number> {
    return this.table?.ages(performance.now()) ?? new Map();
  }

  events(): readonly ScannerEvent[] {
    return this.log;
  }

  /** Until the signal fires. */
  async lead({ signal }: Leadership): Promise<void> {
    const table = new HealthTable(this.config.health, performance.now());
    this.table = table;
    this.note('leads');
    try {
      await this.announce();
      const everyMs = this.config.health.reportMs / LOOKS_PER_REPORT;
      while (!signal.aborted) {
        await this.look(table, everyMs).catch((error: unknown) =>
          this.logger.warn({ why: messageOf(error) }, 'a look failed, the next one comes'),
        );
        await sleep(everyMs, undefined, { signal }).catch(() => undefined);
      }
    } finally {
      this.table = null;
    }
  }

  private async look(table: HealthTable, everyMs: number): Promise<void> {
    // What is known may be old: nobody is judged by it.
    if (!this.tree.isFresh) return;
    const now = performance.now();
    const listed = this.tree.all().flatMap(({ domain, addresses }) => addresses.map((each) => `${domain} ${each}`));
    table.known(new Set(listed), now);
    const before = this.verdicts.isGuarded;
    this.verdicts = table.look(now, everyMs);
    if (before !== this.verdicts.isGuarded) this.note(this.verdicts.isGuarded ? 'guarded' : 'unguarded');
    for (const key of this.verdicts.remove) {
      const [domain = '', address = ''] = key.split(' ');
      const isGone = await this.domains.removeUnlastly(domain, address);
      if (isGone) {
        table.removed(key);
        this.removals.inc();
      }
      if (isGone || this.log.at(-1)?.key !== key) this.note(isGone ? 'removed' : 'kept the last', key);
    }
  }

  private async announce(): Promise<void> {
    const { id, http } = this.config;
    const words = JSON.stringify({ id, url: `http://${http.host}:${http.port}` });
    await this.client.create(ddnsPaths.scanner, words).catch(async (error: unknown) => {
      if (!isNodeExists(error)) throw error;
      await this.client.setData(ddnsPaths.scanner, words);
    });
  }

  private leading(): HealthTable {
    if (this.table !== null) return this.table;
    throw new PatternError('PATTERN_UNAVAILABLE', 'expected the scanner that leads; it stands at /DDNS/.scanner', true);
  }

  private note(what: ScannerEvent['what'], key?: string): void {
    this.log.push({ atMs: Date.now(), what, ...(key === undefined ? {} : { key }) });
    if (this.log.length > KEPT_EVENTS) this.log.shift();
    this.logger.info({ key }, what);
  }
}
