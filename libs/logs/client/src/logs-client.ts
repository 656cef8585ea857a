/** Asks any allocator who leads, and that one everything else. Used by the command line, the demos and the console. */
import {
  type AllocatorStateView,
  type DutiesView,
  type HistoryView,
  LogsError,
  type LogsErrorCode,
  type ReignView,
  type Settings,
  type TimedEvent,
} from '@menagerie/logs-core';

export interface LogsClientOptions {
  /** `host:port` of every allocator. */
  readonly allocators: readonly string[];
  /** Of one question; default 3000. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 3_000;

export class LogsClient {
  constructor(private readonly options: LogsClientOptions) {}

  /**
   * What the leading allocator says.
   * @throws LogsError `LOGS_NOT_LEADER` when none of them leads
   */
  async reign(): Promise<ReignView & { readonly leader: string; readonly url: string }> {
    const { url, state } = await this.leading();
    return { ...state.reign, leader: state.leader?.id ?? url, url };
  }

  /** The last things that the leader has decided. @param sinceMs wall clock, milliseconds */
  async events(sinceMs = 0): Promise<readonly TimedEvent[]> {
    const { url } = await this.leading();
    return await this.ask<readonly TimedEvent[]>(`${url}/events?since=${Math.floor(sinceMs)}`);
  }

  /** What the lists were, change by change. */
  async history(): Promise<HistoryView> {
    const { url } = await this.leading();
    return await this.ask<HistoryView>(`${url}/history`);
  }

  /** Changes what is named and nothing else. @returns all settings */
  async configure(changes: Partial<Settings>): Promise<Settings> {
    const { url } = await this.leading();
    return await this.ask<Settings>(`${url}/settings`, 'PATCH', changes);
  }

  async rebalance(): Promise<void> {
    await this.tell('POST', 'rebalance');
  }

  /** Empties a collector, or takes that back. */
  async drain(collector: string, draining = true): Promise<void> {
    await this.tell(draining ? 'POST' : 'DELETE', `collectors/${encodeURIComponent(collector)}/drain`);
  }

  /** Takes an empty collector's nodes away for good. */
  async decommission(collector: string): Promise<void> {
    await this.tell('DELETE', `collectors/${encodeURIComponent(collector)}`);
  }

  /** A source that will not come back; what was collected of it stays. */
  async forget(source: string): Promise<void> {
    await this.tell('DELETE', `sources/${encodeURIComponent(source)}`);
  }

  /** @param address `host:port` of a collector */
  async duties(address: string): Promise<DutiesView> {
    return await this.ask<DutiesView>(`http://${address}/duties`);
  }

  private async tell(method: string, path: string): Promise<void> {
    const { url } = await this.leading();
    await this.ask(`${url}/${path}`, method);
  }

  private async leading(): Promise<{ url: string; state: AllocatorStateView & { reign: ReignView } }> {
    const answers = await Promise.all(
      this.options.allocators.map(async (address) => {
        const url = `http://${address}`;
        const state = await this.ask<AllocatorStateView>(`${url}/state`).catch(() => null);
        return { url, state };
      }),
    );
    for (const { url, state } of answers) {
      if (state?.reign !== undefined) return { url, state: { ...state, reign: state.reign } };
    }
    const heard = answers.filter(({ state }) => state !== null).length;
    const tried = this.options.allocators.join(', ');
    throw new LogsError('LOGS_NOT_LEADER', `expected a leading allocator among ${tried}; ${heard} answered`, true);
  }

  private async ask<T>(url: string, method = 'GET', body?: unknown): Promise<T> {
    const response = await fetch(url, {
      method,
      signal: AbortSignal.timeout(this.options.timeoutMs ?? TIMEOUT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    }).catch((cause: unknown) => {
      throw new LogsError('LOGS_AGENT_UNREACHABLE', `${url}: ${reason(cause)}`, true, { cause });
    });
    const text = await response.text();
    if (response.ok) return (text === '' ? undefined : JSON.parse(text)) as T;
    const { code, message } = parseError(text);
    throw new LogsError(
      code ?? 'LOGS_BAD_REQUEST',
      message ?? `${url} answered ${response.status}`,
      response.status >= 500,
    );
  }
}

function reason(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.cause instanceof Error ? cause.cause.message : cause.message;
}

function parseError(text: string): { readonly code?: LogsErrorCode; readonly message?: string } {
  try {
    return JSON.parse(text) as { code?: LogsErrorCode; message?: string };
  } catch {
    return {};
  }
}
