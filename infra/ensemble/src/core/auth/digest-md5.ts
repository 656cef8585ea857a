/**
 * SASL DIGEST-MD5, the server's half, for one connection: a challenge, the client's answer, a proof that the server
 * knows the password too. Source: RFC 2831; ZooKeeperSaslServer.java for realm and service.
 *
 *   challenge --any token--> response --right answer--> over
 *                                '--------any other-------^
 */
import { createHash, timingSafeEqual } from 'node:crypto';

export const SASL_REALM = 'zk-sasl-md5';
const DIGEST_URI = 'zookeeper/zk-sasl-md5';
/** Of the client's answer; RFC 2831, section 2.1.2. */
const MAX_RESPONSE_BYTES = 4096;
/** The first use of a nonce, whatever the client says: there is no second, since each connection has its own. */
const FIRST_USE = '00000001';

export type SaslStep =
  | { readonly kind: 'continue'; readonly token: Buffer }
  | { readonly kind: 'done'; readonly token: Buffer; readonly user: string }
  /** The reason is for the log: it names no secret, and the client gets none. */
  | { readonly kind: 'failed'; readonly reason: string };

export class DigestMd5Server {
  private state: 'challenge' | 'response' | 'over' = 'challenge';

  /**
   * @param nonce new for each connection, not to be guessed, of characters that need no quoting
   * @param passwordOf null for a user that nobody has heard of
   */
  constructor(
    private readonly nonce: string,
    private readonly passwordOf: (user: string) => string | null,
  ) {}

  evaluate(token: Buffer): SaslStep {
    if (token.length > MAX_RESPONSE_BYTES) return this.fail(`expected at most ${MAX_RESPONSE_BYTES} bytes`);
    if (this.state === 'challenge') {
      this.state = 'response';
      const text = `realm="${SASL_REALM}",nonce="${this.nonce}",charset=utf-8,algorithm=md5-sess`;
      return { kind: 'continue', token: Buffer.from(text) };
    }
    if (this.state === 'over') return this.fail('expected no token any more');
    this.state = 'over';
    return this.verify(token);
  }

  private verify(token: Buffer): SaslStep {
    const fields = parseDirectives(token);
    if (fields === null) return this.fail('expected directives of the form name=value');
    const text = (name: string): string | null => {
      const bytes = fields.get(name);
      return bytes === undefined ? null : bytes.toString(fields.has('charset') ? 'utf8' : 'latin1');
    };
    const user = text('username');
    const realm = text('realm') ?? '';
    const cnonce = text('cnonce');
    const qop = text('qop') ?? 'auth';
    if (user === null || cnonce === null) return this.fail('expected a username and a cnonce');
    if (realm !== '' && realm !== SASL_REALM) return this.fail(`expected the realm ${SASL_REALM}`);
    if (text('nonce') !== this.nonce) return this.fail('expected the nonce of this connection');
    if (qop !== 'auth') return this.fail('expected the quality of protection "auth"');
    if (text('digest-uri') !== DIGEST_URI) return this.fail(`expected the digest-uri ${DIGEST_URI}`);
    const password = this.passwordOf(user);
    const exchange = { user, realm, password: password ?? '', nonce: this.nonce, cnonce, authzid: text('authzid') };
    const given = Buffer.from(text('response') ?? '', 'latin1');
    const expected = Buffer.from(responseValue(exchange, 'AUTHENTICATE'), 'latin1');
    const isRight = given.length === expected.length && timingSafeEqual(given, expected);
    // An unknown user costs the same work and gets the same answer as a wrong password.
    if (!isRight || password === null) return this.fail('unknown user or wrong password');
    return { kind: 'done', user, token: Buffer.from(`rspauth=${responseValue(exchange, '')}`) };
  }

  private fail(reason: string): SaslStep {
    this.state = 'over';
    return { kind: 'failed', reason };
  }
}

export interface DigestExchange {
  readonly user: string;
  readonly realm: string;
  readonly password: string;
  readonly nonce: string;
  readonly cnonce: string;
  readonly authzid: string | null;
}

/** @param method `AUTHENTICATE` for the client's answer, nothing for the server's. RFC 2831, section 2.1.2.1. */
export function responseValue(exchange: DigestExchange, method: 'AUTHENTICATE' | ''): string {
  const { user, realm, password, nonce, cnonce, authzid } = exchange;
  const secret = md5(latin1IfPossible(`${user}:${realm}:${password}`));
  const session = Buffer.from(`:${nonce}:${cnonce}${authzid === null ? '' : `:${authzid}`}`, 'utf8');
  const a1 = hex(Buffer.concat([secret, session]));
  const a2 = hex(Buffer.from(`${method}:${DIGEST_URI}`, 'utf8'));
  return hex(Buffer.from(`${a1}:${nonce}:${FIRST_USE}:${cnonce}:auth:${a2}`, 'utf8'));
}

const md5 = (bytes: Buffer): Buffer => createHash('md5').update(bytes).digest();
const hex = (bytes: Buffer): string => md5(bytes).toString('hex');

/** Names and passwords that fit into ISO 8859-1 are hashed in it, whatever the charset on the wire. */
function latin1IfPossible(text: string): Buffer {
  return Buffer.from(text, [...text].every((character) => character.codePointAt(0)! <= 0xff) ? 'latin1' : 'utf8');
}

/** `name=token,name="quoted \" text"`. Null if it is not of this form, or names anything twice. */
function parseDirectives(bytes: Buffer): Map<string, Buffer> | null {
  const found = new Map<string, Buffer>();
  const pattern = /[\s,]*([A-Za-z-]+)\s*=\s*(?:"((?:[^"\\]|\\[^])*)"|([^\s,"]+))\s*(?=,|$)/y;
  const text = bytes.toString('latin1');
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (match === null) return null;
    const name = match[1]!.toLowerCase();
    if (found.has(name)) return null;
    found.set(name, Buffer.from(match[2]?.replace(/\\([^])/g, '$1') ?? match[3]!, 'latin1'));
  }
  return found;
}
