/** What a command of the AdminServer is. Source: Command.java, CommandResponse.java. */
import type { Readable } from 'node:stream';
import type { Json } from './json.js';
import type { ServerView } from './server-view.js';

export type Fields = Readonly<Record<string, Json>>;

/** Asked with GET, of anybody. */
export interface AdminCommand {
  /** The first is the one it is listed under. */
  readonly names: readonly [string, ...string[]];
  readonly needsServing: boolean;
  run(view: ServerView, query: URLSearchParams): Fields;
}

export interface AdminAnswer {
  readonly status: number;
  readonly fields: Fields;
  readonly headers?: Readonly<Record<string, string>>;
  /** In place of the fields. Taken to its end or destroyed by who answers. */
  readonly stream?: { readonly body: Readable; readonly bytes: number };
}

export const HttpStatus = {
  ok: 200,
  badRequest: 400,
  unauthorized: 401,
  forbidden: 403,
  notFound: 404,
  methodNotAllowed: 405,
  tooManyRequests: 429,
  serverError: 500,
  unavailable: 503,
} as const;

export const NOT_SERVING = 'This ZooKeeper instance is not currently serving requests';

/** @param name the primary one, or what was asked for if it came to nothing */
export const answerFields = (name: string, fields: Fields): Fields => ({
  ...fields,
  command: name,
  error: fields['error'] ?? null,
});
