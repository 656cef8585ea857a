/** The text of one node, followed: a rule of the config center. */
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';

/** @param text null when there is no rule */
export type RuleListener = (text: string | null) => void;

export class FollowedRule {
  private readonly stop = new AbortController();
  private done: Promise<void> = Promise.resolve();

  /** @param onClose told once */
  constructor(
    readonly path: string,
    private readonly listener: RuleListener,
    private readonly onClose: (rule: FollowedRule) => void,
  ) {}

  /** Resolves when it has been told for the first time. @param onFailure what ends it later */
  async begin(client: ZooKeeperClient, onFailure: (error: unknown) => void): Promise<void> {
    const snapshots = client.watch(this.path, { kind: 'data', signal: this.stop.signal })[Symbol.asyncIterator]();
    const first = await snapshots.next();
    if (first.done === true) return;
    this.listener(first.value.data?.toString() ?? null);
    this.done = (async () => {
      for (;;) {
        const next = await snapshots.next();
        if (next.done === true) return;
        this.listener(next.value.data?.toString() ?? null);
      }
    })().catch((error: unknown) => {
      if (!this.stop.signal.aborted) onFailure(error);
    });
  }

  async close(): Promise<void> {
    this.stop.abort();
    this.onClose(this);
    await this.done;
  }
}
