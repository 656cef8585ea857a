/**
 * The audience of the day: computed by whoever is elected at `/master_election/<day>/binding`, in a file that all servers
 * see; shared by its name and its SHA-256 at `/master_election/<day>/result`, and served by everybody.
 *
 * A master that dies leaves half a file under a name with its own token, which nobody is told of; the next one begins anew.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { messageOf, PatternError } from '@menagerie/platform-core';
import { Work } from '@menagerie/platform-nest';
import { HealthRegistry, LOGGER, type Logger, SERVICE_CONFIG, ShutdownOrder } from '@menagerie/service';
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';
import { ZOOKEEPER_CLIENT } from '@menagerie/zookeeper-nest';
import { MasterElection, type Mastership } from '@menagerie/zookeeper-recipes';
import { z } from 'zod';
import type { AdServerConfig } from '../config.js';
import { type Audience, computeAudience } from './compute.js';

/** What is shared: where the result is, and which it is. */
const pointer = z.strictObject({
  file: z.string().regex(/^[\w.-]+$/),
  sha256: z.string(),
  topics: z.number(),
  by: z.string(),
});
const RETRY_MS = 1_000;

@Injectable()
export class Audiences implements OnApplicationBootstrap {
  role: 'waiting' | 'computing' | 'serving' = 'waiting';
  /** Lines read, while it computes. */
  lines = 0;
  computedHere = false;
  private served: { readonly audience: Audience; readonly sha256: string; readonly by: string } | null = null;
  private readonly election: MasterElection;
  private readonly work: Work;

  constructor(
    @Inject(ZOOKEEPER_CLIENT) client: ZooKeeperClient,
    @Inject(SERVICE_CONFIG) private readonly config: AdServerConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(HealthRegistry) health: HealthRegistry,
    @Inject(ShutdownOrder) order: ShutdownOrder,
  ) {
    this.election = new MasterElection(client, '/master_election', { identity: config.id });
    health.add('audience', () => ({ state: 'up', details: { role: this.role, lines: this.lines } }));
    this.work = new Work('the audience', logger, order);
  }

  onApplicationBootstrap(): void {
    this.work.begin((signal) => this.run(signal));
  }

  /** @throws PatternError `PATTERN_UNAVAILABLE` before there is a result */
  get audience(): { readonly audience: Audience; readonly sha256: string; readonly by: string } {
    if (this.served !== null) return this.served;
    throw new PatternError('PATTERN_UNAVAILABLE', `the audience of ${this.config.day} is not computed yet`, true);
  }

  private async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.served === null) {
      try {
        const { data, computedHere } = await this.election.result(this.config.day, (master) => this.compute(master), {
          signal,
        });
        this.computedHere = computedHere;
        this.served = this.load(data);
        this.role = 'serving';
      } catch (error) {
        this.role = 'waiting';
        if (signal.aborted) return;
        this.logger.warn({ why: messageOf(error) }, 'no result yet, stands again');
        await this.work.rest(RETRY_MS);
      }
    }
  }

  private async compute({ day, fencingToken, signal }: Mastership): Promise<string> {
    this.role = 'computing';
    this.logger.info({ day, fencingToken }, 'elected: computes');
    const { visits, paceMs, sharedDir, id } = this.config;
    const either = AbortSignal.any([signal, this.work.signal]);
    const audience = await computeAudience({
      visits,
      paceMs,
      signal: either,
      onProgress: (lines) => (this.lines = lines),
    });
    const text = JSON.stringify(audience);
    const file = `audience-${day}-${fencingToken.toString(16)}.json`;
    mkdirSync(sharedDir, { recursive: true });
    writeFileSync(join(sharedDir, `${file}.part`), text);
    renameSync(join(sharedDir, `${file}.part`), join(sharedDir, file));
    const topics = Object.keys(audience).length;
    return JSON.stringify({ file, sha256: sha256(text), topics, by: id } satisfies z.infer<typeof pointer>);
  }

  /** @throws Error when the file is not the one that was shared */
  private load(data: Buffer): { readonly audience: Audience; readonly sha256: string; readonly by: string } {
    const shared = pointer.parse(JSON.parse(data.toString()));
    const text = readFileSync(join(this.config.sharedDir, shared.file), 'utf8');
    const sum = sha256(text);
    if (sum !== shared.sha256) throw new Error(`${shared.file}: expected SHA-256 ${shared.sha256}, got ${sum}`);
    return { audience: JSON.parse(text) as Audience, sha256: sum, by: shared.by };
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
