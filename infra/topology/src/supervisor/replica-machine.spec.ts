import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { backoffMs, firstState, step, type ReplicaInput, type ReplicaState } from './replica-machine.js';

/** Feeds inputs one millisecond apart, from `state`; returns the last step. */
function play(state: ReplicaState, inputs: readonly ReplicaInput[], startMs = 0) {
  let last = { state, effects: [] } as ReturnType<typeof step>;
  inputs.forEach((input, index) => (last = step(last.state, input, startMs + index)));
  return last;
}

const crash = (held = false): ReplicaInput => ({ kind: 'exited', code: null, signal: 'SIGKILL', held });
const exit = (code: number): ReplicaInput => ({ kind: 'exited', code, signal: null, held: false });
const start: ReplicaInput = { kind: 'start' };
const stop: ReplicaInput = { kind: 'stop' };

describe('a supervised replica', () => {
  it('that crashes is started again, after longer and longer', () => {
    const first = play(firstState, [start, crash()]);
    expect(first.effects).toContainEqual({ kind: 'wake', afterMs: 250 });
    const second = play(first.state, [{ kind: 'due', held: false }, crash()]);
    expect(second.effects).toContainEqual({ kind: 'wake', afterMs: 500 });
    expect(backoffMs(100)).toBe(5000);
  });

  it('that ran well for a while starts its back-off anew', () => {
    const state: ReplicaState = { phase: 'running', sinceMs: 0, proven: true, crashes: 7 };
    expect(step(state, crash(), 10_000).state).toMatchObject({ phase: 'backing-off', crashes: 1 });
  });

  it('that is killed and held down stays down until it is released', () => {
    const held = play(firstState, [start, crash(true)]);
    expect(held.state).toMatchObject({ phase: 'held' });
    expect(play(held.state, [{ kind: 'due', held: true }]).effects).toEqual([]);
    expect(play(held.state, [{ kind: 'release' }]).effects).toEqual([{ kind: 'spawn' }]);
  });

  it('that is held down during its back-off is not started when its time comes', () => {
    expect(play(firstState, [start, crash(), { kind: 'due', held: true }]).state).toMatchObject({ phase: 'held' });
  });

  it('that refuses its configuration is not started again', () => {
    expect(play(firstState, [start, exit(2)]).state).toMatchObject({ phase: 'refused' });
  });

  it('that was healthy and later exits with 2 is started again: somebody else may have had its port for a moment', () => {
    expect(play(firstState, [start, { kind: 'healthy' }, exit(2)]).state).toMatchObject({
      phase: 'backing-off',
      crashes: 1,
    });
  });

  it('that was held down and is refused afterwards does not take the others with it', () => {
    const inputs: ReplicaInput[] = [start, { kind: 'healthy' }, crash(true), { kind: 'release' }, exit(2)];
    expect(play(firstState, inputs).state).toMatchObject({ phase: 'backing-off' });
  });

  it('that somebody stops in good order gets a second, in which we may be stopped too', () => {
    const cleanly = play(firstState, [start, exit(0)]);
    expect(cleanly.effects).toContainEqual({ kind: 'wake', afterMs: 1000 });
    expect(play(cleanly.state, [stop, { kind: 'due', held: false }]).state).toMatchObject({ phase: 'stopped' });
  });

  it('is asked to stop, and killed only after the deadline', () => {
    const stopping = play(firstState, [start, stop]);
    expect(stopping.effects).toEqual([{ kind: 'terminate' }]);
    expect(play(stopping.state, [{ kind: 'stop-deadline' }]).effects).toContainEqual({ kind: 'kill' });
    expect(play(stopping.state, [crash()]).state).toMatchObject({ phase: 'stopped' });
  });

  it('whatever happens, is spawned only when no process of it runs, and never after a stop', () => {
    const input = fc.oneof<fc.Arbitrary<ReplicaInput>[]>(
      fc.constantFrom<ReplicaInput>(start, { kind: 'healthy' }, { kind: 'release' }, stop, { kind: 'stop-deadline' }),
      fc.record({ kind: fc.constant('due' as const), held: fc.boolean() }),
      fc.record({
        kind: fc.constant('exited' as const),
        code: fc.constantFrom(0, 1, 2, null),
        signal: fc.constantFrom('SIGKILL', null),
        held: fc.boolean(),
      }),
    );
    fc.assert(
      fc.property(fc.array(input, { maxLength: 60 }), (inputs) => {
        let state = firstState;
        let alive = false;
        let stopped = false;
        inputs.forEach((next, index) => {
          // A process that does not run cannot exit.
          if (next.kind === 'exited' && !alive) return;
          const result = step(state, next, index * 100);
          if (next.kind === 'exited') alive = false;
          if (next.kind === 'stop') stopped = true;
          for (const effect of result.effects) {
            if (effect.kind !== 'spawn') continue;
            expect(alive || stopped).toBe(false);
            alive = true;
          }
          state = result.state;
          expect(alive).toBe(state.phase === 'running' || state.phase === 'stopping');
        });
      }),
    );
  });
});
