/** What a broker's file says of who may come in: SASL mechanisms, PLAIN's users, TLS stores, the authorizer. */
import { isScram } from '@menagerie/kafka-core';

import type { AuthorizerSettings } from '../security/authorizer.js';
import { jaasKey, plainUsers } from '../security/jaas.js';
import type { Listener } from './listeners.js';

type Properties = Readonly<Record<string, string>>;

const AUTHORIZERS = ['kafka.security.authorizer.AclAuthorizer', 'kafka.security.auth.SimpleAclAuthorizer'];

export interface SecurityConfig {
  readonly mechanisms: readonly string[];
  /** Passwords by user, by listener. */
  readonly plainUsers: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** The `ssl.*` keys: read when a listener needs them. */
  readonly ssl: Properties;
  /** Null: everybody may do everything. */
  readonly authorizer: AuthorizerSettings | null;
}

export interface SecurityProblem {
  readonly key: string;
  readonly message: string;
}

export const usesSasl = ({ securityProtocol }: Listener): boolean => securityProtocol.startsWith('SASL_');
export const usesTls = ({ securityProtocol }: Listener): boolean => securityProtocol.endsWith('SSL');

export function securityConfig(
  properties: Properties,
  listeners: readonly Listener[],
  interBrokerListener: string,
): { readonly config: SecurityConfig; readonly problems: readonly SecurityProblem[] } {
  const problems: SecurityProblem[] = [];
  const wrong = (key: string, message: string) => void problems.push({ key, message });
  const sasl = listeners.filter(usesSasl);
  const mechanisms = (properties['sasl.enabled.mechanisms'] ?? 'GSSAPI').split(',').map((each) => each.trim());
  const stranger = mechanisms.find((each) => each !== 'PLAIN' && !isScram(each));
  if (sasl.length > 0 && stranger !== undefined) {
    wrong('sasl.enabled.mechanisms', `expected PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512, got ${stranger}`);
  }
  const users = new Map<string, ReadonlyMap<string, string>>();
  if (mechanisms.includes('PLAIN')) {
    for (const { name } of sasl) {
      const key = jaasKey(name);
      const found = plainUsers(properties[key] ?? '');
      if (found === null) wrong(key, 'expected ...PlainLoginModule required user_NAME="PASSWORD" ...;');
      else users.set(name, found);
    }
  }
  const inter = listeners.find(({ name }) => name === interBrokerListener);
  if (inter !== undefined && inter.securityProtocol !== 'PLAINTEXT') {
    wrong('inter.broker.listener.name', `expected a PLAINTEXT listener, got ${inter.securityProtocol}`);
  }
  const authorizer = properties['authorizer.class.name'] ?? '';
  if (authorizer !== '' && !AUTHORIZERS.includes(authorizer)) {
    wrong('authorizer.class.name', `expected ${AUTHORIZERS[0]!}, got ${authorizer}`);
  }
  const superUsers = (properties['super.users'] ?? '').split(';').map((each) => each.trim());
  const allowEveryoneIfNoAclFound = properties['allow.everyone.if.no.acl.found']?.toLowerCase() === 'true';
  const config = {
    mechanisms,
    plainUsers: users,
    ssl: Object.fromEntries(Object.entries(properties).filter(([key]) => key.startsWith('ssl.'))),
    authorizer:
      authorizer === '' ? null : { superUsers: superUsers.filter((each) => each !== ''), allowEveryoneIfNoAclFound },
  };
  return { config, problems };
}
