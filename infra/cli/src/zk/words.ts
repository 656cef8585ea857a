/** A line of the shell into words, and words into options: as zkCli reads them. */
import { UsageError } from '../errors.js';

/**
 * Blanks separate; quotes of either kind and a backslash keep them.
 *
 * @throws UsageError for a quote that does not end
 */
export function splitLine(line: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  for (let at = 0; at < line.length; at++) {
    const character = line[at]!;
    if (character === '\\' && quote !== "'" && at + 1 < line.length) word = (word ?? '') + line[++at]!;
    else if (quote !== null) {
      if (character === quote) quote = null;
      else word = (word ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + character;
  }
  if (quote !== null) throw new UsageError(`expected a closing ${quote}, found the end of the line`);
  if (word !== null) words.push(word);
  return words;
}

export interface Flags {
  has(name: string): boolean;
  /** Of an option with a value; null if it is not there. */
  value(name: string): string | null;
  readonly rest: readonly string[];
}

/**
 * @param options names without the dash; `true` if a value follows
 * @throws UsageError
 */
export function parseFlags(words: readonly string[], options: Readonly<Record<string, boolean>>): Flags {
  const found = new Map<string, string | null>();
  const rest: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    const name = /^-([a-zA-Z]+)$/.exec(word)?.[1];
    if (name === undefined) rest.push(word);
    else if (!(name in options)) throw new UsageError(`expected ${known(options)}, found ${word}`);
    else if (options[name] === true) {
      const value = words[++at];
      if (value === undefined) throw new UsageError(`expected a value behind ${word}, found none`);
      found.set(name, value);
    } else found.set(name, null);
  }
  return { has: (name) => found.has(name), value: (name) => found.get(name) ?? null, rest };
}

const known = (options: Readonly<Record<string, boolean>>): string => {
  const names = Object.keys(options).map((name) => `-${name}`);
  return names.length === 0 ? 'no options' : names.join(' or ');
};

/** @throws UsageError */
export function wholeNumber(text: string, what: string): number {
  if (/^-?\d{1,15}$/.test(text)) return Number(text);
  throw new UsageError(`expected ${what} as a whole number, found ${JSON.stringify(text)}`);
}
