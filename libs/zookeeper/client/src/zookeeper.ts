/** The way in: `ZooKeeper.connect()`. */
import type { ClientLogger, ConnectOptions, ZooKeeperClient } from './api.js';
import { Client } from './client.js';
import { formatServer, parseConnectString } from './connect-string.js';
import type { DriverFeature } from './driver.js';
import { protocolDriver } from './drivers/protocol/index.js';
import { ZkAbortedError, ZkAuthFailedError, ZkConnectError, ZooKeeperError } from './errors.js';

const DEFAULT_CONNECT_TIMEOUT_MS = 15_000;
const DEFAULT_CALL_TIMEOUT_MS = 30_000;
const DEFAULT_MAX_PENDING_CALLS = 10_000;
/** The server's own default: jute.maxbuffer. */
const DEFAULT_MAX_REQUEST_BYTES = 0xfffff;
const DEFAULT_MAX_REPLY_BYTES = 64 * 1024 * 1024;

const silent: ClientLogger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

export const ZooKeeper = {
  /**
   * Connects and waits for the first session (and for the credentials to be accepted).
   *
   * @throws ZooKeeperError `ZK_CONNECT_STRING`, `ZK_INVALID_ARGUMENT`: a mistake in the options
   * @throws ZkConnectError no server gave a session in `connectTimeoutMs`; it says what was tried
   * @throws ZkAuthFailedError the server refused the credentials
   * @throws ZkAbortedError the signal fired
   */
  connect,
} as const;

async function connect(options: ConnectOptions): Promise<ZooKeeperClient> {
  const { servers, chroot } = parseConnectString(options.connect);
  const sessionTimeoutMs = positive('sessionTimeoutMs', options.sessionTimeoutMs);
  const connectTimeoutMs = positive('connectTimeoutMs', options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS);
  const driverFactory = options.driver ?? protocolDriver;
  const need = (feature: DriverFeature): void => {
    if (driverFactory.features.has(feature)) return;
    throw new ZooKeeperError('ZK_UNIMPLEMENTED', `the driver ${driverFactory.driverName} has no ${feature}`);
  };
  if (options.tls !== undefined) need('tls');
  if (options.sasl !== undefined) need('sasl');
  if (options.canBeReadOnly === true) need('read-only');
  const client = new Client({
    servers,
    chroot,
    sessionTimeoutMs,
    callTimeoutMs: positive('callTimeoutMs', options.callTimeoutMs ?? DEFAULT_CALL_TIMEOUT_MS),
    maxPendingCalls: positive('maxPendingCalls', options.maxPendingCalls ?? DEFAULT_MAX_PENDING_CALLS),
    maxRequestBytes: positive('maxRequestBytes', options.maxRequestBytes ?? DEFAULT_MAX_REQUEST_BYTES),
    driverFactory,
    transport: {
      maxReplyBytes: positive('maxReplyBytes', options.maxReplyBytes ?? DEFAULT_MAX_REPLY_BYTES),
      canBeReadOnly: options.canBeReadOnly ?? false,
      tls: options.tls ?? null,
      sasl: options.sasl ?? null,
    },
    logger: options.logger ?? silent,
    tracer: options.tracer ?? null,
    followConfig: options.followConfig ?? false,
    now: () => performance.now(),
    random: Math.random,
  });
  await firstSession(client, options, connectTimeoutMs, servers.map(formatServer));
  return client;
}

function firstSession(
  client: Client,
  { signal, auth = [] }: ConnectOptions,
  connectTimeoutMs: number,
  servers: readonly string[],
): Promise<void> {
  if (signal?.aborted) return Promise.reject(aborted(signal));
  const startedMs = performance.now();
  return new Promise((resolve, reject) => {
    const settle = (error: Error | null): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      off();
      if (error === null) return resolve();
      client.abandon('connect-failed');
      reject(error);
    };
    const onAbort = (): void => settle(aborted(signal!));
    const timer = setTimeout(() => {
      settle(connectError(client, servers, Math.round(performance.now() - startedMs)));
    }, connectTimeoutMs);
    const off = client.on('state', ({ state, reason }) => {
      if (state === 'connected' || state === 'read-only') settle(null);
      else if (reason === 'auth-failed') settle(authError(client));
    });
    signal?.addEventListener('abort', onAbort, { once: true });
    client.start(auth);
  });
}

function connectError(client: Client, servers: readonly string[], elapsedMs: number): ZkConnectError {
  const attempts = client.attempts;
  const tried = attempts.map(({ server, tries, problem }) => `${server} ${tries} times (${problem})`);
  const untried = servers.filter((server) => attempts.every((attempt) => attempt.server !== server));
  const parts = [...tried, ...untried.map((server) => `${server} without an answer so far`)];
  return new ZkConnectError(`no session in ${elapsedMs} ms; tried ${parts.join(', ')}`, attempts, elapsedMs);
}

function authError({ refusedCredentials }: Client): ZkAuthFailedError {
  return new ZkAuthFailedError(`connect: the server refused the credentials (${refusedCredentials})`);
}

function aborted(signal: AbortSignal): ZkAbortedError {
  return new ZkAbortedError('connect: aborted before there was a session', { cause: signal.reason as unknown });
}

function positive(name: string, value: number): number {
  if (Number.isInteger(value) && value > 0 && value <= 0x7fffffff) return value;
  throw new ZooKeeperError('ZK_INVALID_ARGUMENT', `expected ${name} as a positive whole number, got ${value}`);
}
