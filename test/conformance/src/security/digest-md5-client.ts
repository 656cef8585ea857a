/** The client's half of SASL DIGEST-MD5 (RFC 2831), written for the tests alone: nothing of it is the server's. */
import { createHash } from 'node:crypto';
import { decodeSaslResponse, encodeSaslRequest, JuteReader, OpCode } from '@menagerie/zookeeper-protocol';
import { encode, type Client } from '../client/client.js';

export interface SaslOutcome {
  readonly error: string;
  readonly token: string | null;
}

/** Fields to be sent other than as a right client would. */
export type Tampering = Readonly<Record<string, string>>;

const DIGEST_URI = 'zookeeper/zk-sasl-md5';

export async function saslToken(client: Client, token: Buffer | null): Promise<SaslOutcome> {
  const reply = await client.request(OpCode.sasl, encode(encodeSaslRequest, { token }));
  const answer = reply.body.length < 4 ? null : decodeSaslResponse(new JuteReader(reply.body)).token;
  return { error: reply.error, token: answer?.toString('utf8') ?? null };
}

/** Both round trips. @returns the answer to the second */
export async function saslLogin(client: Client, user: string, password: string, tampering: Tampering = {}) {
  const challenge = await saslToken(client, Buffer.alloc(0));
  const nonce = /nonce="([^"]*)"/.exec(challenge.token ?? '')?.[1] ?? '';
  return saslToken(client, answerTo(nonce, user, password, tampering));
}

export function answerTo(nonce: string, user: string, password: string, tampering: Tampering = {}): Buffer {
  const fields: Record<string, string> = {
    charset: 'utf-8',
    username: quoted(user),
    realm: quoted('zk-sasl-md5'),
    nonce: quoted(nonce),
    nc: '00000001',
    cnonce: quoted('a nonce of the client'),
    'digest-uri': quoted(DIGEST_URI),
    maxbuf: '65536',
    response: responseValue(nonce, user, password),
    qop: 'auth',
    ...tampering,
  };
  const text = Object.entries(fields).map(([name, value]) => `${name}=${value}`);
  return Buffer.from(text.join(','), 'utf8');
}

/** What a server that knows the password answers. */
export function proofOf(nonce: string, user: string, password: string): string {
  return `rspauth=${responseValue(nonce, user, password, '')}`;
}

function responseValue(nonce: string, user: string, password: string, method = 'AUTHENTICATE'): string {
  // Both fit into ISO 8859-1 here, and that is what is hashed then.
  const secret = md5(Buffer.from(`${user}:zk-sasl-md5:${password}`, 'latin1'));
  const a1 = hex(Buffer.concat([secret, Buffer.from(`:${nonce}:a nonce of the client`)]));
  return hex(
    Buffer.from(`${a1}:${nonce}:00000001:a nonce of the client:auth:${hex(Buffer.from(`${method}:${DIGEST_URI}`))}`),
  );
}

const md5 = (bytes: Buffer): Buffer => createHash('md5').update(bytes).digest();
const hex = (bytes: Buffer): string => md5(bytes).toString('hex');
const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
