/** What two answers have in common though their numbers differ: names, order of names, types. */

/** `{"a":1,"b":["x"]}` as `a: number`, `b[]: string`. Keys that are data (`isData`) become `*`. */
export function shapeOf(value: unknown, isData: (path: string) => boolean = () => false, path = ''): string[] {
  if (Array.isArray(value)) {
    const [first] = value as unknown[];
    return first === undefined ? [`${path}: empty list`] : shapeOf(first, isData, `${path}[]`);
  }
  if (typeof value !== 'object' || value === null) return [`${path}: ${value === null ? 'null' : typeof value}`];
  const entries = Object.entries(value);
  if (entries.length === 0) return [`${path}: empty`];
  if (isData(path)) return shapeOf(entries[0]![1], isData, `${path}.*`);
  return entries.flatMap(([key, inner]) => shapeOf(inner, isData, path === '' ? key : `${path}.${key}`));
}
