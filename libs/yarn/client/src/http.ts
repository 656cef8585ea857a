/** One call: JSON there, JSON back, checked against its schema, never longer than its deadline. */
import { errorBodySchema, YarnCallError, YarnRequestError } from '@menagerie/yarn-protocol';
import type { z } from 'zod';

export interface CallOptions {
  /** How long one try at one server may take; default 5000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** Sent as `authorization: Bearer`. */
  readonly token?: string | undefined;
}

export interface Call<T> {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly body?: unknown;
  readonly reply: z.ZodType<T>;
}

/** Answers longer than this are refused: no call of ours comes near. */
const MAX_REPLY_BYTES = 64 * 1024 * 1024;
const DEFAULT_TIMEOUT_MS = 5_000;

/**
 * @param address `host:port`
 * @throws YarnRequestError what the server answered; YarnCallError when there was no answer that makes sense
 */
export async function call<T>(address: string, what: Call<T>, options: CallOptions = {}): Promise<T> {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const deadline = AbortSignal.timeout(timeoutMs);
  const where = `${what.method} http://${address}${what.path}`;
  try {
    const response = await fetch(`http://${address}${what.path}`, {
      method: what.method,
      signal: options.signal ? AbortSignal.any([deadline, options.signal]) : deadline,
      redirect: 'error',
      headers: {
        accept: 'application/json',
        ...(what.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      },
      ...(what.body === undefined ? {} : { body: JSON.stringify(what.body) }),
    });
    return await read(response, what.reply, where);
  } catch (error) {
    if (error instanceof YarnRequestError || error instanceof YarnCallError) throw error;
    if (options.signal?.aborted) throw new YarnCallError('YARN_ABORTED', `${where}: given up by the caller`, error);
    if (deadline.aborted) throw new YarnCallError('YARN_TIMEOUT', `${where}: no answer within ${timeoutMs} ms`, error);
    throw new YarnCallError('YARN_UNREACHABLE', `${where}: ${reasonOf(error)}`, error);
  }
}

async function read<T>(response: Response, reply: z.ZodType<T>, where: string): Promise<T> {
  const length = Number(response.headers.get('content-length') ?? 0);
  if (length > MAX_REPLY_BYTES) {
    await response.body?.cancel();
    throw new YarnCallError('YARN_BAD_REPLY', `${where}: expected at most ${MAX_REPLY_BYTES} bytes, got ${length}`);
  }
  const text = await response.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw new YarnCallError(
      'YARN_BAD_REPLY',
      `${where}: expected JSON, got ${JSON.stringify(text.slice(0, 80))}`,
      cause,
    );
  }
  if (!response.ok) {
    const error = errorBodySchema.safeParse(body);
    if (error.success) throw new YarnRequestError(error.data.error.code, error.data.error.message);
    throw new YarnCallError('YARN_BAD_REPLY', `${where}: status ${response.status} without a YARN error in it`);
  }
  const parsed = reply.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new YarnCallError(
    'YARN_BAD_REPLY',
    `${where}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'wrong shape'}`,
  );
}

/** The few words that tell a person why a connection failed: `fetch` hides them in the cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof Error) return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
  return String(cause);
}
