/**
 * Keys and certificates from the files that Apache's servers use: PEM, and PKCS #12 (which is also what Java's keytool
 * puts into a file that is called .jks). Source: PEMFileLoader.java, PKCS12FileLoader.java.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type Forge from 'node-forge';
import type { KeyStoreConfig } from '../config/tls-types.js';
import { StoreError } from '../errors.js';

export interface Identity {
  /** The private key, PEM, not encrypted: in memory only. */
  readonly key: string;
  /** The certificate and those above it, PEM. */
  readonly cert: string;
}

/** Loaded when it is needed: it would double the time that a server takes to start. */
const forge = (): typeof Forge => createRequire(import.meta.url)('node-forge') as typeof Forge;

const PEM_BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[^-]+-----END \1-----/g;
/** How a file of Java's older format begins. */
const JKS_MAGIC = 0xfeedfeed;

/** @throws StoreError */
export function loadIdentity(store: KeyStoreConfig): Identity {
  const bytes = read(store);
  if (formatOf(store, bytes) === 'PEM') return identityOfPem(store, bytes.toString('utf8'));
  const p12 = openPkcs12(store, bytes);
  const keys = [forge().pki.oids['pkcs8ShroudedKeyBag']!, forge().pki.oids['keyBag']!].flatMap(
    (bagType) => p12.getBags({ bagType })[bagType] ?? [],
  );
  const [bag] = keys;
  if (bag === undefined) throw new StoreError(store.location, 'expected a private key in it, found none');
  return identity(store, keyOf(bag), certificatesOf(p12));
}

/**
 * @returns certificates, PEM
 * @throws StoreError
 */
export function loadTrusted(store: KeyStoreConfig): string[] {
  const bytes = read(store);
  const certificates =
    formatOf(store, bytes) === 'PEM'
      ? blocks(bytes.toString('utf8'), (label) => label.endsWith('CERTIFICATE'))
      : certificatesOf(openPkcs12(store, bytes));
  if (certificates.length === 0) throw new StoreError(store.location, 'expected certificates in it, found none');
  for (const certificate of certificates) expectCertificate(store, certificate);
  return certificates;
}

function read({ location }: KeyStoreConfig): Buffer {
  try {
    return readFileSync(location);
  } catch (error) {
    throw new StoreError(location, `expected a file, found ${(error as Error).message}`, { cause: error });
  }
}

function formatOf({ location, type }: KeyStoreConfig, bytes: Buffer): 'PEM' | 'PKCS12' {
  if (type === 'PEM') return 'PEM';
  if (bytes.length >= 4 && bytes.readUInt32BE(0) === JKS_MAGIC) {
    throw new StoreError(
      location,
      "expected PEM or PKCS12, found Java's own format (keytool -importkeystore -deststoretype pkcs12 converts it)",
    );
  }
  return 'PKCS12';
}

function identityOfPem(store: KeyStoreConfig, text: string): Identity {
  const [key] = blocks(text, (label) => label.endsWith('PRIVATE KEY'));
  if (key === undefined) throw new StoreError(store.location, 'expected a private key in it, found none');
  try {
    const plain = createPrivateKey({ key, format: 'pem', passphrase: store.password });
    return identity(
      store,
      plain.export({ type: 'pkcs8', format: 'pem' }).toString(),
      blocks(text, (label) => label.endsWith('CERTIFICATE')),
    );
  } catch (error) {
    if (error instanceof StoreError) throw error;
    throw new StoreError(store.location, 'expected a private key that the password opens', { cause: error });
  }
}

/** The key's own certificate first, as a handshake wants it. */
function identity(store: KeyStoreConfig, key: string, certificates: readonly string[]): Identity {
  const privateKey = createPrivateKey(key);
  const own = certificates.findIndex((one) => expectCertificate(store, one).checkPrivateKey(privateKey));
  if (own < 0) throw new StoreError(store.location, 'expected the certificate of its private key in it, found none');
  const chain = [certificates[own]!, ...certificates.filter((_, index) => index !== own)];
  return { key, cert: chain.join('\n') };
}

function expectCertificate({ location }: KeyStoreConfig, pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw new StoreError(location, 'expected certificates that can be read', { cause: error });
  }
}

function blocks(text: string, wanted: (label: string) => boolean): string[] {
  return [...text.matchAll(PEM_BLOCK)].filter(([, label]) => wanted(label!)).map(([block]) => block);
}

function openPkcs12({ location, password }: KeyStoreConfig, bytes: Buffer): Forge.pkcs12.Pkcs12Pfx {
  try {
    const der = forge().asn1.fromDer(forge().util.createBuffer(bytes.toString('binary')));
    return forge().pkcs12.pkcs12FromAsn1(der, false, password);
  } catch (error) {
    throw new StoreError(location, 'expected a PKCS12 file that the password opens', { cause: error });
  }
}

/** The library reads RSA keys; of others it hands over the bytes, which Node reads. */
function keyOf(bag: Forge.pkcs12.Bag): string {
  const asn1 = bag.key ? forge().pki.wrapRsaPrivateKey(forge().pki.privateKeyToAsn1(bag.key)) : bag.asn1;
  return pem('PRIVATE KEY', asn1);
}

function certificatesOf(p12: Forge.pkcs12.Pkcs12Pfx): string[] {
  const bagType = forge().pki.oids['certBag']!;
  return (p12.getBags({ bagType })[bagType] ?? []).map((bag) =>
    pem('CERTIFICATE', bag.cert ? forge().pki.certificateToAsn1(bag.cert) : bag.asn1),
  );
}

function pem(label: string, asn1: Forge.asn1.Asn1): string {
  const der = Buffer.from(forge().asn1.toDer(asn1).getBytes(), 'binary').toString('base64');
  return `-----BEGIN ${label}-----\n${der.replace(/(.{64})/g, '$1\n').trimEnd()}\n-----END ${label}-----\n`;
}
