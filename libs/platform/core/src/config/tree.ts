/**
 * The history of an application's configuration: revisions, each a set of changes made together, from which the tree of
 * any moment can be made again.
 */
import { PatternError } from '../errors.js';
import { formatOf, parseDocument } from './document.js';

/** Text of a key, null where it was taken away. */
export interface Change {
  readonly key: string;
  readonly text: string | null;
  readonly isSecret: boolean;
}

export interface Revision {
  /** Counted from 1, without gaps. */
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly by: string;
  readonly comment: string;
  readonly changes: readonly Change[];
}

export interface Difference {
  /** `db.json/pool/max`; a secret and a document that is no object differ as a whole. */
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

export const MASK = '********';
const KEY = /^[A-Za-z][\w.-]{0,99}$/;
export const isKey = (text: string): boolean => KEY.test(text) && !text.includes('..');

export type Tree = ReadonlyMap<string, Change>;

/** @throws PatternError `CONFIG_NOT_FOUND` for a revision that there was not, or whose beginnings are no longer kept */
export function treeAt(history: readonly Revision[], number: number): Tree {
  const first = history[0];
  const isKnown =
    number === 0 ? first === undefined || first.number === 1 : history.some((each) => each.number === number);
  if (!isKnown) {
    const known = first === undefined ? 'none' : `${first.number} to ${history.at(-1)?.number}`;
    throw new PatternError('CONFIG_NOT_FOUND', `revision ${number}: expected one that is kept (${known})`);
  }
  const tree = new Map<string, Change>();
  for (const revision of history) {
    if (revision.number > number) break;
    for (const change of revision.changes) {
      if (change.text === null) tree.delete(change.key);
      else tree.set(change.key, change);
    }
  }
  return tree;
}

/** What must be published so that `from` becomes `to`. */
export function changesBetween(from: Tree, to: Tree): readonly Change[] {
  const changes: Change[] = [];
  for (const [key, change] of to) if (from.get(key)?.text !== change.text) changes.push(change);
  for (const [key, { isSecret }] of from) if (!to.has(key)) changes.push({ key, text: null, isSecret });
  return changes;
}

/** Value by value, in the order of paths. A secret shows that it differs, and nothing else. */
export function diffTrees(before: Tree, after: Tree): readonly Difference[] {
  const differences: Difference[] = [];
  for (const key of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const old = flat(before.get(key));
    const now = flat(after.get(key));
    for (const path of [...new Set([...old.keys(), ...now.keys()])].sort()) {
      if (JSON.stringify(old.get(path)) === JSON.stringify(now.get(path))) continue;
      const isSecret = before.get(key)?.isSecret === true || after.get(key)?.isSecret === true;
      differences.push({
        path: `${key}${path}`,
        ...(old.has(path) ? { before: isSecret ? MASK : old.get(path) } : {}),
        ...(now.has(path) ? { after: isSecret ? MASK : now.get(path) } : {}),
      });
    }
  }
  return differences;
}

function flat(change: Change | undefined): ReadonlyMap<string, unknown> {
  const leaves = new Map<string, unknown>();
  if (change === undefined || change.text === null) return leaves;
  if (change.isSecret || formatOf(change.key) === 'text') return leaves.set('', change.text);
  walk(parseDocument(change.key, change.text), '', leaves);
  return leaves;
}

function walk(value: unknown, path: string, leaves: Map<string, unknown>): void {
  const isBranch = typeof value === 'object' && value !== null && Object.keys(value).length > 0;
  if (!isBranch) return void leaves.set(path, value);
  for (const [name, child] of Object.entries(value)) walk(child, `${path}/${name}`, leaves);
}

/** A revision as it may be shown. */
export const masked = (revision: Revision): Revision => ({
  ...revision,
  changes: revision.changes.map((change) =>
    change.isSecret && change.text !== null ? { ...change, text: MASK } : change,
  ),
});
