/** What stands between a request and its handler when there is an authorizer: what is not allowed never gets there. */
import type { OperationName, ResourceTypeName } from '@menagerie/kafka-core';
import { CLUSTER_RESOURCE } from '@menagerie/kafka-core';
import {
  type Api,
  apiVersionsApi,
  KafkaDecodeError,
  saslAuthenticateApi,
  saslHandshakeApi,
} from '@menagerie/kafka-protocol';

import type { RequestContext } from '../net/request-context.js';
import type { Authorizer } from '../security/authorizer.js';

export type Outcome<R> = R | null | Promise<R | null>;
export type May = (operation: OperationName, type: ResourceTypeName, name: string) => boolean;
/** Answers for what is not allowed, and hands the rest on. */
export type Guard<Q, R> = (request: Q, may: May, next: (request: Q) => Outcome<R>) => Outcome<R>;

export const mayCluster = (may: May, operation: OperationName): boolean => may(operation, 'Cluster', CLUSTER_RESOURCE);

/** Needed to get so far that there is anybody to ask about. */
const OPEN = new Set([apiVersionsApi.key, saslHandshakeApi.key, saslAuthenticateApi.key]);

export class Guards {
  private readonly guards = new Map<number, Guard<never, never>>();

  constructor(private readonly authorizer: Authorizer) {}

  on<Q, R>(api: Api<Q, R>, guard: Guard<Q, R>): this {
    this.guards.set(api.key, guard as unknown as Guard<never, never>);
    return this;
  }

  /** An API that nobody has thought about is not offered at all. @throws Error */
  around<Q, R>(api: Api<Q, R>, handle: (request: Q, context: RequestContext) => Outcome<R>) {
    if (OPEN.has(api.key)) return handle;
    const guard = this.guards.get(api.key) as unknown as Guard<Q, R> | undefined;
    if (guard === undefined) throw new Error(`expected a guard for ${api.name}, got none`);
    return (request: Q, context: RequestContext): Outcome<R> => {
      const { principal, clientHost } = context.connection;
      const host = clientHost.slice(1);
      const may: May = (operation, type, name) => this.authorizer.may({ principal, host, operation, type, name });
      return guard(request, may, (allowed) => handle(allowed, context));
    };
  }
}

export function then<R>(outcome: Outcome<R>, change: (response: R) => R): Outcome<R> {
  if (outcome instanceof Promise) return outcome.then((response) => (response === null ? null : change(response)));
  return outcome === null ? null : change(outcome);
}

/** Topics of a request: those that may pass are handled, the others answered here. */
export function byTopic<
  Q extends { readonly topics: readonly { readonly name: string }[] },
  R extends { readonly topics: readonly unknown[] },
>(
  request: Q,
  allowed: (topic: Q['topics'][number]) => boolean,
  refuse: (topic: Q['topics'][number]) => NoInfer<R>['topics'][number],
  next: (request: Q) => Outcome<R>,
): Outcome<R> {
  const refused = request.topics.filter((topic) => !allowed(topic));
  if (refused.length === 0) return next(request);
  const passed = { ...request, topics: request.topics.filter((topic) => !refused.includes(topic)) };
  return then(next(passed), (response) => ({ ...response, topics: [...response.topics, ...refused.map(refuse)] }));
}

/** For requests whose answer has no room for a refusal. */
export function closeConnection(why: string): never {
  throw new KafkaDecodeError(`not allowed: ${why}`);
}
