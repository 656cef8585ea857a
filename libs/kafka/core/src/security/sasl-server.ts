/** The server's side of a SASL exchange: a token in, a token out, until somebody is known or refused. */
import { hash, hmac, sameBytes, type ScramCredential, type ScramMechanism } from './scram-credential.js';

/** Longer names are an attack. */
const MAX_NAME = 256;
const NONCE = /^[\x21-\x2b\x2d-\x7e]{1,256}$/;

export type SaslStep =
  | { readonly kind: 'go-on'; readonly token: Buffer }
  | { readonly kind: 'known'; readonly user: string; readonly token: Buffer }
  /** Why is for the log: whoever failed is told only that. */
  | { readonly kind: 'refused'; readonly why: string };

export interface SaslServer {
  step(token: Buffer): SaslStep;
}

const refused = (why: string): SaslStep => ({ kind: 'refused', why });

/** RFC 4616: who to be (nobody else than oneself here), who one is, and the password, NUL between them. */
export class PlainServer implements SaslServer {
  constructor(private readonly check: (user: string, password: string) => boolean) {}

  step(token: Buffer): SaslStep {
    const parts = token.toString('utf8').split('\0');
    const [authorizationId, user, password] = parts;
    if (parts.length !== 3 || !user || !password) return refused('expected [who] NUL user NUL password');
    if (authorizationId !== '' && authorizationId !== user) return refused('expected to act as oneself');
    return this.check(user, password)
      ? { kind: 'known', user, token: Buffer.alloc(0) }
      : refused('wrong password or user');
  }
}

/** RFC 5802 without channel binding, as Kafka has it. */
export class ScramServer implements SaslServer {
  private exchange: {
    readonly user: string;
    readonly credential: ScramCredential;
    readonly nonce: string;
    readonly clientNonce: string;
    readonly gs2: string;
    /** `client-first-bare,server-first` */
    readonly before: string;
  } | null = null;

  /** @param nonce of chance, new for each exchange */
  constructor(
    private readonly mechanism: ScramMechanism,
    private readonly nonce: string,
    private readonly credentialOf: (user: string) => ScramCredential | null,
  ) {}

  step(token: Buffer): SaslStep {
    const text = token.toString('utf8');
    return this.exchange === null ? this.first(text) : this.final(text, this.exchange);
  }

  private first(text: string): SaslStep {
    const match = /^(([ny]),(?:a=([^,]*))?,)(n=([^,]+),r=([^,]+)(?:,.*)?)$/s.exec(text);
    if (match === null) return refused('expected a first message of SCRAM');
    const [, gs2 = '', , as, bare = '', name = '', clientNonce = ''] = match;
    const user = unescapeName(name);
    if (user === null || user.length > MAX_NAME || !NONCE.test(clientNonce))
      return refused('expected a name and a nonce');
    if (as !== undefined && as !== name) return refused('expected to act as oneself');
    const credential = this.credentialOf(user);
    if (credential === null) return refused(`no such user for ${this.mechanism}`);
    const nonce = clientNonce + this.nonce;
    const server = `r=${nonce},s=${credential.salt.toString('base64')},i=${credential.iterations}`;
    this.exchange = { user, credential, nonce, clientNonce, gs2, before: `${bare},${server}` };
    return { kind: 'go-on', token: Buffer.from(server) };
  }

  private final(text: string, exchange: NonNullable<ScramServer['exchange']>): SaslStep {
    const { user, credential, nonce, clientNonce, gs2, before } = exchange;
    const match = /^(c=([A-Za-z0-9+/=]+),r=([^,]+)(?:,.*)?),p=([A-Za-z0-9+/=]+)$/s.exec(text);
    if (match === null) return refused('expected a final message of SCRAM');
    const [, unproven = '', binding = '', given, proof = ''] = match;
    // librdkafka before 2.6.1 puts its own nonce before ours, which begins with it already: Kafka did not look at nonces then
    // (CVE-2024-56128; librdkafka pull request 4895). Ours is in it as a whole either way.
    const isOurs = given === nonce || given === clientNonce + nonce;
    if (!isOurs || Buffer.from(binding, 'base64').toString('utf8') !== gs2) return refused('another exchange');
    const message = `${before},${unproven}`;
    const signature = hmac(this.mechanism, credential.storedKey, message);
    const proven = Buffer.from(proof, 'base64');
    if (proven.length !== signature.length) return refused('a proof of another length');
    const clientKey = Buffer.from(proven.map((byte, index) => byte ^ signature[index]!));
    if (!sameBytes(hash(this.mechanism, clientKey), credential.storedKey)) return refused('wrong password');
    const verifier = hmac(this.mechanism, credential.serverKey, message).toString('base64');
    return { kind: 'known', user, token: Buffer.from(`v=${verifier}`) };
  }
}

/** `=2C` and `=3D` stand for what separates; null for any other `=`. */
function unescapeName(name: string): string | null {
  return /=(?!2C|3D)/.test(name) ? null : name.replaceAll('=2C', ',').replaceAll('=3D', '=');
}
