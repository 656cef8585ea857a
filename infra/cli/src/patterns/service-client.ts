/** Questions to a service of the platform over HTTP; what it refuses is one line. */
import { findGroup, type Plan } from '@menagerie/topology';
import { CliError, UsageError } from '../errors.js';

const ANSWER_MS = 15_000;

export class ServiceClient {
  private readonly urls: readonly string[];

  /** @param url instead of those that run in the plan */
  constructor(plan: Plan, group: string, url?: string) {
    const declared = () => findGroup(plan, group).processes.map(({ host, ports }) => `http://${host}:${ports['http']}`);
    this.urls = url === undefined ? declared() : [url.replace(/\/$/, '')];
  }

  /**
   * The first replica that answers is believed.
   * @throws UsageError what was refused as a mistake; CliError what failed, or that nobody answers
   */
  async ask<T>(method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH', path: string, body?: unknown): Promise<T> {
    let last: unknown;
    for (const url of this.urls) {
      let response: Response;
      try {
        response = await fetch(`${url}${path}`, {
          method,
          signal: AbortSignal.timeout(ANSWER_MS),
          ...(body === undefined
            ? {}
            : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
        });
      } catch (error) {
        last = error;
        continue;
      }
      const text = await response.text();
      if (response.ok) return (text === '' ? null : JSON.parse(text)) as T;
      const { code, message } = refusalIn(text);
      if (response.status < 500) throw new UsageError(message);
      throw new CliError(code, message);
    }
    const why = last instanceof Error ? last.message : String(last);
    throw new CliError('CLI_NO_ANSWER', `expected an answer of ${this.urls.join(' or ')}: ${why} (npm start runs it)`);
  }
}

function refusalIn(text: string): { code: string; message: string } {
  try {
    const { code, message } = JSON.parse(text) as { code?: string; message?: string };
    return { code: code ?? 'CLI_REFUSED', message: message ?? text };
  } catch {
    return { code: 'CLI_REFUSED', message: text };
  }
}
