/** What can go wrong inside the ensemble, with one stable code each. A broken invariant is an assertion instead. */

export type EnsembleErrorCode =
  | 'ENSEMBLE_SNAPSHOT_CONTENT'
  | 'ENSEMBLE_SNAPSHOT_ABANDONED'
  | 'ENSEMBLE_QUORUM_CONFIG'
  // Of the runtime: see runtime/errors.ts.
  | 'ENSEMBLE_CONFIG'
  | 'ENSEMBLE_DIRECTORY'
  | 'ENSEMBLE_KEY_STORE'
  | 'ENSEMBLE_PORT'
  | 'ENSEMBLE_DATA_DAMAGED'
  | 'ENSEMBLE_STORAGE_FAILED'
  | 'ENSEMBLE_HALTED'
  | 'ENSEMBLE_OPERATOR_REQUEST';

export abstract class EnsembleError extends Error {
  abstract readonly code: EnsembleErrorCode;
  /** Whether the same call may succeed later. */
  abstract readonly retryable: boolean;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A snapshot that reads well but describes no tree. */
export class SnapshotContentError extends EnsembleError {
  override readonly code = 'ENSEMBLE_SNAPSHOT_CONTENT';
  override readonly retryable = false;
}

/** A snapshot being taken came to nothing: its reader was too slow, or the state was replaced under it. */
export class SnapshotAbandonedError extends EnsembleError {
  override readonly code = 'ENSEMBLE_SNAPSHOT_ABANDONED';
  override readonly retryable = true;
}

/** Lines about membership that make no ensemble. */
export class QuorumConfigError extends EnsembleError {
  override readonly code = 'ENSEMBLE_QUORUM_CONFIG';
  override readonly retryable = false;
}
