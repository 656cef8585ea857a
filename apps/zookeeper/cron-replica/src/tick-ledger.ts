/** The job: writes down each tick that it was given, one line each, so that others can count them. */
import { Inject, Injectable } from '@nestjs/common';
import { SERVICE_CONFIG } from '@menagerie/service';
import { OncePerCluster, OnLeader, type Leadership, type Tick } from '@menagerie/zookeeper-nest';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from './config.js';

@Injectable()
export class TickLedger {
  constructor(@Inject(SERVICE_CONFIG) private readonly config: Config) {
    mkdirSync(config.dataDir, { recursive: true });
  }

  @OncePerCluster('* * * * * *', { name: 'tick' })
  onTick({ fireTime, fencingToken }: Tick): void {
    const line = { tick: fireTime.toISOString(), by: this.config.memberId, token: String(fencingToken) };
    appendFileSync(join(this.config.dataDir, 'ticks.jsonl'), `${JSON.stringify(line)}\n`);
  }

  @OnLeader()
  async onLeader({ fencingToken, signal }: Leadership): Promise<void> {
    const write = (event: string) => {
      const line = { event, by: this.config.memberId, token: String(fencingToken), atMs: Date.now() };
      appendFileSync(join(this.config.dataDir, 'terms.jsonl'), `${JSON.stringify(line)}\n`);
    };
    write('begins');
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    write('ends');
  }
}
