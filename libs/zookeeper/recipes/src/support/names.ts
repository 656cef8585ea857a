/** How contenders are named: by the client's protected create, with their kind before the sequence number. */
import { sequenceOf } from './sequence.js';

const DASH = 45;

/** Whether `name` is a sequential node of this kind, protected or not, made by us or by Curator. */
export function isOfKind(name: string, kind: string): boolean {
  // The kind stands in front of the last dash that is no sign; a line of a thousand is looked at a thousand times.
  const isDash = (back: number) => name.charCodeAt(name.length - back) === DASH;
  const digits = isDash(11) ? (isDash(12) ? 12 : 11) : 0;
  const begin = name.length - digits - kind.length;
  if (digits === 0 || begin < 0 || !name.startsWith(kind, begin) || sequenceOf(name) === null) return false;
  return begin === 0 || name.charCodeAt(begin - 1) === DASH;
}

export const join = (directory: string, name: string): string =>
  directory === '/' ? `/${name}` : `${directory}/${name}`;
export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
