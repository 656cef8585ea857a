import { X509Certificate } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLIENT_SUBJECT, createCertificates, STORE_PASSWORD } from '@menagerie/zookeeper-testing';
import { afterAll, describe, expect, it } from 'vitest';
import type { KeyStoreConfig } from '../config/tls-types.js';
import { loadIdentity, loadTrusted } from './key-stores.js';
import { principalOf } from './principal.js';

const store = (location: string, type: KeyStoreConfig['type'], password = ''): KeyStoreConfig => ({
  location,
  type,
  password,
});

describe('a key store', () => {
  const folder = mkdtempSync(join(tmpdir(), 'menagerie-key-stores-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const certificates = createCertificates(folder);
  const { client } = certificates;

  it('gives the same key and certificate, whatever its form', () => {
    const pem = loadIdentity(store(client.pemFile, 'PEM'));
    const p12 = loadIdentity(store(client.p12File, 'PKCS12', STORE_PASSWORD));
    const jksOfNowadays = loadIdentity(store(client.p12File, 'JKS', STORE_PASSWORD));
    for (const { cert } of [pem, p12, jksOfNowadays])
      expect(principalOf(new X509Certificate(cert))).toBe(CLIENT_SUBJECT);
    expect(p12.key.replaceAll(/\s/g, '')).toBe(pem.key.replaceAll(/\s/g, ''));
  });

  it('may hold a key of an elliptic curve, and PEM may be encrypted', () => {
    const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
    openssl(
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-days', '2'],
      ...['-subj', '/CN=curve', '-passout', 'pass:hidden', '-keyout', 'ec.key', '-out', 'ec.crt'],
    );
    openssl(
      'pkcs12',
      '-export',
      '-inkey',
      'ec.key',
      '-in',
      'ec.crt',
      '-passin',
      'pass:hidden',
      '-passout',
      'pass:p',
      '-out',
      'ec.p12',
    );
    const pemFile = join(folder, 'ec.pem');
    writeFileSync(pemFile, readFileSync(join(folder, 'ec.key'), 'utf8') + readFileSync(join(folder, 'ec.crt'), 'utf8'));
    const pem = loadIdentity(store(pemFile, 'PEM', 'hidden'));
    const p12 = loadIdentity(store(join(folder, 'ec.p12'), 'PKCS12', 'p'));
    expect(new X509Certificate(p12.cert).subject).toBe('CN=curve');
    expect(p12.key.replaceAll(/\s/g, '')).toBe(pem.key.replaceAll(/\s/g, ''));
  });

  it('of certificates alone is read as whom to trust', () => {
    for (const trusted of [
      loadTrusted(store(certificates.caPemFile, 'PEM')),
      loadTrusted(store(certificates.caP12File, 'PKCS12', STORE_PASSWORD)),
    ]) {
      expect(trusted.map((pem) => new X509Certificate(pem).subject)).toEqual(['CN=Menagerie tests']);
    }
  });

  it.each<[string, () => unknown, string]>([
    ['no such file', () => loadIdentity(store(`${folder}/none.pem`, 'PEM')), 'expected a file, found ENOENT'],
    ['no key', () => loadIdentity(store(`${folder}/ca.pem`, 'PEM')), 'expected a private key in it, found none'],
    [
      'a wrong password',
      () => loadIdentity(store(`${folder}/client.p12`, 'PKCS12', 'guess')),
      'that the password opens',
    ],
    [
      'no certificates',
      () => loadTrusted(store(`${folder}/empty.pem`, 'PEM')),
      'expected certificates in it, found none',
    ],
    ["Java's own format", () => loadTrusted(store(`${folder}/old.jks`, 'JKS')), 'keytool -importkeystore'],
    ['anything else', () => loadTrusted(store(`${folder}/garbage.p12`, 'PKCS12')), 'expected a PKCS12 file'],
  ])('with %s is one line that names the file', (_, load, problem) => {
    writeFileSync(join(folder, 'empty.pem'), 'nothing\n');
    writeFileSync(join(folder, 'old.jks'), Buffer.from('feedfeed0000000200000000', 'hex'));
    writeFileSync(join(folder, 'garbage.p12'), Buffer.alloc(100, 7));
    expect(load).toThrow(problem);
  });
});
