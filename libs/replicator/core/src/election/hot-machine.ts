/**
 * One core of a task with hot standby: what it does next, given what it has just learned. The host carries out effects in
 * order and feeds back what came of them; it never decides.
 *
 *   outside --join--> joining --joined, look--> standby | running
 *   running --deadline--> halted --reconnected in time, look--> running
 *   any --session lost--> outside
 */
import { haltAtMs, type SuspendCause } from './deadline.js';
import { place } from './placement.js';
import type { InstanceStatus } from '../layout/payloads.js';

export type HotPhase = 'outside' | 'joining' | 'standby' | 'running' | 'halted' | 'left';

export interface HotState {
  readonly phase: HotPhase;
  /** Invariant: null exactly while outside, joining or left. */
  readonly node: { readonly name: string; readonly fence: bigint } | null;
  /** Invariant: set only while running without a connection. */
  readonly haltAtMs: number | null;
}

export const FRESH_HOT: HotState = { phase: 'outside', node: null, haltAtMs: null };

export type HotInput =
  | { readonly kind: 'connected' }
  | { readonly kind: 'suspended'; readonly atMs: number; readonly cause: SuspendCause }
  | { readonly kind: 'lost' }
  /** The instance node is there; its creation zxid is the fence. */
  | { readonly kind: 'joined'; readonly name: string; readonly fence: bigint }
  /** The instances, read just now. */
  | { readonly kind: 'instances'; readonly names: readonly string[] }
  /** Something watched has changed, or was not there to be watched. */
  | { readonly kind: 'changed' }
  | { readonly kind: 'tick'; readonly atMs: number }
  /** The process stops. */
  | { readonly kind: 'leave' };

export type HotEffect =
  | { readonly kind: 'join' }
  /** Read the list of instances. */
  | { readonly kind: 'look' }
  /** Leave a watch on an instance, or on the list of all. */
  | { readonly kind: 'watch'; readonly what: string | 'all' }
  | { readonly kind: 'say'; readonly status: InstanceStatus }
  | { readonly kind: 'run'; readonly fence: bigint }
  /** Stop applying, at once. */
  | { readonly kind: 'halt'; readonly why: string }
  | { readonly kind: 'delete'; readonly name: string };

export interface HotSettings {
  readonly sessionTimeoutMs: number;
  /** Standbys watch the whole list, as the book has it, and not only the one before them. */
  readonly herd: boolean;
}

export interface HotStep {
  readonly state: HotState;
  readonly effects: readonly HotEffect[];
}

const stay = (state: HotState): HotStep => ({ state, effects: [] });

export function stepHot(state: HotState, input: HotInput, settings: HotSettings): HotStep {
  if (state.phase === 'left') return stay(state);
  switch (input.kind) {
    case 'connected':
      if (state.node === null) return { state: { ...state, phase: 'joining' }, effects: [{ kind: 'join' }] };
      // Whatever was watched may have fired unheard: read again.
      return { state: { ...state, haltAtMs: null }, effects: [{ kind: 'look' }] };
    case 'suspended': {
      if (state.phase !== 'running' || state.haltAtMs !== null) return stay(state);
      const at = haltAtMs(input.atMs, input.cause, settings.sessionTimeoutMs);
      return stepHot({ ...state, haltAtMs: at }, { kind: 'tick', atMs: input.atMs }, settings);
    }
    case 'lost':
      return { state: FRESH_HOT, effects: halting(state, 'the session is over') };
    case 'joined':
      if (state.phase !== 'joining') return stay(state);
      return {
        state: { phase: 'standby', node: { name: input.name, fence: input.fence }, haltAtMs: null },
        effects: [{ kind: 'look' }],
      };
    case 'instances':
      return state.node === null ? stay(state) : placed(state, state.node, input.names, settings);
    case 'changed':
      return state.node === null ? stay(state) : { state, effects: [{ kind: 'look' }] };
    case 'tick':
      if (state.haltAtMs === null || input.atMs < state.haltAtMs) return stay(state);
      return {
        state: { ...state, phase: 'halted', haltAtMs: null },
        effects: halting(state, 'no server has answered for two thirds of the session'),
      };
    case 'leave': {
      const gone = state.node === null ? [] : [{ kind: 'delete', name: state.node.name } as const];
      return { state: { ...FRESH_HOT, phase: 'left' }, effects: [...halting(state, 'this core stops'), ...gone] };
    }
  }
}

function placed(
  state: HotState,
  node: { readonly name: string; readonly fence: bigint },
  names: readonly string[],
  { herd }: HotSettings,
): HotStep {
  const { role, before } = place(names, node.name);
  switch (role) {
    case null:
      return {
        state: { ...FRESH_HOT, phase: 'joining' },
        effects: [...halting(state, 'its node was removed'), { kind: 'join' }],
      };
    case 'first': {
      const watch: HotEffect = { kind: 'watch', what: node.name };
      if (state.phase === 'running') return { state, effects: [watch] };
      return {
        state: { ...state, phase: 'running', haltAtMs: null },
        effects: [watch, { kind: 'say', status: 'RUNNING' }, { kind: 'run', fence: node.fence }],
      };
    }
    case 'later': {
      const watch: HotEffect = { kind: 'watch', what: herd ? 'all' : (before ?? 'all') };
      return {
        state: { ...state, phase: 'standby', haltAtMs: null },
        effects: [...halting(state, `${before} comes first`), { kind: 'say', status: 'STANDBY' }, watch],
      };
    }
  }
}

const halting = (state: HotState, why: string): readonly HotEffect[] =>
  state.phase === 'running' ? [{ kind: 'halt', why }] : [];
