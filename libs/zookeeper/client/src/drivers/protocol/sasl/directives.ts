/** `name=value,name="value"`: the form of DIGEST-MD5's messages (RFC 2831 7.1). */

/** Of a challenge (RFC 2831 2.1.1 allows less); a longer one is cut off there. */
const MAX_CHARS = 4096;

/** The first value of each name; whatever is not of the form is passed over. */
export function parseDirectives(text: string): ReadonlyMap<string, string> {
  const directives = new Map<string, string>();
  const form = /([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/g;
  for (const [, name, inQuotes, plain] of text.slice(0, MAX_CHARS).matchAll(form)) {
    const value = inQuotes?.replace(/\\(.)/g, '$1') ?? plain ?? '';
    if (!directives.has(name!.toLowerCase())) directives.set(name!.toLowerCase(), value);
  }
  return directives;
}

export function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
