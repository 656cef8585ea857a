/**
 * The `ssl.` and `ssl.quorum.` keys: certificates, whom to trust, and what a handshake may be like.
 * Source: X509Util.java, SSLContextAndOptions.java.
 */
import { readFileSync } from 'node:fs';
import { getCiphers } from 'node:tls';
import type { Settings } from './settings.js';
import type { KeyStoreConfig, StoreType, TlsConfig, TlsVersion } from './tls-types.js';

const DETECTION_TIMEOUT_MS = 5000;
const VERSIONS: readonly TlsVersion[] = ['TLSv1.2', 'TLSv1.3'];
const STORE_TYPES: readonly StoreType[] = ['JKS', 'PEM', 'PKCS12'];
const TYPE_BY_EXTENSION: Readonly<Record<string, StoreType>> = { jks: 'JKS', pem: 'PEM', p12: 'PKCS12' };

/**
 * @param prefix `ssl.` of the client port, `ssl.quorum.` between servers
 * @throws ConfigError
 */
export function parseTls(settings: Settings, prefix: 'ssl.' | 'ssl.quorum.'): TlsConfig {
  for (const key of [`${prefix}crl`, `${prefix}ocsp`]) {
    if (settings.boolean(key) === true) throw settings.problem(key, 'expected false, this server does not look it up');
  }
  const supplier = `${prefix}context.supplier.class`;
  if (settings.has(supplier)) throw settings.problem(supplier, 'expected it not to be set, it names a Java class');
  const keyStore = parseStore(settings, `${prefix}keyStore`);
  if (keyStore === null) throw settings.missing(`${prefix}keyStore.location`, 'the key and certificate of this server');
  const hostnameVerification = settings.boolean(`${prefix}hostnameVerification`) ?? true;
  // Clients come from anywhere; servers come from where their certificates say, unless told otherwise.
  const clientHosts = settings.boolean(`${prefix}clientHostnameVerification`) ?? prefix === 'ssl.quorum.';
  return {
    keyStore,
    trustStore: parseStore(settings, `${prefix}trustStore`),
    versions: parseVersions(settings, prefix),
    ciphers: parseCiphers(settings, `${prefix}ciphersuites`),
    clientAuth: settings.choice(`${prefix}clientAuth`, ['need', 'want', 'none']) ?? 'need',
    hostnameVerification,
    clientHostnameVerification: hostnameVerification && clientHosts,
    detectionTimeoutMs:
      settings.integer(`${prefix}handshakeDetectionTimeoutMillis`, { min: 1 }) ?? DETECTION_TIMEOUT_MS,
  };
}

function parseStore(settings: Settings, prefix: string): KeyStoreConfig | null {
  const location = settings.name(`${prefix}.location`);
  const passwordPath = settings.name(`${prefix}.passwordPath`);
  const inline = settings.text(`${prefix}.password`) ?? '';
  const type = settings.choice(`${prefix}.type`, STORE_TYPES);
  if (location === null) return null;
  const extension = location.toLowerCase().split('.').at(-1)!;
  const found = type ?? TYPE_BY_EXTENSION[extension];
  if (found === undefined) {
    throw settings.problem(`${prefix}.location`, `expected a .pem, .p12 or .jks file or ${prefix}.type`);
  }
  const password = passwordPath === null ? inline : readSecret(settings, `${prefix}.passwordPath`, passwordPath);
  return { location, type: found, password };
}

/** One line, as an editor leaves it. */
function readSecret(settings: Settings, key: string, path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw settings.problem(key, `expected a file with a password, found ${(error as NodeJS.ErrnoException).code}`);
  }
}

function parseVersions(settings: Settings, prefix: string): { min: TlsVersion; max: TlsVersion } {
  const key = settings.has(`${prefix}enabledProtocols`) ? `${prefix}enabledProtocols` : `${prefix}protocol`;
  const text = settings.name(key);
  if (text === null || text === 'TLS') return { min: 'TLSv1.2', max: 'TLSv1.3' };
  const wanted = text.split(',').map((version) => version.trim());
  const known = VERSIONS.filter((version) => wanted.includes(version));
  if (known.length === 0 || known.length < wanted.length) {
    throw settings.problem(key, `expected TLSv1.2 or TLSv1.3, found ${JSON.stringify(text)}`);
  }
  return { min: known[0]!, max: known.at(-1)! };
}

/** Java's names are the standard's, OpenSSL has its own for those before TLS 1.3. */
function parseCiphers(settings: Settings, key: string): string | null {
  const text = settings.name(key);
  if (text === null) return null;
  const known = new Set(getCiphers().map((name) => name.toUpperCase()));
  return text
    .split(',')
    .map((name) => name.trim())
    .map((name) => {
      const translated = known.has(name.toUpperCase()) ? name : openSslName(name);
      if (known.has(translated)) return translated;
      throw settings.problem(key, `expected cipher suites that this machine has, found ${JSON.stringify(name)}`);
    })
    .join(':');
}

function openSslName(name: string): string {
  const [exchange, cipher] = name.replace(/^TLS_/, '').split('_WITH_');
  if (cipher === undefined) return name;
  const suite = cipher
    .replace(/^AES_(128|256)_/, 'AES$1_')
    .replace('_CBC_', '_')
    .replaceAll('_', '-');
  return exchange === 'RSA' ? suite : `${exchange!.replaceAll('_', '-')}-${suite}`;
}
