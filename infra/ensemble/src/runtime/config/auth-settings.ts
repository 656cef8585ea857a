/** Who may prove to be whom, and how. Source: ProviderRegistry.java, AuthenticationHelper.java, ZooKeeperSaslServer.java. */
import { getHashes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseLogins } from './login-config.js';
import type { Settings } from './settings.js';
import type { AuthConfig, SaslLogins } from './types.js';

const PROVIDERS = 'org.apache.zookeeper.server.auth.';
const DEFAULT_SECTION = 'Server';

/** @param hasTls a client can show a certificate */
export function parseAuth(settings: Settings, hasTls: boolean): AuthConfig {
  const schemes = new Set(['ip']);
  const digestEnabled = settings.boolean('DigestAuthenticationProvider.enabled') ?? true;
  if (digestEnabled) schemes.add('digest');
  if (hasTls) schemes.add('x509');
  for (const { key, value } of settings.startingWith('authProvider.')) schemes.add(schemeOf(settings, key, value));
  const authProvider = settings.name('ssl.authProvider');
  if (authProvider !== null && authProvider !== 'x509') {
    throw settings.problem('ssl.authProvider', `expected x509, found ${JSON.stringify(authProvider)}`);
  }
  return {
    superDigest: settings.name('DigestAuthenticationProvider.superDigest'),
    digestAlgorithm: parseAlgorithm(settings),
    digestEnabled,
    x509: schemes.has('x509') ? { superUser: settings.name('X509AuthenticationProvider.superUser') } : null,
    saslAcls: schemes.has('sasl') ? { anyUserMayActAs: settings.name('letAnySaslUserDoX') } : null,
    saslLogins: parseSasl(settings),
    enforcedSchemes: parseEnforced(settings, schemes),
  };
}

function schemeOf(settings: Settings, key: string, value: string): string {
  const known: Readonly<Record<string, string>> = {
    [`${PROVIDERS}SASLAuthenticationProvider`]: 'sasl',
    [`${PROVIDERS}X509AuthenticationProvider`]: 'x509',
    [`${PROVIDERS}DigestAuthenticationProvider`]: 'digest',
    [`${PROVIDERS}IPAuthenticationProvider`]: 'ip',
  };
  const scheme = known[value];
  if (scheme !== undefined) return scheme;
  throw settings.problem(key, `expected ${Object.keys(known).join(' or ')}, found ${value}`);
}

/** Java's name of a hash (`SHA-256`) as Node's crypto calls it. */
function parseAlgorithm(settings: Settings): string {
  const key = 'DigestAuthenticationProvider.digestAlg';
  const name = settings.name(key);
  if (name === null) return 'sha1';
  const algorithm = name.toLowerCase().replace(/^sha-(?=[0-9]+$)/, 'sha');
  if (getHashes().includes(algorithm)) return algorithm;
  throw settings.problem(key, `expected a hash that this machine has, such as SHA-256, found ${JSON.stringify(name)}`);
}

function parseSasl(settings: Settings): SaslLogins | null {
  const section = settings.name('sasl.serverconfig');
  const file = settings.name('java.security.auth.login.config');
  const superPassword = settings.name('SASLAuthenticationProvider.superPassword');
  const superUsers = settings
    .startingWith('superUser')
    .filter(({ key }) => key === 'superUser' || key.startsWith('superUser.'))
    .map(({ value }) => value);
  const allowFailedClients = settings.boolean('allowSaslFailedClients') ?? false;
  if (file === null) {
    if (section === null) return null;
    throw settings.problem('sasl.serverconfig', 'expected java.security.auth.login.config as well, it is not set');
  }
  const passwords = parseLogins(resolve(file), readLogins(settings, file), section ?? DEFAULT_SECTION);
  if (passwords === null) {
    if (section === null) return null;
    throw settings.problem('sasl.serverconfig', `expected a section ${section} in ${file}, found none`);
  }
  // The password of `super` may stand outside the file, for a user that the file knows.
  const replaced = superPassword !== null && passwords.has('super');
  return {
    passwords: replaced ? new Map([...passwords, ['super', superPassword]]) : passwords,
    superUsers,
    allowFailedClients,
  };
}

function readLogins(settings: Settings, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw settings.problem('java.security.auth.login.config', `expected a file, found ${(error as Error).message}`);
  }
}

function parseEnforced(settings: Settings, available: ReadonlySet<string>): readonly string[] | null {
  const key = 'enforce.auth.schemes';
  const isEnforced = settings.boolean('enforce.auth.enabled') ?? false;
  const text = settings.text(key);
  if (settings.boolean('sessionRequireClientSASLAuth') === true) {
    if (available.has('sasl')) return ['sasl'];
    const provider = `authProvider.1=${PROVIDERS}SASLAuthenticationProvider`;
    throw settings.problem('sessionRequireClientSASLAuth', `expected ${provider} as well, it is not set`);
  }
  if (!isEnforced) return null;
  const schemes = (text ?? '').split(',').map((scheme) => scheme.trim());
  if (text === null || schemes.includes('')) {
    throw settings.problem('enforce.auth.enabled', `expected ${key} as well, with a scheme or several`);
  }
  const strange = schemes.find((scheme) => !available.has(scheme));
  if (strange === undefined) return schemes;
  throw settings.problem(key, `expected schemes that are there (${[...available].join(', ')}), found ${strange}`);
}
