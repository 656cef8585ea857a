/**
 * What a supervisor does about one replica, decided without a clock or a process: an input comes in, the next state and
 * the effects go out. `supervisor.ts` carries them out.
 *
 *   waiting ──start──▶ running ──exited──▶ backing-off ──due──▶ running
 *                        │  └────exited────▶ held ──release──▶ running
 *                        │                    (held down by a fault: .data/run/<id>.down)
 *                        ├──exited with 2, never healthy──▶ refused
 *                        └──stop──▶ stopping ──exited──▶ stopped
 */

export const ReplicaPhase = {
  waiting: 'waiting',
  running: 'running',
  backingOff: 'backing-off',
  held: 'held',
  stopping: 'stopping',
  refused: 'refused',
  stopped: 'stopped',
} as const;
export type ReplicaPhase = (typeof ReplicaPhase)[keyof typeof ReplicaPhase];

export interface ReplicaState {
  readonly phase: ReplicaPhase;
  /** It has been healthy at some time, so its configuration is one that works. */
  readonly proven: boolean;
  /** Crashes in a row. */
  readonly crashes: number;
  /** Start of the process that runs, when one does. */
  readonly sinceMs: number;
}

export type ReplicaInput =
  | { readonly kind: 'start' }
  | { readonly kind: 'healthy' }
  /** `held`: whether the replica is held down at this moment. */
  | { readonly kind: 'exited'; readonly code: number | null; readonly signal: string | null; readonly held: boolean }
  | { readonly kind: 'due'; readonly held: boolean }
  | { readonly kind: 'release' }
  | { readonly kind: 'stop' }
  | { readonly kind: 'stop-deadline' };

export type ReplicaEffect =
  | { readonly kind: 'spawn' }
  /** Ask for `due` after this time. */
  | { readonly kind: 'wake'; readonly afterMs: number }
  | { readonly kind: 'terminate' }
  | { readonly kind: 'kill' }
  | { readonly kind: 'report'; readonly text: string };

export interface Step {
  readonly state: ReplicaState;
  readonly effects: readonly ReplicaEffect[];
}

/** Exit code of a process that says: do not start me again like this (bad config, busy port). */
const USAGE = 2;
const FIRST_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 5_000;
/** Somebody else stopped it in good order. If that was the end of everything, we are told before this is over. */
const CLEAN_EXIT_BACKOFF_MS = 1_000;
/** After so long without a crash the next one counts as the first. */
const STEADY_MS = 10_000;

export const firstState: ReplicaState = { phase: ReplicaPhase.waiting, proven: false, crashes: 0, sinceMs: 0 };

export function step(state: ReplicaState, input: ReplicaInput, nowMs: number): Step {
  switch (input.kind) {
    case 'start':
    case 'release':
      return state.phase === 'waiting' || state.phase === 'held' ? spawn({ ...state, crashes: 0 }, nowMs) : stay(state);
    case 'healthy':
      return state.phase === 'running' ? stay({ ...state, proven: true }) : stay(state);
    case 'exited':
      return exited(state, input, nowMs);
    case 'due':
      if (state.phase !== 'backing-off') return stay(state);
      return input.held ? hold(state) : spawn(state, nowMs);
    case 'stop':
      return stop(state);
    case 'stop-deadline':
      if (state.phase !== 'stopping') return stay(state);
      return { state, effects: [{ kind: 'kill' }, report('does not stop: killed')] };
  }
}

function exited(state: ReplicaState, input: Extract<ReplicaInput, { kind: 'exited' }>, nowMs: number): Step {
  const how = input.signal ?? `exit code ${input.code}`;
  if (state.phase === 'stopping') return go(state, 'stopped', report(`stopped (${how})`));
  if (state.phase !== 'running') return stay(state);
  if (input.held) return hold(state, how);
  if (input.code === USAGE && !state.proven) return go(state, 'refused', report('refuses to start'));
  const crashes = nowMs - state.sinceMs >= STEADY_MS ? 1 : state.crashes + 1;
  const afterMs = input.code === 0 ? CLEAN_EXIT_BACKOFF_MS : backoffMs(crashes);
  const text = `ended (${how}), starts again in ${afterMs} ms`;
  return go({ ...state, crashes }, 'backing-off', report(text), { kind: 'wake', afterMs });
}

function stop(state: ReplicaState): Step {
  switch (state.phase) {
    case 'running':
      return go(state, 'stopping', { kind: 'terminate' });
    case 'stopping':
    case 'refused':
      return stay(state);
    default:
      return go(state, 'stopped');
  }
}

/** @returns the wait before the start that follows the `crashes`-th crash in a row */
export function backoffMs(crashes: number): number {
  return Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.max(0, crashes - 1));
}

function spawn(state: ReplicaState, nowMs: number): Step {
  return go({ ...state, sinceMs: nowMs }, 'running', { kind: 'spawn' });
}

function hold(state: ReplicaState, how?: string): Step {
  return go(state, 'held', report(how === undefined ? 'held down' : `ended (${how}), held down`));
}

function go(state: ReplicaState, phase: ReplicaPhase, ...effects: ReplicaEffect[]): Step {
  return { state: { ...state, phase }, effects };
}

function stay(state: ReplicaState): Step {
  return { state, effects: [] };
}

function report(text: string): ReplicaEffect {
  return { kind: 'report', text };
}
