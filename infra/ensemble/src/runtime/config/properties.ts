/**
 * The syntax of zoo.cfg: java.util.Properties, with the number of the line each entry began on.
 *
 *   # or ! begins a comment; key and value stand apart by '=', ':' or blanks; a backslash at the end of a line goes on
 *   in the next one; \t \n \r \f \uXXXX and backslash-anything are escapes.
 */

export interface Property {
  readonly key: string;
  readonly value: string;
  /** From 1. */
  readonly line: number;
  /** False for a line without '=' or ':', which Apache takes and a reader would not. */
  readonly hasSeparator: boolean;
}

/** All entries in file order, repeated keys included. Never fails: any text is a properties file. */
export function parseProperties(text: string): Property[] {
  const properties: Property[] = [];
  const lines = text.split(/\r\n|\n|\r/);
  for (let at = 0; at < lines.length; at++) {
    const line = at + 1;
    let logical = lines[at]!.trimStart();
    if (logical === '' || logical.startsWith('#') || logical.startsWith('!')) continue;
    while (endsInContinuation(logical) && at + 1 < lines.length) {
      logical = logical.slice(0, -1) + lines[++at]!.trimStart();
    }
    if (endsInContinuation(logical)) logical = logical.slice(0, -1);
    properties.push(splitEntry(logical, line));
  }
  return properties;
}

function endsInContinuation(line: string): boolean {
  return /(?:^|[^\\])(?:\\\\)*\\$/.test(line);
}

function splitEntry(logical: string, line: number): Property {
  const keyEnd = /^(?:\\.|[^\\=:\s])*/.exec(logical)![0].length;
  const rest = /^\s*([=:]?)\s*([^]*)$/.exec(logical.slice(keyEnd))!;
  return {
    key: unescape(logical.slice(0, keyEnd)).trim(),
    value: unescape(rest[2]!).trim(),
    line,
    hasSeparator: rest[1] !== '',
  };
}

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

function unescape(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|([^]))/g, (_, hex: string | undefined, char: string | undefined) =>
    hex === undefined ? (ESCAPES[char!] ?? char!) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
