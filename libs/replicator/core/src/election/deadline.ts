/**
 * When a core that has lost its connection must stop applying: before the ensemble can have given its task away.
 *
 * The session ends a timeout after the last request of ours that was answered. Our client sends one at least each third of
 * it and calls the session suspended when an answer is two thirds late, or when the connection goes. So at the moment of a
 * lost connection up to a third may be over already, and one more third is left until the two thirds at which a holder
 * stops; when it was silence, the two thirds are over.
 */
export type SuspendCause = 'connection-lost' | 'no-answer';

/** @returns by the same clock as `nowMs`: from then on nothing may be applied */
export function haltAtMs(nowMs: number, cause: SuspendCause, sessionTimeoutMs: number): number {
  return cause === 'no-answer' ? nowMs : nowMs + Math.floor(sessionTimeoutMs / 3);
}
