/** Values of options, checked; a wrong one is one line and exit code 2. */
import { InvalidArgumentError } from 'commander';

const MAX_SECONDS = 86_400;

export function seconds(value: string): number {
  const parsed = Number(value);
  if (value.trim() === '' || !Number.isFinite(parsed) || parsed < 0 || parsed > MAX_SECONDS) {
    throw new InvalidArgumentError(`expected seconds from 0 to ${MAX_SECONDS}`);
  }
  return parsed;
}
