/** A rule of the config center as text, made sure of before anybody follows it. */
import { DubboError } from '@menagerie/dubbo-url';
import { parse } from 'yaml';
import type { z } from 'zod';

const MAX_TEXT = 65_536;

/** @throws DubboError `DUBBO_BAD_RULE`, with what is wrong and where */
export function readYaml<T>(yaml: string, schema: z.ZodType<T>): T {
  if (yaml.length > MAX_TEXT) {
    throw new DubboError('DUBBO_BAD_RULE', `expected at most ${MAX_TEXT} characters, got ${yaml.length}`);
  }
  let value: unknown;
  try {
    value = parse(yaml, { maxAliasCount: 0 });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('\n', 1)[0] : String(cause);
    throw new DubboError('DUBBO_BAD_RULE', `expected YAML, got: ${why}`, { cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new DubboError('DUBBO_BAD_RULE', `${issue?.path.join('.') || 'rule'}: ${issue?.message ?? 'not a rule'}`);
}
