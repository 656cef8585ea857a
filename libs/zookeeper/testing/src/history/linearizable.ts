/**
 * Whether a history of one object could have come from an object that does one thing at a time: is there an order of its
 * operations, each somewhere between its begin and its end, in which every one gets the answer it got?
 *
 * The search is Wing and Gong's ("Testing and Verifying Concurrent Objects", 1993) with Lowe's memory of what was tried
 * ("Testing for linearizability", 2017), as in Knossos and Porcupine. It is exponential at worst in how many operations
 * overlap; it counts its steps and gives up honestly.
 */

export interface Model<State, Input, Output> {
  readonly initial: State;
  /**
   * The state after `input` in `state`, or null if it can not have been answered with `output`. An output of undefined
   * stands for "nobody knows": it fits whatever happens.
   */
  step(state: State, input: Input, output: Output | undefined): State | null;
  /** Equal for equal states and for no others. */
  key(state: State): string;
}

export interface Operation<Input, Output> {
  readonly input: Input;
  /** Undefined if the caller never learned it: it may have happened at any time since, or not at all. */
  readonly output: Output | undefined;
  readonly begunMs: number;
  /** Of an operation without an output it does not count. */
  readonly endedMs: number;
}

export type Verdict =
  | { readonly kind: 'linearizable' }
  /** `stuckAt`: the operation that no order reached, in the order of their ends. */
  | { readonly kind: 'not linearizable'; readonly stuckAt: number }
  | { readonly kind: 'gave up'; readonly steps: number };

const DEFAULT_MAX_STEPS = 2_000_000;

interface Event {
  readonly operation: number;
  readonly isEnd: boolean;
  previous: Event | null;
  next: Event | null;
  /** Of a begin: its end; null if there is none. */
  end: Event | null;
}

export function linearize<State, Input, Output>(
  model: Model<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
  maxSteps: number = DEFAULT_MAX_STEPS,
): Verdict {
  const head = timeline(operations);
  const done = new Uint8Array(operations.length);
  const tried = new Set<string>();
  const stack: { readonly event: Event; readonly state: State }[] = [];
  let state = model.initial;
  let at = head.next;
  let furthest = -1;
  let pendingEnds = operations.filter(({ output }) => output !== undefined).length;
  for (let steps = 0; ; steps++) {
    if (pendingEnds === 0) return { kind: 'linearizable' };
    if (steps >= maxSteps) return { kind: 'gave up', steps };
    if (at !== null && !at.isEnd) {
      const { input, output } = operations[at.operation]!;
      const after = model.step(state, input, output);
      if (after !== null) {
        done[at.operation] = 1;
        const memory = `${Buffer.from(done).toString('latin1')}|${model.key(after)}`;
        if (!tried.has(memory)) {
          tried.add(memory);
          stack.push({ event: at, state });
          state = after;
          lift(at);
          if (output !== undefined) pendingEnds--;
          at = head.next;
          continue;
        }
        done[at.operation] = 0;
      }
      at = at.next;
      continue;
    }
    // An end whose operation has not been placed, or no event left: one of those placed before was wrong.
    if (at !== null) furthest = Math.max(furthest, at.operation);
    const last = stack.pop();
    if (last === undefined) return { kind: 'not linearizable', stuckAt: furthest };
    state = last.state;
    done[last.event.operation] = 0;
    if (operations[last.event.operation]!.output !== undefined) pendingEnds++;
    unlift(last.event);
    at = last.event.next;
  }
}

/** Begins and ends in the order of time, behind a head; an end that meets a begin comes after it. */
function timeline<Input, Output>(operations: readonly Operation<Input, Output>[]): Event {
  const events: { atMs: number; event: Event }[] = [];
  operations.forEach(({ begunMs, endedMs, output }, operation) => {
    const end: Event | null =
      output === undefined ? null : { operation, isEnd: true, previous: null, next: null, end: null };
    events.push({ atMs: begunMs, event: { operation, isEnd: false, previous: null, next: null, end } });
    if (end !== null) events.push({ atMs: endedMs, event: end });
  });
  events.sort((one, other) => one.atMs - other.atMs || Number(one.event.isEnd) - Number(other.event.isEnd));
  const head: Event = { operation: -1, isEnd: false, previous: null, next: null, end: null };
  let last = head;
  for (const { event } of events) {
    last.next = event;
    event.previous = last;
    last = event;
  }
  return head;
}

function lift(event: Event): void {
  unlink(event);
  if (event.end !== null) unlink(event.end);
}

/** Undoes `lift`; in reverse order of the lifts, each finds its neighbours where they were. */
function unlift(event: Event): void {
  if (event.end !== null) relink(event.end);
  relink(event);
}

function unlink(event: Event): void {
  event.previous!.next = event.next;
  if (event.next !== null) event.next.previous = event.previous;
}

function relink(event: Event): void {
  event.previous!.next = event;
  if (event.next !== null) event.next.previous = event;
}
