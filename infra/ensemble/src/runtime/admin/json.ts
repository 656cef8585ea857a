/** JSON as Jackson prints it, with 64-bit numbers as numbers, which `JSON.stringify` can not do. */
export type Json = string | number | bigint | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export function toJson(value: Json, indent = ''): string {
  if (typeof value === 'bigint') return value.toString();
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) {
    const items = (value as readonly Json[]).map((item) => toJson(item, indent));
    return items.length === 0 ? '[ ]' : `[ ${items.join(', ')} ]`;
  }
  const inner = `${indent}  `;
  const entries = Object.entries(value).map(([key, item]) => `${inner}${JSON.stringify(key)} : ${toJson(item, inner)}`);
  return entries.length === 0 ? '{ }' : `{\n${entries.join(',\n')}\n${indent}}`;
}
