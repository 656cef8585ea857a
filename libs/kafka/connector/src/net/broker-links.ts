/** Links to brokers, one each, made when needed and made anew when broken. */
import { PeerClient } from '@menagerie/kafka-link';
import type { Api } from '@menagerie/kafka-protocol';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export class BrokerLinks {
  /** Invariant: at most one a broker address, the ones that were given up included only until they are asked for again. */
  private readonly links = new Map<string, Promise<PeerClient>>();
  private readonly stopping = new AbortController();

  constructor(private readonly clientId: string) {}

  /** @throws PeerError */
  async request<Q, R>({ host, port }: Address, api: Api<Q, R>, request: Q, timeoutMs: number): Promise<R> {
    const key = `${host}:${port}`;
    let link = await this.links.get(key)?.catch(() => undefined);
    if (link?.isOpen !== true) {
      const opening = PeerClient.connect(host, port, this.clientId, this.stopping.signal);
      this.links.set(key, opening);
      link = await opening;
    }
    return link.request(api, request, timeoutMs);
  }

  /** Whatever waits for an answer fails; nothing can be asked any more. */
  close(): void {
    this.stopping.abort();
    for (const link of this.links.values()) link.then((open) => open.close()).catch(() => undefined);
    this.links.clear();
  }
}
