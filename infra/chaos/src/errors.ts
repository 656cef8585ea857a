/** Why a fault could not be injected or taken back. Each message is one line that says what to do. */

export const ChaosErrorCode = {
  /** The process is not there to be hurt. */
  notRunning: 'CHAOS_NOT_RUNNING',
  /** It is already as it was to become. */
  already: 'CHAOS_ALREADY',
  /** Nobody would start it again. */
  noSupervisor: 'CHAOS_NO_SUPERVISOR',
  /** The machine lacks what the fault needs. */
  unavailable: 'CHAOS_UNAVAILABLE',
  /** The process says of no session that it is its own. */
  noSession: 'CHAOS_NO_SESSION',
  failed: 'CHAOS_FAILED',
} as const;
export type ChaosErrorCode = (typeof ChaosErrorCode)[keyof typeof ChaosErrorCode];

export class ChaosError extends Error {
  constructor(
    readonly code: ChaosErrorCode,
    message: string,
    options: { readonly cause?: unknown } = {},
  ) {
    super(message, options);
    this.name = new.target.name;
  }

  /** True when asking differently would have worked. */
  get userMistake(): boolean {
    return this.code !== ChaosErrorCode.failed;
  }
}
