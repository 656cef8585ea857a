/** A broker's part in the controller's election: it stands whenever there is none, reigns if it wins, and steps down. */
import { CONTROLLER, decodeController } from '@menagerie/kafka-core';
import { ErrorCode, KafkaAnswerError } from '@menagerie/kafka-protocol';
import { isZooKeeperError } from '@menagerie/zookeeper-client';
import { setTimeout as sleep } from 'node:timers/promises';

import { ControllerTerm, type TermOptions } from './controller-term.js';
import { elect } from './election.js';

const RETRY_MS = 500;

export class Controller {
  private current: ControllerTerm | null = null;
  private knownId = -1;
  private readonly stopping = new AbortController();
  private following: Promise<void> | null = null;

  constructor(private readonly options: Omit<TermOptions, 'onEnd'>) {}

  /** Begins to stand. The broker must be registered: a controller without a broker leads nobody. */
  start(): void {
    this.following = this.follow();
  }

  get isActive(): boolean {
    return this.current !== null;
  }

  get epoch(): number | null {
    return this.current?.epoch ?? null;
  }

  /** Who is the controller, as far as this broker has heard; -1 for nobody. */
  get controllerId(): number {
    return this.knownId;
  }

  /** @throws KafkaAnswerError `NOT_CONTROLLER` */
  get term(): ControllerTerm {
    if (this.current === null) throw new KafkaAnswerError(ErrorCode.NOT_CONTROLLER);
    return this.current;
  }

  /** At once, and without a word to ZooKeeper: the session is lost, or another was elected. */
  resign(why: string, error?: unknown): void {
    if (this.current === null) return;
    this.options.logger.warn({ err: error, epoch: this.current.epoch }, `no longer the controller: ${why}`);
    this.current.end();
    this.current = null;
  }

  /** Stops standing. If we are the controller the node goes with the session, or is deleted here so that others need not wait. */
  async stop(): Promise<void> {
    const { zk } = this.options;
    this.stopping.abort();
    const { epoch } = this;
    this.resign('the broker stops');
    await this.following;
    if (epoch === null) return;
    const stored = await zk.dataOrNull(CONTROLLER).catch(() => null);
    if (stored === null || stored.stat.ephemeralOwner !== zk.client.session?.id) return;
    await zk.client.delete(CONTROLLER, { version: stored.stat.version }).catch(() => undefined);
  }

  private async follow(): Promise<void> {
    const { zk, brokerId, logger } = this.options;
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        for await (const { data, stat } of zk.client.watch(CONTROLLER, { kind: 'data', signal })) {
          this.knownId = data === null ? -1 : decodeController(data);
          const ours = stat?.ephemeralOwner === zk.client.session?.id && this.knownId === brokerId;
          if (!ours) this.resign(`/controller is ${this.knownId < 0 ? 'gone' : `held by broker ${this.knownId}`}`);
          // A node of our own session without a reign: we stepped down because something failed. Make room.
          if (ours && this.current === null && stat !== null) {
            await zk.client.delete(CONTROLLER, { version: stat.version }).catch(() => undefined);
          }
          if (data === null) await this.stand();
        }
      } catch (error) {
        if (signal.aborted) return;
        logger.warn({ err: error }, 'the election is interrupted');
        await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  private async stand(): Promise<void> {
    const { zk, brokerId } = this.options;
    const victory = await elect(zk, brokerId);
    if (victory === null || this.stopping.signal.aborted) return;
    this.knownId = brokerId;
    const term = new ControllerTerm(
      {
        ...this.options,
        onEnd: (why, error) => {
          if (this.current !== term) return;
          this.resign(why, error);
          // The node is still ours: delete it, so that an election follows, which we may win again.
          const node = zk.dataOrNull(CONTROLLER).then(async (stored) => {
            if (stored?.stat.ephemeralOwner !== zk.client.session?.id) return;
            await zk.client.delete(CONTROLLER, { version: stored!.stat.version });
          });
          node.catch((failure: unknown) => {
            if (!isZooKeeperError(failure)) throw failure;
          });
        },
      },
      victory,
    );
    this.current = term;
  }
}
