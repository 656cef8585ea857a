/** A deliberate bug: a few lines of our source, replaced when the source is loaded. */

export interface Edit {
  /** From the root of the repository. */
  readonly file: string;
  /** Must be there exactly once. */
  readonly find: string;
  readonly replace: string;
}

export interface Mutant {
  /** Stable, for the command line. */
  readonly name: string;
  /** What goes wrong, for the table. */
  readonly what: string;
  readonly edits: readonly Edit[];
  /** In other lives it changes nothing, so only seeds of these are tried, and counted. */
  readonly whereMembersChange?: true;
  /** It must be found within so many seeds; default `DEFAULT_WITHIN_SEEDS`. */
  readonly withinSeeds?: number;
}

export const DEFAULT_WITHIN_SEEDS = 100;

/** @throws if the source has changed and the bug is nowhere to be put: then the list is out of date */
export function mutate(source: string, mutant: string, { file, find, replace }: Edit): string {
  const parts = source.split(find);
  if (parts.length !== 2) {
    throw new Error(`mutant ${mutant}: expected its text once in ${file}, found it ${parts.length - 1} times`);
  }
  return parts.join(replace);
}
