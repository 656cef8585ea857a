/** What the workloads of an ensemble share: its clients, its history, and the registers that are judged one by one. */
import { setTimeout as delay } from 'node:timers/promises';
import { History, type Outcome } from '@menagerie/zookeeper-testing';
import { Chance } from '../../random.js';
import type { SoakRun } from '../../soak/scenario.js';
import { SYNC_LIMIT_MS } from '../cluster/ensemble.js';
import { RecordingClient, type Address } from '../client/recording-client.js';
import type { Ask } from '../client/codec.js';

export class World {
  readonly history: History;
  private readonly atTheEnd: ((client: RecordingClient) => Promise<void>)[] = [];
  private clients = 0;
  private values = 0;

  constructor(
    readonly run: SoakRun,
    readonly servers: readonly Address[],
  ) {
    this.history = new History((rule, detail) => run.violation(rule, detail), { followerBlindMs: SYNC_LIMIT_MS });
  }

  client(name: string, sessionTimeoutMs: number, servers: readonly Address[] = this.servers): RecordingClient {
    return new RecordingClient({
      name,
      servers,
      history: this.history,
      chance: this.chance(),
      sessionTimeoutMs,
      report: (rule, detail) => this.run.violation(rule, detail),
    });
  }

  /** A stream of chance of its own, the same for the same seed. */
  chance(): Chance {
    return new Chance(this.run.seed * 7_919 + ++this.clients);
  }

  /** One that has not been written before. */
  value(by: string): string {
    return `${by}#${++this.values}`;
  }

  /** To be checked when the faults of the round are over and the servers are well. */
  finally(check: (client: RecordingClient) => Promise<void>): void {
    this.atTheEnd.push(check);
  }

  async checkAtTheEnd(client: RecordingClient): Promise<void> {
    for (const check of this.atTheEnd.splice(0)) await check(client);
  }

  /** Asks, and counts how it went. */
  async ask(client: RecordingClient, ask: Ask): Promise<Outcome | null> {
    const outcome = await client.call(ask);
    const kind = ask.kind === 'create' || ask.kind === 'set' || ask.kind === 'delete' ? 'writes' : 'reads';
    if (outcome === null) this.run.count('unsent');
    else this.run.count(outcome.kind === 'unknown' ? 'of unknown outcome' : kind);
    return outcome;
  }

  /** Asks until it is answered. @returns null if it was not, in the time */
  async answered(
    client: RecordingClient,
    ask: Ask,
    withinMs: number,
  ): Promise<Exclude<Outcome, { kind: 'unknown' }> | null> {
    for (const untilMs = performance.now() + withinMs; performance.now() < untilMs;) {
      const outcome = await this.ask(client, ask);
      if (outcome !== null && outcome.kind !== 'unknown') return outcome;
      await delay(20);
    }
    return null;
  }
}

/** One part of the load: works below `root` until told otherwise, and has its clients idle when it returns. */
export interface Workload {
  /** Clients, made once and kept over the rounds. */
  readonly close: () => void;
  readonly work: (root: string, goesOn: () => boolean) => Promise<void>;
}
