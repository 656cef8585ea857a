/** What the commands share. A user's mistake is one line and exit status 2. */
export const say = (line: string): void => void process.stdout.write(`${line}\n`);

export function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

/** @returns a whole number of at most nine digits */
export function count(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) fail(`expected a whole number for --${name}, got ${text}`);
  return Number(text);
}
