/** Turns the environment into a service's configuration, once, at start. */
import { z } from 'zod';

import { ConfigError } from '../errors.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * @param schema a `z.object` whose keys are the variables' names, usually followed by `.transform` into the config's shape
 * @returns the parsed config, frozen
 * @throws ConfigError naming the first variable that is missing or wrong. A variable set to nothing counts as not set.
 */
export function parseConfig<C>(schema: z.ZodType<C>, environment: Environment = process.env): Readonly<C> {
  const set = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = schema.safeParse(set);
  if (parsed.success) return Object.freeze(parsed.data);
  const issue = parsed.error.issues[0];
  const variable = issue?.path[0];
  if (issue === undefined || typeof variable !== 'string') {
    throw new ConfigError('environment', issue?.message ?? 'is not a configuration');
  }
  const value = set[variable];
  const problem = value === undefined ? 'is not set' : `${issue.message}, got ${JSON.stringify(value)}`;
  throw new ConfigError(variable, problem);
}
