/** What of a configuration may be shown to who asks a running server. */
import { isOfFile } from './own-keys.js';
import type { Settings } from './settings.js';

const HIDDEN = '***';

/** The names of files with secrets are none. */
export const isSecretKey = (key: string): boolean => /pass?w|secret|digest$/i.test(key) && !/path$/i.test(key);

/** Apache shows all of it (`initial_configuration`); passwords and digests are nobody's business. */
export function withoutSecrets(text: string): string {
  return text.replace(/^(\s*)((?:\\.|[^\\=:\s])+)(\s*[=:]?\s*).*(?:\\\r?\n.*)*$/gm, (line, indent, key, separator) =>
    isSecretKey(String(key)) ? `${indent}${key}${separator}${HIDDEN}` : String(line),
  );
}

/** Keys that Apache's configuration does not know itself become `zookeeper.<key>`. Source: QuorumPeerConfig.java. */
export function systemPropertiesOf(settings: Settings): ReadonlyMap<string, string> {
  const properties = new Map<string, string>();
  for (const { key, value } of settings.all()) {
    if (!isOfFile(key)) properties.set(`zookeeper.${key}`, isSecretKey(key) ? HIDDEN : value);
  }
  return properties;
}
