/** Plays as text: a line that begins with `>` is what the core learns, those below it are what it does. */
import { type ColdInput, type ColdState, FRESH_COLD, stepCold } from '../election/cold-machine.js';
import { FRESH_HOT, type HotInput, type HotState, stepHot } from '../election/hot-machine.js';

interface Effect {
  readonly kind: string;
}

/** `run fence=16`, with the fields in the order in which the effect has them. */
const effectLine = ({ kind, ...fields }: Effect): string =>
  [kind, ...Object.entries(fields).map(([name, value]) => `${name}=${String(value)}`)].join(' ');

const inputs: Readonly<Record<string, (words: readonly string[]) => object>> = {
  connected: () => ({}),
  suspended: ([atMs, cause = 'connection-lost']) => ({ atMs: Number(atMs), cause }),
  joined: ([name, fence]) => ({ name, fence: BigInt(fence ?? 0) }),
  instances: (names) => ({ names }),
  tasks: (names) => ({ names }),
  task: ([desired]) => ({ desired: desired === 'gone' ? null : desired }),
  tick: ([atMs]) => ({ atMs: Number(atMs) }),
};

function parse(line: string): object {
  const [kind = '', ...words] = line.slice(1).trim().split(/\s+/);
  return { kind, ...(inputs[kind]?.(words) ?? {}) };
}

/** @returns the play as it really goes: the same inputs, each followed by what was done */
function replay<State>(
  script: string,
  first: State,
  step: (state: State, input: object) => { state: State; effects: readonly Effect[] },
): string {
  let state = first;
  const lines: string[] = [];
  for (const line of clean(script)) {
    if (!line.startsWith('>')) continue;
    const result = step(state, parse(line));
    state = result.state;
    lines.push(line, ...result.effects.map(effectLine));
  }
  return lines.join('\n');
}

const clean = (script: string): readonly string[] =>
  script
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

export const written = (script: string): string => clean(script).join('\n');

export const playHot = (script: string, { herd = false, sessionTimeoutMs = 6_000 } = {}): string =>
  replay<HotState>(script, FRESH_HOT, (state, input) => stepHot(state, input as HotInput, { herd, sessionTimeoutMs }));

export const playCold = (script: string, sessionTimeoutMs = 6_000): string =>
  replay<ColdState>(script, FRESH_COLD, (state, input) => stepCold(state, input as ColdInput, { sessionTimeoutMs }));
