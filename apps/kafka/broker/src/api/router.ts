/** From a frame to a handler and back: which APIs there are, in which versions, and what happens to what is none of them. */
import {
  type Api,
  apiVersionsApi,
  ErrorCode,
  KafkaDecodeError,
  Reader,
  readRequest,
  readRequestHeader,
  type RequestHeader,
  saslAuthenticateApi,
  saslHandshakeApi,
  writeResponse,
} from '@menagerie/kafka-protocol';

import type { Guards } from '../guards/guard.js';
import type { Answer, Dispatch } from '../net/connection.js';
import type { ConnectionInfo, RequestContext } from '../net/request-context.js';

/** Null: the client wants no answer. What it throws closes the connection, so it answers with error codes instead. */
export type Handler<Q, R> = (request: Q, context: RequestContext) => R | null | Promise<R | null>;

interface Route {
  readonly api: Api<unknown, unknown>;
  readonly handle: Handler<unknown, unknown>;
}

export interface RouteObserver {
  (api: string, tookMs: number): void;
}

export class Router {
  private readonly routes = new Map<number, Route>();

  /**
   * @param observe told of each request that was answered
   * @param guards stand before the handlers; null when everybody may do everything
   */
  constructor(
    private readonly observe: RouteObserver = () => undefined,
    private readonly guards: Guards | null = null,
  ) {
    this.on(apiVersionsApi, () => this.versions(ErrorCode.NONE));
    // What authenticates is answered before anything gets here: whoever asks here is known already, or on a listener without.
    this.on(saslHandshakeApi, () => ({ errorCode: ErrorCode.ILLEGAL_SASL_STATE, mechanisms: [] }));
    this.on(saslAuthenticateApi, () => ({
      errorCode: ErrorCode.ILLEGAL_SASL_STATE,
      errorMessage: 'SaslAuthenticate request received after successful authentication',
      authBytes: Buffer.alloc(0),
      sessionLifetimeMs: 0,
    }));
  }

  /** Offers an API: what is not here is not advertised. */
  on<Q, R>(api: Api<Q, R>, handle: Handler<Q, R>): this {
    const guarded = this.guards === null ? handle : this.guards.around(api, handle);
    this.routes.set(api.key, { api: api as Api<unknown, unknown>, handle: guarded as Handler<unknown, unknown> });
    return this;
  }

  private versions(errorCode: ErrorCode) {
    const apiKeys = [...this.routes.values()]
      .map(({ api }) => ({ apiKey: api.key, minVersion: api.minVersion, maxVersion: api.maxVersion }))
      .sort((a, b) => a.apiKey - b.apiKey);
    return { errorCode, apiKeys, throttleTimeMs: 0 };
  }

  readonly dispatch: Dispatch = (payload, connection, signal) => {
    const reader = new Reader(payload);
    const header = readRequestHeader(reader);
    const route = this.routes.get(header.apiKey);
    if (route === undefined) throw new KafkaDecodeError(`expected an API key we know, got ${header.apiKey}`);
    const { api } = route;
    const { apiVersion, correlationId } = header;
    if (apiVersion < api.minVersion || apiVersion > api.maxVersion) {
      // Only this one may be asked in a version that we do not know: by the answer the client learns what we do (KIP-511).
      if (api.key !== apiVersionsApi.key) {
        throw new KafkaDecodeError(
          `expected ${api.name} of version ${api.minVersion} to ${api.maxVersion}, got ${apiVersion}`,
        );
      }
      return writeResponse(apiVersionsApi, 0, correlationId, this.versions(ErrorCode.UNSUPPORTED_VERSION));
    }
    return this.handle(route, header, readRequest(api, apiVersion, reader), connection, signal);
  };

  private handle(
    { api, handle }: Route,
    header: RequestHeader,
    request: unknown,
    connection: ConnectionInfo,
    signal: AbortSignal,
  ): Answer | Promise<Answer> {
    const started = performance.now();
    const answered = (response: unknown): Answer => {
      this.observe(api.name, performance.now() - started);
      return response === null ? null : writeResponse(api, header.apiVersion, header.correlationId, response);
    };
    const response = handle(request, { header, connection, signal });
    return response instanceof Promise ? response.then(answered) : answered(response);
  }
}
