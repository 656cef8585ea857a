/**
 * The controller's line to one broker: one request after the other, each until it is answered or the broker is gone.
 * A broker that is away for a moment gets everything in order when it is back; one that died is given up by `close`.
 */
import { PeerClient } from '@menagerie/kafka-link';
import { type Api, ErrorCode, errorName } from '@menagerie/kafka-protocol';
import type { Logger } from '@menagerie/service';
import { setTimeout as sleep } from 'node:timers/promises';

const ANSWER_MS = 30_000;
const RETRY_MS = 100;
/** A broker that takes none of so many requests is not going to. */
const MAX_QUEUED = 10_000;

interface Queued {
  readonly api: Api<unknown, unknown>;
  readonly request: unknown;
  readonly onAnswer: (answer: unknown) => void;
}

export interface ChannelOptions {
  readonly brokerId: number;
  readonly host: string;
  readonly port: number;
  readonly clientId: string;
  readonly logger: Logger;
  /** The broker has heard of a newer controller. */
  readonly onDeposed: () => void;
}

export class BrokerChannel {
  private readonly queue: Queued[] = [];
  private readonly closing = new AbortController();
  private client: PeerClient | null = null;
  private working: Promise<void> | null = null;

  constructor(private readonly options: ChannelOptions) {}

  get host(): string {
    return this.options.host;
  }

  get port(): number {
    return this.options.port;
  }

  send<Q, R extends { readonly errorCode: number }>(api: Api<Q, R>, request: Q, onAnswer?: (answer: R) => void): void {
    if (this.closing.signal.aborted) return;
    if (this.queue.length >= MAX_QUEUED) {
      this.options.logger.error({ brokerId: this.options.brokerId }, `${MAX_QUEUED} requests wait for a broker`);
      return this.close();
    }
    const answered = (answer: R) => {
      if (answer.errorCode === ErrorCode.STALE_CONTROLLER_EPOCH) return this.options.onDeposed();
      if (answer.errorCode !== ErrorCode.NONE) {
        const { brokerId, logger } = this.options;
        logger.warn({ brokerId, api: api.name }, `broker ${brokerId} answered ${errorName(answer.errorCode)}`);
      }
      onAnswer?.(answer);
    };
    this.queue.push({
      api: api as Api<unknown, unknown>,
      request,
      onAnswer: answered as (answer: unknown) => void,
    });
    this.working ??= this.work().finally(() => (this.working = null));
  }

  close(): void {
    this.closing.abort();
    this.client?.close();
    this.queue.length = 0;
  }

  private async work(): Promise<void> {
    const { host, port, clientId, brokerId, logger } = this.options;
    const { signal } = this.closing;
    while (this.queue.length > 0 && !signal.aborted) {
      const [{ api, request, onAnswer }] = this.queue as [Queued];
      try {
        if (this.client?.isOpen !== true) this.client = await PeerClient.connect(host, port, clientId, signal);
        const answer = await this.client.request(api, request, ANSWER_MS);
        if (signal.aborted) return;
        this.queue.shift();
        onAnswer(answer);
      } catch (error) {
        logger.debug({ brokerId, err: error }, `${api.name}: no answer yet`);
        this.client?.close();
        await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}
