/** How contenders are named, so that one whose create had its reply lost is found again. */

/** Curator writes the same mark, so that its tools recognise ours (CreateBuilderImpl, protected mode). */
const PROTECTED = '_c_';

/** @param unique a UUID; @param kind what the contender is, for instance `lock` or `write`. */
export const protectedPrefix = (unique: string, kind: string): string => `${PROTECTED}${unique}-${kind}-`;

/** Whether `name` was made with this unique mark, whatever sequence number it got. */
export const carriesMark = (name: string, unique: string): boolean => name.startsWith(`${PROTECTED}${unique}-`);

/** Whether `name` is a sequential node of this kind, protected or not, made by us or by Curator. */
export function isOfKind(name: string, kind: string): boolean {
  return new RegExp(`(^|-)${kind}-(\\d{10}|-\\d{9,10})$`).test(name);
}

export const join = (directory: string, name: string): string =>
  directory === '/' ? `/${name}` : `${directory}/${name}`;
export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
