/** A service in a test: its process, and questions to it over HTTP. */
import type { TestProcess } from '../test-process.js';

const ANSWER_MS = 20_000;

export interface Answer {
  readonly status: number;
  /** What was answered as JSON, or as text when it is none. */
  // What a service answers is the test's business; it says what it expects.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
}

export class TestService {
  constructor(readonly process: TestProcess) {}

  get id(): string {
    return this.process.id;
  }

  get url(): string {
    return `http://${this.process.address}`;
  }

  /** @throws TypeError when nobody answers. A refusal is an answer. */
  async ask(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      signal: AbortSignal.timeout(ANSWER_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    try {
      return { status: response.status, body: text === '' ? null : (JSON.parse(text) as unknown) };
    } catch {
      return { status: response.status, body: text };
    }
  }

  /** What is answered. @throws Error with the refusal */
  async get(path: string): Promise<Answer['body']> {
    return this.expectOk('GET', path, await this.ask('GET', path));
  }

  async post(path: string, body: unknown = {}): Promise<Answer['body']> {
    return this.expectOk('POST', path, await this.ask('POST', path, body));
  }

  async put(path: string, body: unknown = {}): Promise<Answer['body']> {
    return this.expectOk('PUT', path, await this.ask('PUT', path, body));
  }

  private expectOk(method: string, path: string, { status, body }: Answer): Answer['body'] {
    if (status >= 200 && status < 300) return body;
    throw new Error(`${this.id}: ${method} ${path}: ${status} ${JSON.stringify(body)}`);
  }
}
