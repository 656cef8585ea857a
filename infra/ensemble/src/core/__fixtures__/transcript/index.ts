/**
 * Dialogues with one peer, as text. A line at the margin happens to the peer; the indented lines below it are all that
 * the peer does about it, in this order. The whole dialogue is played, written down again with what really followed,
 * and compared as one text.
 */
import { expect } from 'vitest';
import { type Cast, Stage } from './stage.js';

export { following, leading } from './preludes.js';

const INDENT = '  ';

export function dialogue(cast: Cast, script: string): void {
  const lines = outdent(script);
  const stage = new Stage(cast);
  const played: string[] = [];
  for (const line of lines) {
    if (line.startsWith(INDENT)) continue;
    played.push(line);
    // A remark of the script, or silence.
    if (line === '' || line.startsWith('#')) continue;
    played.push(...stage.play(line).map((spoken) => INDENT + spoken));
  }
  expect(played.join('\n')).toBe(lines.join('\n'));
}

/** Without the margin that the script has in its source file. */
function outdent(script: string): string[] {
  const lines = script.replace(/^\n/, '').trimEnd().split('\n');
  const margin = Math.min(...lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/)));
  return lines.map((line) => line.slice(margin));
}
