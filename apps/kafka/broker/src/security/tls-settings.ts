/** From Kafka's `ssl.*` keys to what Node's TLS takes. Stores are PEM (KIP-651), in files or in the properties. */
import { readFileSync } from 'node:fs';
import { createSecureContext, type PeerCertificate, type TlsOptions } from 'node:tls';

import { configMistake } from '../errors.js';

type Properties = Readonly<Record<string, string>>;

export const CLIENT_AUTH = ['none', 'requested', 'required'] as const;
/** Nobody holds a connection by half a handshake for longer. */
const HANDSHAKE_MS = 10_000;

/** @throws BrokerError, a user's mistake, one line */
export function tlsSettings(properties: Properties): TlsOptions {
  for (const key of ['ssl.keystore.type', 'ssl.truststore.type']) {
    const type = properties[key];
    if (type !== undefined && type !== 'PEM') throw configMistake(`${key}: expected PEM, got ${type}`);
  }
  const store = pem(properties, 'ssl.keystore.location');
  const key = properties['ssl.keystore.key'] ?? store;
  const cert = properties['ssl.keystore.certificate.chain'] ?? store;
  if (key === undefined || cert === undefined)
    throw configMistake('ssl.keystore.location: expected a PEM file, got nothing');
  const ca = properties['ssl.truststore.certificates'] ?? pem(properties, 'ssl.truststore.location');
  const auth = properties['ssl.client.auth'] ?? 'none';
  if (!(CLIENT_AUTH as readonly string[]).includes(auth)) {
    throw configMistake(`ssl.client.auth: expected ${CLIENT_AUTH.join(', ')}, got ${auth}`);
  }
  if (auth !== 'none' && ca === undefined)
    throw configMistake('ssl.truststore.location: expected one to check clients by');
  const passphrase = properties['ssl.key.password'];
  const options: TlsOptions = {
    key,
    cert,
    ...(ca === undefined ? {} : { ca }),
    ...(passphrase === undefined ? {} : { passphrase }),
    requestCert: auth !== 'none',
    rejectUnauthorized: auth === 'required',
    minVersion: 'TLSv1.2',
    handshakeTimeout: HANDSHAKE_MS,
  };
  try {
    createSecureContext(options);
  } catch (error) {
    throw configMistake(`ssl.keystore.location: ${error instanceof Error ? error.message : String(error)}`, error);
  }
  return options;
}

function pem(properties: Properties, key: string): string | undefined {
  const path = properties[key];
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw configMistake(`${key}: ${error instanceof Error ? error.message : String(error)}`, error);
  }
}

/** The subject as Kafka's default principal builder has it (RFC 2253): the most particular first. */
export function principalOf(certificate: PeerCertificate | undefined): string | null {
  const subject = certificate?.subject;
  if (subject === undefined || Object.keys(subject).length === 0) return null;
  const parts = Object.entries(subject).flatMap(([name, value]) => [value].flat().map((each) => `${name}=${each}`));
  return `User:${parts.reverse().join(',')}`;
}
