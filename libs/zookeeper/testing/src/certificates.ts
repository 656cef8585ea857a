/** Certificates for a test: an authority, who it knows, and a stranger. In the forms that servers of both kinds read. */
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import forge from 'node-forge';

export interface CertifiedParty {
  /** PEM. */
  readonly key: string;
  readonly cert: string;
  /** Key and certificate in one file, as `keyStore.location` wants it. */
  readonly pemFile: string;
  /** The same as PKCS #12, under `STORE_PASSWORD`. */
  readonly p12File: string;
}

export interface Certificates {
  /** The authority's certificate, PEM. */
  readonly ca: string;
  readonly caPemFile: string;
  readonly caP12File: string;
  /** For 127.0.0.1 and localhost. */
  readonly server: CertifiedParty;
  /** `CN=alice,OU=Tests,O=Menagerie`. */
  readonly client: CertifiedParty;
  /** Signed by somebody nobody knows. */
  readonly stranger: CertifiedParty;
  /** The authority knows it, but it is for another host. */
  readonly elsewhere: CertifiedParty;
}

export const STORE_PASSWORD = 'not a secret';
/** The subject of `client`, as ACLs hold it. */
export const CLIENT_SUBJECT = 'CN=alice,OU=Tests,O=Menagerie';

const KEY_BITS = 2048;
const DAY_MS = 86_400_000;

interface Signer {
  readonly name: forge.pki.CertificateField[];
  readonly key: forge.pki.rsa.PrivateKey;
}

/** Writes them into a folder that exists. */
export function createCertificates(folder: string): Certificates {
  const authority = newAuthority('Menagerie tests');
  const caPemFile = join(folder, 'ca.pem');
  const caP12File = join(folder, 'ca.p12');
  writeFileSync(caPemFile, authority.pem);
  writeFileSync(caP12File, pkcs12(null, [authority.certificate]));
  const party = (name: string, subject: forge.pki.CertificateField[], signer: Signer, host: string | null) =>
    newParty(folder, name, subject, signer, host);
  const field = (name: string, value: string) => ({ name, value });
  return {
    ca: authority.pem,
    caPemFile,
    caP12File,
    server: party('server', [field('commonName', 'zk')], authority, '127.0.0.1'),
    client: party(
      'client',
      [field('organizationName', 'Menagerie'), field('organizationalUnitName', 'Tests'), field('commonName', 'alice')],
      authority,
      null,
    ),
    stranger: party('stranger', [field('commonName', 'mallory')], newAuthority('nobody'), '127.0.0.1'),
    elsewhere: party('elsewhere', [field('commonName', 'far')], authority, '192.0.2.1'),
  };
}

function newAuthority(name: string) {
  const { privateKey } = newKey();
  const subject = [{ name: 'commonName', value: name }];
  const certificate = sign(subject, privateKey, { name: subject, key: privateKey }, [
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
  ]);
  return { name: subject, key: privateKey, certificate, pem: forge.pki.certificateToPem(certificate) };
}

function newParty(
  folder: string,
  name: string,
  subject: forge.pki.CertificateField[],
  signer: Signer,
  host: string | null,
): CertifiedParty {
  const { privateKey, pem } = newKey();
  const altNames = host === null ? [] : [{ type: 7, ip: host }];
  if (host === '127.0.0.1') altNames.push({ type: 2, value: 'localhost' } as never);
  const certificate = sign(subject, privateKey, signer, [
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true },
    { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
    ...(altNames.length === 0 ? [] : [{ name: 'subjectAltName', altNames }]),
  ]);
  const cert = forge.pki.certificateToPem(certificate);
  const pemFile = join(folder, `${name}.pem`);
  const p12File = join(folder, `${name}.p12`);
  writeFileSync(pemFile, `${pem}${cert}`);
  writeFileSync(p12File, pkcs12(privateKey, [certificate]));
  return { key: pem, cert, pemFile, p12File };
}

function newKey(): { privateKey: forge.pki.rsa.PrivateKey; pem: string } {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: KEY_BITS });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { privateKey: forge.pki.privateKeyFromPem(pem), pem };
}

let serial = Date.now();

function sign(
  subject: forge.pki.CertificateField[],
  key: forge.pki.rsa.PrivateKey,
  signer: Signer,
  extensions: object[],
): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate();
  const publicKey = createPublicKey(forge.pki.privateKeyToPem(key)).export({ type: 'spki', format: 'pem' });
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey.toString());
  certificate.serialNumber = `1${(serial++).toString(16).padStart(15, '0')}`;
  certificate.validity.notBefore = new Date(Date.now() - DAY_MS);
  certificate.validity.notAfter = new Date(Date.now() + DAY_MS);
  certificate.setSubject(subject);
  certificate.setIssuer(signer.name);
  certificate.setExtensions(extensions);
  certificate.sign(signer.key, forge.md.sha256.create());
  return certificate;
}

function pkcs12(key: forge.pki.rsa.PrivateKey | null, certificates: forge.pki.Certificate[]): Buffer {
  const asn1 = forge.pkcs12.toPkcs12Asn1(key as forge.pki.rsa.PrivateKey, certificates, STORE_PASSWORD);
  return Buffer.from(forge.asn1.toDer(asn1).getBytes(), 'binary');
}
