/** The copy that a cache keeps: nodes as last read, and events of what differs. How it is fed is not its business. */
import { RecipeError } from '../errors.js';
import { differences, isStale, type CachedNode, type CacheEvent } from './tree-diff.js';

/** Which part of a tree is copied. */
export interface CopyShape {
  readonly root: string;
  /** Whether the root itself is kept, or only what is below it. */
  readonly hasRoot: boolean;
  /** Levels below the root; 0 for the root alone. */
  readonly depth: number;
}

export class Copy {
  readonly nodes = new Map<string, CachedNode>();
  /** Everything there was has been read, and nothing is known to have changed unseen since. */
  isCurrent = false;

  constructor(
    readonly shape: CopyShape,
    private readonly limit: number,
    private readonly onEvent: ((event: CacheEvent) => void) | undefined,
    private readonly onFirstRead: () => void,
  ) {}

  /** @param read null: there is none. @throws RecipeError `RECIPE_LIMIT` */
  know(path: string, read: CachedNode | null): void {
    const before = this.nodes.get(path) ?? null;
    if (read !== null && isStale(before, read)) return;
    if (read === null) this.nodes.delete(path);
    else this.nodes.set(path, read);
    if (this.nodes.size > this.limit)
      throw new RecipeError('RECIPE_LIMIT', `more than ${this.limit} nodes to keep`, false);
    for (const event of differences(before, read)) this.onEvent?.(event);
  }

  /** Forgets the nodes for which it is so, the deepest first. */
  forgetWhere(isGone: (path: string) => boolean): void {
    const gone = [...this.nodes.keys()].filter(isGone).sort((a, b) => b.length - a.length);
    for (const path of gone) this.know(path, null);
  }

  /** Everything has been read once (again). */
  becameCurrent(): void {
    this.isCurrent = true;
    this.onFirstRead();
  }
}
