/** Takes changed configs in, as `/config/changes` says which (ZkNodeChangeNotificationListener). */
import { CONFIG_CHANGES, type ConfigChange, sequenceOf } from '@menagerie/kafka-core';
import type { Logger } from '@menagerie/service';

import type { KafkaZk } from '../zookeeper/kafka-zk.js';

/** Notifications are of no use to anybody after this. */
const PURGE_AFTER_MS = 15 * 60_000;

export class ConfigWatcher {
  private lastSeen = -1;
  private readonly stopping = new AbortController();
  private following: Promise<void> = Promise.resolve();

  /** @param apply reads the entity's config anew and takes it */
  constructor(
    private readonly zk: KafkaZk,
    private readonly logger: Logger,
    private readonly apply: (change: ConfigChange) => Promise<void>,
  ) {}

  start(): void {
    this.following = this.follow();
  }

  private async follow(): Promise<void> {
    const { signal } = this.stopping;
    for await (const { children } of this.zk.client.watch(CONFIG_CHANGES, { kind: 'children', signal })) {
      for (const name of [...(children ?? [])].sort((a, b) => sequenceOf(a) - sequenceOf(b))) {
        if (signal.aborted) return;
        await this.take(name).catch((error: unknown) =>
          this.logger.warn({ err: error, name }, 'config change ignored'),
        );
      }
    }
  }

  private async take(name: string): Promise<void> {
    const sequence = sequenceOf(name);
    if (sequence > this.lastSeen) {
      this.lastSeen = sequence;
      const change = await this.zk.configChange(name);
      if (change !== null) await this.apply(change);
    }
    const stat = await this.zk.client.exists(`${CONFIG_CHANGES}/${name}`);
    if (stat !== null && Date.now() - Number(stat.ctime) > PURGE_AFTER_MS) {
      await this.zk.deleteIfThere(`${CONFIG_CHANGES}/${name}`);
    }
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.following.catch(() => undefined);
  }
}
