/** What can go wrong with a recipe, beyond what the client says of its calls. */

export type RecipeErrorCode =
  /** The caller's signal fired, or the time it allowed was over, before anything was granted. */
  | 'RECIPE_ABORTED'
  | 'RECIPE_TIMEOUT'
  /** The grant ended before the caller released it. */
  | 'RECIPE_GRANT_LOST'
  /** The grant was released before. */
  | 'RECIPE_RELEASED'
  /** The recipe was used against its own rules: started twice, used after close. */
  | 'RECIPE_MISUSED'
  /** A stated limit was reached: a full queue, an exhausted range of ids. */
  | 'RECIPE_LIMIT'
  /** What stands in the tree is not what this recipe writes. */
  | 'RECIPE_FOREIGN_DATA'
  /** Somebody with a larger fencing token was here: a late holder's write is refused. */
  | 'RECIPE_FENCED';

export class RecipeError extends Error {
  constructor(
    readonly code: RecipeErrorCode,
    message: string,
    /** Whether the same call may succeed later. */
    readonly retryable: boolean,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'RecipeError';
  }
}

export const isRecipeError = (error: unknown, code?: RecipeErrorCode): error is RecipeError =>
  error instanceof RecipeError && (code === undefined || error.code === code);
