/** A configuration document: text in a format that its key's ending names, and what the text means. */
import { getProperties } from 'properties-file';
import { parse as parseYaml } from 'yaml';
import { messageOf, PatternError } from '../errors.js';

export const FORMATS = ['json', 'yaml', 'properties', 'text'] as const;
export type Format = (typeof FORMATS)[number];

/** Above this it does not belong into a coordinator, though a server would take it. */
export const MAX_DOCUMENT_BYTES = 256 * 1024;
/** An alias of YAML may stand for a document; a thousand of them for a bomb. */
const MAX_YAML_ALIASES = 100;

export function formatOf(key: string): Format {
  if (key.endsWith('.json')) return 'json';
  if (key.endsWith('.yaml') || key.endsWith('.yml')) return 'yaml';
  return key.endsWith('.properties') ? 'properties' : 'text';
}

/**
 * @param key names the format by its ending: `db.json`, `limits.yaml`, `log.properties`; anything else is text
 * @throws PatternError `CONFIG_INVALID`
 */
export function parseDocument(key: string, text: string): unknown {
  const bytes = new TextEncoder().encode(text).byteLength;
  if (bytes > MAX_DOCUMENT_BYTES) {
    throw new PatternError('CONFIG_INVALID', `${key}: expected at most ${MAX_DOCUMENT_BYTES} bytes, got ${bytes}`);
  }
  const format = formatOf(key);
  try {
    switch (format) {
      case 'json':
        return JSON.parse(text) as unknown;
      case 'yaml':
        return parseYaml(text, { maxAliasCount: MAX_YAML_ALIASES }) as unknown;
      case 'properties':
        return getProperties(text);
      case 'text':
        return text;
      default:
        return format satisfies never;
    }
  } catch (error) {
    throw new PatternError('CONFIG_INVALID', `${key}: expected ${format}: ${firstLine(messageOf(error))}`);
  }
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';
