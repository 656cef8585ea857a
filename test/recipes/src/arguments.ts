/** What both commands are told: which plays, and numbers. */
import { plays } from './plays/index.js';
import type { Play } from './plays/play.js';

/** @throws Error in one line */
export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`expected a whole number, got ${text}`);
  return Number(text);
}

/** @param names separated by commas; all when undefined. @throws Error in one line */
export function playsNamed(names: string | undefined): readonly Play[] {
  if (names === undefined) return plays;
  return names.split(',').map((name) => {
    const play = plays.find((each) => each.name === name);
    if (play === undefined)
      throw new Error(`expected plays of ${plays.map((each) => each.name).join(', ')}; got ${name}`);
    return play;
  });
}
