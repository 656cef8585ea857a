/**
 * Commands for those only who may do everything at the root: `snapshot` and `restore` of 3.9, `shed_connections` of the
 * development line. Who somebody is stands in the header `Authorization: <scheme> <credentials>`.
 * Source: Commands.java, AuthRequest.java; StreamOutputter.java.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { RemoteParty } from '../../core/auth/index.js';
import type { AdminConfig } from '../config/index.js';
import { OperatorRequestError } from '../errors.js';
import { type AdminAnswer, answerFields, type Fields, HttpStatus, NOT_SERVING } from './admin-command.js';
import { javaHex } from './java-text.js';
import { RateLimit } from './rate-limit.js';
import type { ServerView } from './server-view.js';

export interface GuardedRequest {
  readonly query: URLSearchParams;
  readonly authorization: string | null;
  readonly from: RemoteParty;
  /** What follows the headers; read only by commands that take a body, from who is allowed. */
  readonly body: Readable;
}

interface GuardedCommand {
  readonly names: readonly [string, ...string[]];
  readonly method: 'GET' | 'POST';
  run(request: GuardedRequest): Promise<AdminAnswer>;
}

/** `{"percentage": 25}` needs less. */
const MAX_JSON_BYTES = 4096;

export class GuardedCommands {
  private readonly snapshots: RateLimit;
  private readonly restores: RateLimit;
  private readonly byName: ReadonlyMap<string, GuardedCommand>;

  constructor(
    private readonly config: AdminConfig,
    private readonly view: ServerView,
  ) {
    const limit = (): RateLimit => new RateLimit(1, config.rateLimitIntervalMs, () => view.nowMs);
    this.snapshots = limit();
    this.restores = limit();
    const commands: GuardedCommand[] = [
      { names: ['restore', 'rest'], method: 'POST', run: (request) => this.restore(request) },
      { names: ['shed_connections', 'shed'], method: 'POST', run: (request) => this.shed(request) },
      { names: ['snapshot', 'snap'], method: 'GET', run: (request) => this.snapshot(request) },
    ];
    this.byName = new Map(commands.flatMap((one) => one.names.map((name) => [name, one] as const)));
  }

  get primaryNames(): string[] {
    return [...new Set([...this.byName.values()].map(({ names }) => names[0]))];
  }

  /** Null if there is no such command. */
  methodOf(name: string): 'GET' | 'POST' | null {
    return this.byName.get(name)?.method ?? null;
  }

  /** Precondition: `methodOf(name)` is not null. */
  async run(name: string, request: GuardedRequest): Promise<AdminAnswer> {
    const command = this.byName.get(name)!;
    if (this.view.mode === null) return answer(name, HttpStatus.ok, { error: NOT_SERVING });
    const refused = this.judge(request);
    if (refused !== null) return answer(name, refused.status, { error: refused.error });
    const done = await command.run(request);
    return { ...done, fields: answerFields(command.names[0], done.fields) };
  }

  private judge({ authorization, from }: GuardedRequest): { status: number; error: string } | null {
    if (authorization === null)
      return { status: HttpStatus.unauthorized, error: 'Auth info is missing for the command' };
    const parts = authorization.split(' ');
    const [scheme, credentials = null] = parts as [string, string?];
    const isForm = parts.length === 1 || parts.length === 2;
    const bytes = credentials === null ? null : Buffer.from(credentials, 'utf8');
    const verdict = isForm ? this.view.judge(scheme, bytes, from) : 'notAuthenticated';
    if (verdict === 'notAuthenticated') return { status: HttpStatus.unauthorized, error: 'Not authenticated' };
    return verdict === 'allowed' ? null : { status: HttpStatus.forbidden, error: 'Not authorized' };
  }

  private async snapshot({ query }: GuardedRequest): Promise<AdminAnswer> {
    if (!this.config.snapshotEnabled) return failed(HttpStatus.unavailable, 'admin.snapshot.enabled is false');
    const { counts } = this.view;
    if (!this.snapshots.allow()) {
      counts.snapshotsRateLimited++;
      return this.tooSoon();
    }
    const taken = await this.view.controls.takeSnapshot();
    if (taken === null) {
      counts.snapshotErrors++;
      return failed(HttpStatus.serverError, 'no snapshot could be taken, others are running');
    }
    const { size } = await stat(taken.path);
    const headers = { last_zxid: `0x${javaHex(taken.zxid)}`, snapshot_size: String(size) };
    const isStreaming = (query.get('streaming') ?? 'true').toLowerCase() === 'true';
    if (!isStreaming) return { status: HttpStatus.ok, fields: {}, headers };
    return { status: HttpStatus.ok, fields: {}, headers, stream: { body: createReadStream(taken.path), bytes: size } };
  }

  private async restore({ body }: GuardedRequest): Promise<AdminAnswer> {
    if (!this.config.restoreEnabled) return failed(HttpStatus.unavailable, 'admin.restore.enabled is false');
    const { counts } = this.view;
    if (!this.restores.allow()) {
      counts.restoresRateLimited++;
      return this.tooSoon();
    }
    try {
      return { status: HttpStatus.ok, fields: { last_zxid: await this.view.controls.restore(body) } };
    } catch (error) {
      counts.restoreErrors++;
      return failed(HttpStatus.serverError, (error as Error).message);
    }
  }

  private async shed({ body }: GuardedRequest): Promise<AdminAnswer> {
    try {
      const percentage = percentageOf(await readJson(body));
      const shed = this.view.controls.shed(percentage / 100);
      return { status: HttpStatus.ok, fields: { connections_shed: shed, percentage_requested: percentage } };
    } catch (error) {
      if (!(error instanceof OperatorRequestError)) throw error;
      return failed(HttpStatus.badRequest, error.message);
    }
  }

  private tooSoon(): AdminAnswer {
    return failed(HttpStatus.tooManyRequests, `expected one in ${this.config.rateLimitIntervalMs} ms`);
  }
}

async function readJson(body: Readable): Promise<unknown> {
  let text = '';
  for await (const chunk of body) {
    text += (chunk as Buffer).toString('utf8');
    if (text.length > MAX_JSON_BYTES) throw new OperatorRequestError(`expected at most ${MAX_JSON_BYTES} bytes`);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new OperatorRequestError(`Invalid JSON or failed to read request body: ${(error as Error).message}`);
  }
}

function percentageOf(value: unknown): number {
  const percentage = typeof value === 'object' && value !== null ? (value as Fields)['percentage'] : undefined;
  if (percentage === undefined) throw new OperatorRequestError('Missing required field: percentage');
  const isWhole = typeof percentage === 'number' && Number.isInteger(percentage);
  if (isWhole && percentage >= 0 && percentage <= 100) return percentage;
  throw new OperatorRequestError('Percentage must be between 0 and 100');
}

const answer = (name: string, status: number, fields: Fields): AdminAnswer => ({
  status,
  fields: answerFields(name, fields),
});
const failed = (status: number, error: string): AdminAnswer => ({ status, fields: { error } });
