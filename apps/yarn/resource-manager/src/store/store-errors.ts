/** Why a write was not done. */

/** The store takes no writes any more: it was fenced, it failed, or it is being closed. Nobody need be told again. */
export class StoreShutError extends Error {
  readonly code = 'YARN_STORE_SHUT';
  constructor(state: string, reason: string | null) {
    super(`the state store is ${state}${reason === null ? '' : `: ${reason}`}`);
    this.name = 'StoreShutError';
  }
}
