/**
 * Whether what clients saw of one key can be put into one order that is in keeping with real time and with what a
 * register does. Knows nothing of zxids: a second opinion beside the rules that do.
 *
 * Wing and Gong's search with Lowe's memory of configurations seen, per key, which is enough since linearizability is
 * local. A call without an answer may have happened at any time after it was made, or never; such calls are only tried
 * where those with an answer leave no other way. The search is given up after `MAX_STEPS` (NP-hard it stays).
 * Source: Wing, Gong, Testing and Verifying Concurrent Objects (1993); Lowe, Testing for Linearizability (2017).
 */

export type RegisterAction =
  | { readonly kind: 'create'; readonly value: string }
  /** `expectedVersion` -1: any. */
  | { readonly kind: 'set'; readonly value: string; readonly expectedVersion: number }
  | { readonly kind: 'delete' }
  | { readonly kind: 'read' };

export type RegisterResult =
  | { readonly kind: 'done'; readonly version?: number }
  | { readonly kind: 'value'; readonly value: string; readonly version: number }
  | { readonly kind: 'absent' }
  | { readonly kind: 'exists' }
  | { readonly kind: 'bad version' };

export interface RegisterCall {
  readonly action: RegisterAction;
  /** Order of calls and returns over all clients. */
  readonly calledAt: number;
  /** Infinity for a call without an answer. */
  returnedAt: number;
  /** Null without an answer. */
  result: RegisterResult | null;
}

export type Verdict = 'linearizable' | 'violated' | 'undecided';

/** Null: there is no node. */
type State = { readonly version: number; readonly value: string } | null;

const MAX_STEPS = 10_000;

interface Frame {
  readonly state: State;
  readonly candidates: readonly number[];
  next: number;
  /** Taken to get here, -1 at the start. */
  readonly taken: number;
}

export function checkRegister(calls: readonly RegisterCall[]): Verdict {
  const ops = [...calls].sort((a, b) => a.calledAt - b.calledAt);
  const isTaken = new Uint8Array(ops.length);
  const answered = ops.filter((op) => op.result !== null).length;
  const seen = new Set<string>();
  let first = 0;
  let left = answered;

  const candidates = (): number[] => {
    while (first < ops.length && isTaken[first] === 1) first++;
    let earliestReturn = Number.POSITIVE_INFINITY;
    const known: number[] = [];
    const unknown: number[] = [];
    for (let i = first; i < ops.length; i++) {
      const op = ops[i]!;
      if (op.calledAt > earliestReturn) break;
      if (isTaken[i] === 1) continue;
      if (op.result === null) unknown.push(i);
      else {
        known.push(i);
        earliestReturn = Math.min(earliestReturn, op.returnedAt);
      }
    }
    return [...known.filter((i) => ops[i]!.calledAt <= earliestReturn), ...unknown];
  };
  /** All before the first that is open is taken, so the rest of them tells a configuration. */
  const configuration = (state: State): string => {
    let open = '';
    for (let i = first, gaps = 0; i < ops.length && gaps < 64; i++) {
      if (isTaken[i] === 1) open += `${i},`;
      else gaps++;
    }
    return `${first}|${open}|${state === null ? '' : `${state.version}:${state.value}`}`;
  };

  const stack: Frame[] = [{ state: null, candidates: candidates(), next: 0, taken: -1 }];
  for (let steps = 0; stack.length > 0; steps++) {
    if (left === 0) return 'linearizable';
    if (steps > MAX_STEPS) return 'undecided';
    const frame = stack.at(-1)!;
    const at = frame.candidates[frame.next++];
    if (at === undefined) {
      stack.pop();
      if (frame.taken < 0) continue;
      isTaken[frame.taken] = 0;
      first = Math.min(first, frame.taken);
      if (ops[frame.taken]!.result !== null) left++;
      continue;
    }
    const op = ops[at]!;
    const next = apply(frame.state, op);
    if (next === undefined) continue;
    isTaken[at] = 1;
    if (op.result !== null) left--;
    const list = candidates();
    const key = configuration(next);
    if (seen.has(key)) {
      isTaken[at] = 0;
      first = Math.min(first, at);
      if (op.result !== null) left++;
      continue;
    }
    seen.add(key);
    stack.push({ state: next, candidates: list, next: 0, taken: at });
  }
  return left === 0 ? 'linearizable' : 'violated';
}

/** @returns undefined if the call can not have had this result in this state */
function apply(state: State, { action, result }: RegisterCall): State | undefined {
  const after = effect(state, action);
  if (result === null) return after === 'absent' || after === 'exists' || after === 'bad version' ? undefined : after;
  switch (result.kind) {
    case 'absent':
    case 'exists':
    case 'bad version':
      return after === result.kind ? state : undefined;
    case 'value':
      return state !== null && state.value === result.value && state.version === result.version ? state : undefined;
    case 'done':
      if (after === 'absent' || after === 'exists' || after === 'bad version') return undefined;
      return result.version === undefined || after?.version === result.version ? after : undefined;
  }
}

function effect(state: State, action: RegisterAction): State | 'absent' | 'exists' | 'bad version' {
  switch (action.kind) {
    case 'create':
      return state === null ? { version: 0, value: action.value } : 'exists';
    case 'set':
      if (state === null) return 'absent';
      if (action.expectedVersion !== -1 && action.expectedVersion !== state.version) return 'bad version';
      return { version: state.version + 1, value: action.value };
    case 'delete':
      return state === null ? 'absent' : null;
    case 'read':
      return state === null ? 'absent' : state;
  }
}
