/** Orders to one host or many, and the rolling upgrade: one after the other, and no further when one does not come back. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { type Command, hostsPaths, type Listed, PatternError } from '@menagerie/platform-core';
import { isNodeExists, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { ZOOKEEPER_CLIENT } from '@menagerie/zookeeper-nest';
import { Monitor } from './monitor.js';

export interface Outcome {
  readonly host: string;
  readonly id: string;
  /** Null when it did not answer in time. */
  readonly result: string | null;
}

const ACKNOWLEDGE_MS = 10_000;
const RETURN_MS = 60_000;
const LOOK_MS = 20;

@Injectable()
export class Orders {
  constructor(
    @Inject(ZOOKEEPER_CLIENT) private readonly client: ZooKeeperClient,
    @Inject(Monitor) private readonly monitor: Monitor,
  ) {}

  async list(host: string, desired: Listed['desired']): Promise<void> {
    await this.write(hostsPaths.listed(host), JSON.stringify({ desired, sinceMs: Date.now() } satisfies Listed));
  }

  /**
   * @throws PatternError `HOSTS_UNKNOWN` when one of them is not there, `HOSTS_NOT_YOURS` when another speaks in its place;
   *   nobody has been ordered anything then
   */
  async command(hosts: readonly string[], verb: Command['verb'], argument: string): Promise<readonly Outcome[]> {
    for (const host of hosts) this.bootOf(host);
    return await Promise.all(hosts.map((host) => this.order(host, { id: randomUUID(), verb, argument })));
  }

  /** @returns who was upgraded; stops at the first that does not come back as the new version. */
  async rollingUpgrade(
    version: string,
  ): Promise<{ readonly upgraded: readonly string[]; readonly stuck: string | null }> {
    const upgraded: string[] = [];
    for (const host of this.monitor
      .hosts()
      .filter(({ machine }) => machine !== null)
      .map((each) => each.host)) {
      const { result } = await this.order(host, { id: randomUUID(), verb: 'upgrade', argument: version });
      const isBack = result !== null && !result.startsWith('refused') && (await this.returned(host, version));
      if (!isBack) return { upgraded, stuck: host };
      upgraded.push(host);
    }
    return { upgraded, stuck: null };
  }

  private async order(host: string, command: Command): Promise<Outcome> {
    await this.write(hostsPaths.command(host), JSON.stringify(command));
    const endMs = performance.now() + ACKNOWLEDGE_MS;
    while (performance.now() < endMs) {
      const acknowledged = this.machineOf(host)?.acknowledged;
      if (acknowledged?.id === command.id) return { host, id: command.id, result: acknowledged.result };
      await sleep(LOOK_MS);
    }
    return { host, id: command.id, result: null };
  }

  private async returned(host: string, version: string): Promise<boolean> {
    const endMs = performance.now() + RETURN_MS;
    while (performance.now() < endMs) {
      if (this.machineOf(host)?.version === version) return true;
      await sleep(LOOK_MS);
    }
    return false;
  }

  private machineOf(host: string) {
    return this.monitor.hosts().find((each) => each.host === host)?.machine ?? null;
  }

  private bootOf(host: string): string {
    const bootId = this.machineOf(host)?.bootId;
    if (bootId !== undefined) return bootId;
    const lie = this.monitor.liars().find(({ node }) => node === host);
    if (lie !== undefined) throw new PatternError('HOSTS_NOT_YOURS', `expected ${host} itself; its node ${lie.why}`);
    throw new PatternError('HOSTS_UNKNOWN', `expected a host that is there, got "${host}"`);
  }

  private async write(path: string, data: string): Promise<void> {
    await this.client.mkdirp(path.slice(0, path.lastIndexOf('/')));
    await this.client.create(path, data).catch(async (error: unknown) => {
      if (!isNodeExists(error)) throw error;
      await this.client.setData(path, data);
    });
  }
}
