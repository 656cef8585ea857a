/**
 * The client's side of SASL DIGEST-MD5, with authentication only (qop=auth). Pure: chance is an argument.
 * Source: RFC 2831; what Apache's servers expect: SaslServerCallbackHandler, SecurityUtils.createSaslClient.
 *
 *   client                    server
 *   (empty)               ->
 *                         <-  realm, nonce, algorithm, charset
 *   username, response    ->
 *                         <-  rspauth: proves that the server knows the password too
 */
import { createHash } from 'node:crypto';
import type { SaslOptions } from '../../../security.js';
import { parseDirectives, quoted } from './directives.js';

const DEFAULT_SERVICE = 'zookeeper';
const DEFAULT_SERVER = 'zk-sasl-md5';
const NONCE_COUNT = '00000001';
const QOP = 'auth';

/** What the other side said is not DIGEST-MD5, or not with this password. */
export class SaslFault extends Error {}

export class DigestMd5 {
  readonly #options: SaslOptions;
  readonly #cnonce: string;
  #expectedRspauth: string | null = null;

  /** @param cnonce unguessable, new for each exchange; 64 bits at least (RFC 2831 2.1.2) */
  constructor(options: SaslOptions, cnonce: string) {
    this.#options = options;
    this.#cnonce = cnonce;
  }

  /** The answer to the server's challenge. @throws SaslFault */
  respond(challenge: Buffer): Buffer {
    const directives = parseDirectives(challenge.toString('utf8'));
    const nonce = directives.get('nonce');
    const algorithm = directives.get('algorithm');
    if (nonce === undefined || algorithm !== 'md5-sess') {
      throw new SaslFault(`expected a challenge with a nonce and algorithm md5-sess, got algorithm ${algorithm}`);
    }
    const offered = directives.get('qop')?.split(',') ?? [QOP];
    if (!offered.some((each) => each.trim() === QOP))
      throw new SaslFault(`expected the server to offer qop ${QOP}, it offers ${offered.join(', ')}`);
    const { username, password, serviceName = DEFAULT_SERVICE, serverName = DEFAULT_SERVER } = this.#options;
    const realm = directives.get('realm') ?? '';
    const uri = `${serviceName}/${serverName}`;
    const sessionKey = hex([
      md5([hashed(username), ':', hashed(realm), ':', hashed(password)]),
      `:${nonce}:${this.#cnonce}`,
    ]);
    const prove = (method: string): string =>
      hex([`${sessionKey}:${nonce}:${NONCE_COUNT}:${this.#cnonce}:${QOP}:${hex([`${method}:${uri}`])}`]);
    this.#expectedRspauth = prove('');
    const fields = [
      ...(directives.get('charset') === 'utf-8' ? ['charset=utf-8'] : []),
      `username=${quoted(username)}`,
      `realm=${quoted(realm)}`,
      `nonce=${quoted(nonce)}`,
      `nc=${NONCE_COUNT}`,
      `cnonce=${quoted(this.#cnonce)}`,
      `digest-uri=${quoted(uri)}`,
      'maxbuf=65536',
      `response=${prove('AUTHENTICATE')}`,
      `qop=${QOP}`,
    ];
    return Buffer.from(fields.join(','), 'utf8');
  }

  /** @throws SaslFault when the server does not know the password either */
  verify(last: Buffer): void {
    const rspauth = parseDirectives(last.toString('utf8')).get('rspauth');
    if (this.#expectedRspauth === null || rspauth !== this.#expectedRspauth)
      throw new SaslFault('expected the server to prove that it knows the password, its proof is wrong');
  }
}

/** Text that fits ISO 8859-1 is hashed in it, whatever the charset (RFC 2831 2.1.2.1). */
function hashed(text: string): Buffer {
  return Buffer.from(text, /^[\u0000-\u00ff]*$/.test(text) ? 'latin1' : 'utf8');
}

function md5(parts: readonly (string | Buffer)[]): Buffer {
  const hash = createHash('md5');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function hex(parts: readonly (string | Buffer)[]): string {
  return md5(parts).toString('hex');
}
