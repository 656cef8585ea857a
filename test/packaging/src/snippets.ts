/** The first TypeScript snippet of a package's README, as a program of either module system. */
import { readFileSync } from 'node:fs';

/** What readers bring along: a snippet may use it without saying where it comes from. */
const READERS_OWN: Readonly<Record<string, string>> = {
  sell: 'const sell = async (_order: object): Promise<void> => undefined;\n',
};

export interface Snippet {
  /** ES module. */
  readonly mts: string;
  /** CommonJS: the same imports, which compile to `require`, and the rest in a function, since nothing may wait outside. */
  readonly cts: string;
}

/** @param addresses what stands for an address in the text, and the one to use instead */
export function readmeSnippet(file: string, replacements: Readonly<Record<string, string>>): Snippet {
  const match = /```ts\n([\s\S]*?)```/.exec(readFileSync(file, 'utf8'));
  if (match === null) throw new Error(`expected a snippet in ${file}`);
  let code = match[1]!;
  for (const [from, to] of Object.entries(replacements)) code = code.replaceAll(from, to);
  const imports = [...code.matchAll(/^import [\s\S]*?;$/gm)].map(([statement]) => statement).join('\n');
  const body = code.replaceAll(/^import [\s\S]*?;$/gm, '');
  const own = Object.entries(READERS_OWN)
    .filter(([name]) => body.includes(`${name}(`))
    .map(([, definition]) => definition)
    .join('');
  return {
    mts: `${imports}\n${own}${body}`,
    cts: `${imports}\n${own}const main = async (): Promise<void> => {\n${body}};\nvoid main();\n`,
  };
}
