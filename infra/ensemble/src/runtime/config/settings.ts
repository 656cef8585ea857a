/** Typed access to the entries of one properties file; every complaint names file, line, what was expected and what is there. */
import { ConfigError } from '../errors.js';
import type { Property } from './properties.js';

export interface IntegerRule {
  readonly min?: number;
  readonly max?: number;
}

const MAX_INT = 0x7fff_ffff;

export class Settings {
  /** The last entry of each key, which is the one that counts. */
  private readonly entries = new Map<string, Property>();
  private readonly asked = new Set<string>();
  /** One line each, for things that work but may not be meant. */
  readonly warnings: string[] = [];

  constructor(
    readonly file: string | null,
    properties: readonly Property[],
  ) {
    for (const property of properties) {
      const earlier = this.entries.get(property.key);
      if (earlier !== undefined) {
        this.warn(property.line, `${property.key} was set in line ${earlier.line} already, this one counts`);
      }
      this.entries.set(property.key, property);
    }
  }

  has(key: string): boolean {
    this.asked.add(key);
    return this.entries.has(key);
  }

  text(key: string): string | null {
    this.asked.add(key);
    return this.entries.get(key)?.value ?? null;
  }

  /** A value that must not be blank when it is there. */
  name(key: string): string | null {
    const value = this.text(key);
    if (value === '') throw this.problem(key, 'expected a value, found nothing');
    return value;
  }

  integer(key: string, rule: IntegerRule = {}): number | null {
    const value = this.text(key);
    if (value === null) return null;
    const { min = -MAX_INT - 1, max = MAX_INT } = rule;
    const number = /^[+-]?\d+$/.test(value) ? Number(value) : Number.NaN;
    if (number >= min && number <= max) return number;
    throw this.problem(key, `expected a whole number ${range(min, max)}, found ${JSON.stringify(value)}`);
  }

  port(key: string): number | null {
    return this.integer(key, { min: 1, max: 0xffff });
  }

  boolean(key: string): boolean | null {
    const value = this.text(key);
    if (value === null) return null;
    const lower = value.toLowerCase();
    if (lower === 'true' || lower === 'false') return lower === 'true';
    throw this.problem(key, `expected true or false, found ${JSON.stringify(value)}`);
  }

  yesNo(key: string): boolean | null {
    const value = this.text(key)?.toLowerCase() ?? null;
    if (value === null) return null;
    if (value === 'yes' || value === 'no') return value === 'yes';
    throw this.problem(key, `expected yes or no, found ${JSON.stringify(value)}`);
  }

  number(key: string): number | null {
    const value = this.text(key);
    if (value === null) return null;
    const number = value === '' ? Number.NaN : Number(value);
    if (Number.isFinite(number)) return number;
    throw this.problem(key, `expected a number, found ${JSON.stringify(value)}`);
  }

  choice<T extends string>(key: string, choices: readonly T[]): T | null {
    const value = this.text(key)?.toLowerCase() ?? null;
    if (value === null) return null;
    const found = choices.find((choice) => choice.toLowerCase() === value);
    if (found !== undefined) return found;
    throw this.problem(key, `expected ${choices.join(' or ')}, found ${JSON.stringify(this.text(key))}`);
  }

  /** All entries, in file order. */
  all(): readonly Property[] {
    return [...this.entries.values()];
  }

  /** All entries whose key begins so, in file order. */
  startingWith(prefix: string): Property[] {
    const found = [...this.entries.values()].filter(({ key }) => key.startsWith(prefix));
    for (const { key } of found) this.asked.add(key);
    return found;
  }

  /** Entries that nobody asked for. */
  unasked(): Property[] {
    return [...this.entries.values()].filter(({ key }) => !this.asked.has(key));
  }

  problem(key: string, what: string): ConfigError {
    return new ConfigError(this.file, this.entries.get(key)?.line ?? null, `${key}: ${what}`);
  }

  missing(key: string, what: string): ConfigError {
    return new ConfigError(this.file, null, `${key} is not set, expected ${what}`);
  }

  warn(line: number | null, what: string): void {
    this.warnings.push(`${[this.file ?? 'configuration', line].filter((part) => part !== null).join(':')}: ${what}`);
  }

  warnAt(key: string, what: string): void {
    this.warn(this.entries.get(key)?.line ?? null, `${key}: ${what}`);
  }
}

function range(min: number, max: number): string {
  if (max === MAX_INT) return `of ${min} or more`;
  return `from ${min} to ${max}`;
}
