/** The table of keys says what is done about them, and docs/operations.md says what the table says. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCertificates } from '@menagerie/zookeeper-testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withKeyTable } from './key-table.js';
import { KEY_ROWS, KeyFate, rowOf } from './keys.js';
import { parseZooCfg } from './zoo-cfg.js';

const of = (fate: KeyFate) => KEY_ROWS.filter((row) => row.fate === fate && !/\*$|N$/.test(row.key));

/** The keys that stand in the source as what is asked for. */
function askedInSource(): Set<string> {
  const folder = import.meta.dirname;
  const sources = readdirSync(folder)
    .filter((name) => name.endsWith('.ts') && !name.includes('.spec.') && !/^(keys|key-table|own-keys)\./.test(name))
    .map((name) => readFileSync(join(folder, name), 'utf8'));
  const found = new Set<string>();
  for (const [, quoted] of sources.join('\n').matchAll(/['`]((?<=')[A-Za-z0-9][\w.]+|\$\{prefix\}[\w.]+)['`]/g)) {
    for (const key of expand(quoted!)) if (rowOf(key) !== undefined) found.add(key);
  }
  return found;
}

/** `${prefix}x` stands for two keys, and one of a store for four. */
function expand(text: string): string[] {
  if (!text.startsWith('${prefix}')) return [text];
  const rest = text.slice('${prefix}'.length);
  if (rest.startsWith('.'))
    return ['ssl.', 'ssl.quorum.'].flatMap((p) => [`${p}keyStore${rest}`, `${p}trustStore${rest}`]);
  return [`ssl.${rest}`, `ssl.quorum.${rest}`];
}

let directory: string;
let common: readonly string[];

/** With everything on that a key may need beside it. */
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'menagerie-keys-'));
  const { server, caPemFile } = createCertificates(directory);
  const tls = ['ssl.', 'ssl.quorum.'].flatMap((prefix) => [
    `${prefix}keyStore.location=${server.pemFile}`,
    `${prefix}trustStore.location=${caPemFile}`,
  ]);
  common = [`dataDir=${directory}`, 'clientPort=1', 'secureClientPort=2', 'admin.forceHttps=true', ...tls];
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const warningsOf = (line: string): readonly string[] => parseZooCfg([...common, line].join('\n'), null).warnings;

describe('the table of keys', () => {
  it('is the one in docs/operations.md (npm run keys -w @menagerie/ensemble writes it)', () => {
    const text = readFileSync(join(import.meta.dirname, '../../../../../docs/operations.md'), 'utf8');
    expect(text).toBe(withKeyTable(text));
  });

  it('names each key once', () => {
    const keys = KEY_ROWS.map(({ key }) => key);
    expect(keys).toEqual([...new Set(keys)]);
  });

  it('calls those supported or refused that the code asks for, and no others', () => {
    const asked = askedInSource();
    const said = [...of(KeyFate.supported), ...of(KeyFate.refused)].map(({ key }) => key);
    expect(said.filter((key) => !asked.has(key))).toEqual([]);
    const silent = [...of(KeyFate.noEffect), ...of(KeyFate.warned)].map(({ key }) => key);
    // Looked at, to say that it does nothing.
    expect(silent.filter((key) => asked.has(key))).toEqual(['sslQuorumReloadCertFiles']);
  });

  it.each(of(KeyFate.noEffect))('takes $key without a word', ({ key, byDefault }) => {
    expect(warningsOf(`${key}=${byDefault || 'x'}`)).toEqual([]);
  });

  it.each(of(KeyFate.warned))('has a line about $key, unless it is set to its default', ({ key, byDefault }) => {
    const other = byDefault === 'false' ? 'true' : `${byDefault}1`;
    expect(warningsOf(`${key}=${other}`)).toEqual([expect.stringContaining(key)]);
    if (byDefault !== '') expect(warningsOf(`${key}=${byDefault}`)).toEqual([]);
  });

  it.each(of(KeyFate.refused))('starts nothing with $key', ({ key, byDefault }) => {
    expect(() => warningsOf(`${key}=${byDefault === 'false' ? 'true' : 'x'}`)).toThrow(key);
    if (byDefault !== '') expect(warningsOf(`${key}=${byDefault}`)).toEqual([]);
  });

  it('has a line about what is no key at all, also where it looks like one', () => {
    for (const key of [
      'nonsense',
      'ssl.keyStroe.location',
      'metricsProvider.htpPort',
      'server.x1',
      'admin.serverprot',
    ]) {
      expect([key, rowOf(key)]).toEqual([key, undefined]);
    }
    expect(warningsOf('ssl.keyStroe.location=x')).toEqual([expect.stringContaining('is not a key of this server')]);
  });
});
