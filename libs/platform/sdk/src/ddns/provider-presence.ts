/** A provider's side of DDNS: registers an address, reports that it is well, withdraws in the end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ddnsPaths, messageOf } from '@menagerie/platform-core';
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';

export interface PresenceOptions {
  readonly app: string;
  readonly domain: string;
  /** `ip:port` */
  readonly address: string;
  /** The Register, `http://host:port`. */
  readonly register: string;
  readonly reportMs: number;
  readonly onFailure?: (why: string) => void;
}

const ANSWER_MS = 3_000;

export class ProviderPresence {
  private readonly stop = new AbortController();
  private running: Promise<void> = Promise.resolve();
  private registered = false;

  constructor(
    private readonly client: ZooKeeperClient,
    private readonly options: PresenceOptions,
  ) {}

  get isRegistered(): boolean {
    return this.registered;
  }

  start(): void {
    this.running = this.run();
  }

  /** Taken away at once; who is killed instead is taken away by the Scanner. */
  async withdraw(): Promise<void> {
    this.stop.abort();
    await this.running;
    const { register } = this.options;
    if (this.registered) await this.send(`${register}/withdraw`).catch(() => undefined);
  }

  /** Stops without a word, as one does that is cut off. */
  fallSilent(): void {
    this.stop.abort();
  }

  private async run(): Promise<void> {
    const { register, reportMs, onFailure } = this.options;
    const { signal } = this.stop;
    while (!signal.aborted) {
      const beganMs = performance.now();
      try {
        if (!this.registered) {
          await this.send(`${register}/register`);
          this.registered = true;
        }
        await this.send(`${await this.scanner()}/reports`);
      } catch (error) {
        if (!signal.aborted) onFailure?.(messageOf(error));
      }
      const left = Math.max(10, reportMs - (performance.now() - beganMs));
      await sleep(left, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Whichever leads now; read each time, since a report more or less costs as much. */
  private async scanner(): Promise<string> {
    const { data } = await this.client.getData(ddnsPaths.scanner);
    return (JSON.parse(data.toString()) as { url: string }).url;
  }

  private async send(url: string): Promise<void> {
    const { app, domain, address } = this.options;
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ app, domain, address }),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    if (!response.ok) throw new Error(`${url}: ${response.status} ${(await response.text()).slice(0, 300)}`);
  }
}
