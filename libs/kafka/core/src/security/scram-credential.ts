/** What a broker keeps of a password (RFC 5802): enough to check it, not enough to be it. */
import { createHash, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto';

export const SCRAM_MECHANISMS = { 'SCRAM-SHA-256': 'sha256', 'SCRAM-SHA-512': 'sha512' } as const;
export type ScramMechanism = keyof typeof SCRAM_MECHANISMS;
export const isScram = (mechanism: string): mechanism is ScramMechanism => Object.hasOwn(SCRAM_MECHANISMS, mechanism);

/** Kafka takes no fewer. More than the most would let one user's node keep a broker busy. */
export const MIN_ITERATIONS = 4_096;
export const MAX_ITERATIONS = 1_000_000;

export interface ScramCredential {
  readonly salt: Buffer;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
  readonly iterations: number;
}

export const hmac = (mechanism: ScramMechanism, key: Buffer, text: string): Buffer =>
  createHmac(SCRAM_MECHANISMS[mechanism], key).update(text).digest();
export const hash = (mechanism: ScramMechanism, bytes: Buffer): Buffer =>
  createHash(SCRAM_MECHANISMS[mechanism]).update(bytes).digest();
/** In a time that says nothing of where they differ. */
export const sameBytes = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);

/** `Hi` of RFC 5802: slow on purpose. */
export function saltedPassword(mechanism: ScramMechanism, password: string, salt: Buffer, iterations: number): Buffer {
  const name = SCRAM_MECHANISMS[mechanism];
  return pbkdf2Sync(password.normalize('NFKC'), salt, iterations, hash(mechanism, salt).length, name);
}

/** @param salt of chance, new for each */
export function scramCredential(
  mechanism: ScramMechanism,
  password: string,
  salt: Buffer,
  iterations = MIN_ITERATIONS,
): ScramCredential {
  const salted = saltedPassword(mechanism, password, salt, iterations);
  const storedKey = hash(mechanism, hmac(mechanism, salted, 'Client Key'));
  return { salt, storedKey, serverKey: hmac(mechanism, salted, 'Server Key'), iterations };
}

/** As it stands in `/config/users/U` (ScramCredentialUtils.java). */
export const encodeCredential = ({ salt, storedKey, serverKey, iterations }: ScramCredential): string =>
  `salt=${salt.toString('base64')},stored_key=${storedKey.toString('base64')},` +
  `server_key=${serverKey.toString('base64')},iterations=${iterations}`;

/** Null when it is not one. */
export function decodeCredential(text: string): ScramCredential | null {
  const fields = new Map(
    text.split(',').map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]),
  );
  const bytes = (name: string) => Buffer.from(fields.get(name) ?? '', 'base64');
  const iterations = Number(fields.get('iterations'));
  const [salt, storedKey, serverKey] = [bytes('salt'), bytes('stored_key'), bytes('server_key')];
  const isWhole = salt.length > 0 && storedKey.length > 0 && serverKey.length > 0;
  if (!isWhole || !Number.isInteger(iterations) || iterations < MIN_ITERATIONS || iterations > MAX_ITERATIONS)
    return null;
  return { salt, storedKey, serverKey, iterations };
}

/** A user's or client's name as the name of a node (Sanitizer.java). */
export const sanitize = (name: string): string =>
  encodeURIComponent(name).replace(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);
export const desanitize = (node: string): string => decodeURIComponent(node);
