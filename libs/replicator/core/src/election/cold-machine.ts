/**
 * One core of a group with cold standby: it walks the group's tasks in a fixed order, runs the first that nobody runs, and
 * takes its node away wherever it is not the first. As in `hot-machine.ts`, the host carries out effects and tells of them.
 *
 *   away --connected--> listing --tasks--> reading --to be run--> joining --> looking --first--> running
 *                          ^                  | stopped, gone                   | later
 *                          |                  v                                 v
 *                        resting <--last-- (next task) <------------------- leaving
 */
import { haltAtMs, type SuspendCause } from './deadline.js';
import { place } from './placement.js';
import type { InstanceStatus } from '../layout/payloads.js';

export type ColdPhase =
  'away' | 'listing' | 'reading' | 'joining' | 'looking' | 'leaving' | 'resting' | 'running' | 'halted' | 'left';

export interface ColdState {
  readonly phase: ColdPhase;
  /** Of this round, in the fixed order. */
  readonly tasks: readonly string[];
  /** Invariant: below the number of tasks, unless there are none. */
  readonly at: number;
  /** Invariant: of the task at `at`; null outside of looking, leaving, running and halted. */
  readonly node: { readonly name: string; readonly fence: bigint } | null;
  readonly haltAtMs: number | null;
  readonly rounds: number;
}

export const FRESH_COLD: ColdState = { phase: 'away', tasks: [], at: 0, node: null, haltAtMs: null, rounds: 0 };

export type ColdInput =
  | { readonly kind: 'connected' }
  | { readonly kind: 'suspended'; readonly atMs: number; readonly cause: SuspendCause }
  | { readonly kind: 'lost' }
  | { readonly kind: 'tasks'; readonly names: readonly string[] }
  /** The task's `desired`; null when there is no such task, or it cannot be read. */
  | { readonly kind: 'task'; readonly desired: 'RUN' | 'STOP' | null }
  | { readonly kind: 'joined'; readonly name: string; readonly fence: bigint }
  | { readonly kind: 'instances'; readonly names: readonly string[] }
  /** Our node is gone, for certain. */
  | { readonly kind: 'left' }
  | { readonly kind: 'rested' }
  /** Our own node was changed or removed. */
  | { readonly kind: 'changed' }
  /** The task that runs is to be stopped, or has gone. */
  | { readonly kind: 'unwanted' }
  | { readonly kind: 'tick'; readonly atMs: number }
  | { readonly kind: 'leave' };

export type ColdEffect =
  | { readonly kind: 'list' }
  | { readonly kind: 'read'; readonly task: string }
  | { readonly kind: 'join'; readonly task: string }
  | { readonly kind: 'look'; readonly task: string }
  | { readonly kind: 'watch'; readonly task: string; readonly name: string }
  | { readonly kind: 'say'; readonly task: string; readonly status: InstanceStatus }
  | { readonly kind: 'run'; readonly task: string; readonly fence: bigint }
  | { readonly kind: 'halt'; readonly why: string }
  /** Until it is gone, through lost answers: a node left behind would one day be the smallest, with nobody behind it. */
  | { readonly kind: 'delete'; readonly task: string; readonly name: string }
  /** Wait before the next round. */
  | { readonly kind: 'rest' };

export interface ColdStep {
  readonly state: ColdState;
  readonly effects: readonly ColdEffect[];
}

const stay = (state: ColdState): ColdStep => ({ state, effects: [] });

export function stepCold(
  state: ColdState,
  input: ColdInput,
  settings: { readonly sessionTimeoutMs: number },
): ColdStep {
  if (state.phase === 'left') return stay(state);
  const task = state.tasks[state.at] ?? '';
  switch (input.kind) {
    case 'connected':
      if (state.phase === 'away') return list(state);
      if (state.node === null || state.phase === 'leaving') return stay(state);
      return { state: { ...state, haltAtMs: null }, effects: [{ kind: 'look', task }] };
    case 'suspended': {
      if (state.phase !== 'running' || state.haltAtMs !== null) return stay(state);
      const at = haltAtMs(input.atMs, input.cause, settings.sessionTimeoutMs);
      return stepCold({ ...state, haltAtMs: at }, { kind: 'tick', atMs: input.atMs }, settings);
    }
    case 'lost':
      return { state: { ...FRESH_COLD, rounds: state.rounds }, effects: halting(state, 'the session is over') };
    case 'tasks':
      if (state.phase !== 'listing') return stay(state);
      return visit({ ...state, tasks: [...input.names].sort(), at: 0 });
    case 'task':
      if (state.phase !== 'reading') return stay(state);
      if (input.desired !== 'RUN') return visit({ ...state, at: state.at + 1 });
      return { state: { ...state, phase: 'joining' }, effects: [{ kind: 'join', task }] };
    case 'joined':
      if (state.phase !== 'joining') return stay(state);
      return {
        state: { ...state, phase: 'looking', node: { name: input.name, fence: input.fence } },
        effects: [{ kind: 'look', task }],
      };
    case 'instances':
      return state.node === null || state.phase === 'leaving'
        ? stay(state)
        : placed(state, task, state.node, input.names);
    case 'left':
      if (state.phase !== 'leaving') return stay(state);
      return visit({ ...state, node: null, at: state.at + 1 });
    case 'rested':
      return state.phase === 'resting' ? list(state) : stay(state);
    case 'changed':
      return state.phase === 'running' ? { state, effects: [{ kind: 'look', task }] } : stay(state);
    case 'unwanted':
      if (state.node === null || (state.phase !== 'running' && state.phase !== 'halted')) return stay(state);
      return leave(state, task, state.node, 'the task is not to be run any more');
    case 'tick':
      if (state.haltAtMs === null || input.atMs < state.haltAtMs) return stay(state);
      return {
        state: { ...state, phase: 'halted', haltAtMs: null },
        effects: halting(state, 'no server has answered for two thirds of the session'),
      };
    case 'leave': {
      const gone = state.node === null ? [] : [{ kind: 'delete', task, name: state.node.name } as const];
      return { state: { ...FRESH_COLD, phase: 'left' }, effects: [...halting(state, 'this core stops'), ...gone] };
    }
  }
}

const list = (state: ColdState): ColdStep => ({
  state: { ...state, phase: 'listing', tasks: [], at: 0, node: null },
  effects: [{ kind: 'list' }],
});

/** The task at `at`, or a rest after the last. */
function visit(state: ColdState): ColdStep {
  const task = state.tasks[state.at];
  if (task !== undefined) return { state: { ...state, phase: 'reading' }, effects: [{ kind: 'read', task }] };
  return { state: { ...state, phase: 'resting', at: 0, rounds: state.rounds + 1 }, effects: [{ kind: 'rest' }] };
}

function placed(
  state: ColdState,
  task: string,
  node: { readonly name: string; readonly fence: bigint },
  names: readonly string[],
): ColdStep {
  const { role } = place(names, node.name);
  if (role === 'later') return leave(state, task, node, 'another comes first');
  if (role === null) {
    const { state: next, effects } = list(state);
    return { state: next, effects: [...halting(state, 'its node was removed'), ...effects] };
  }
  const watch: ColdEffect = { kind: 'watch', task, name: node.name };
  if (state.phase === 'running') return { state, effects: [watch] };
  return {
    state: { ...state, phase: 'running', haltAtMs: null },
    effects: [watch, { kind: 'say', task, status: 'RUNNING' }, { kind: 'run', task, fence: node.fence }],
  };
}

function leave(state: ColdState, task: string, { name }: { readonly name: string }, why: string): ColdStep {
  return {
    state: { ...state, phase: 'leaving', haltAtMs: null },
    effects: [...halting(state, why), { kind: 'delete', task, name }],
  };
}

const halting = (state: ColdState, why: string): readonly ColdEffect[] =>
  state.phase === 'running' ? [{ kind: 'halt', why }] : [];
