/** Documents against JSON Schema (draft-07), as Ajv reads it. */
import { Ajv, type ValidateFunction } from 'ajv';
import { messageOf, PatternError } from '../errors.js';
import { formatOf, parseDocument } from './document.js';

const MAX_SCHEMA_BYTES = 64 * 1024;

/** Properties are text and nothing else: there "5" may stand for 5. */
const strict = new Ajv({ allErrors: false });
const coercing = new Ajv({ allErrors: false, coerceTypes: true });

/** @throws PatternError `CONFIG_INVALID` for a schema that is none */
export function compileSchema(key: string, text: string): ValidateFunction {
  if (text.length > MAX_SCHEMA_BYTES) {
    throw new PatternError('CONFIG_INVALID', `schema of ${key}: expected at most ${MAX_SCHEMA_BYTES} characters`);
  }
  try {
    const schema = JSON.parse(text) as object;
    // A schema is used once and not kept: a stranger's must not fill the memory.
    return (formatOf(key) === 'properties' ? coercing : strict).compile(withoutId(schema));
  } catch (error) {
    throw new PatternError('CONFIG_INVALID', `schema of ${key}: expected a JSON Schema: ${messageOf(error)}`);
  }
}

/** @throws PatternError `CONFIG_INVALID` that names the place */
export function validateDocument(key: string, text: string, schema: string | null): void {
  const value = parseDocument(key, text);
  if (schema === null) return;
  const validate = compileSchema(key, schema);
  try {
    if (validate(value)) return;
    const { instancePath = '', message = 'not what its schema says' } = validate.errors?.[0] ?? {};
    throw new PatternError('CONFIG_INVALID', `${key}${instancePath === '' ? '' : ` at ${instancePath}`}: ${message}`);
  } finally {
    strict.removeSchema(validate.schema);
    coercing.removeSchema(validate.schema);
  }
}

function withoutId(schema: object): object {
  return typeof schema === 'object' && schema !== null ? { ...schema, $id: undefined } : schema;
}
