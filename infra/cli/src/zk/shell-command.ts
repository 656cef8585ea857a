import type { Flags } from './words.js';
import type { ShellSession } from './shell-session.js';

export interface ShellCommand {
  readonly name: string;
  /** Behind the name, as `help` prints it. */
  readonly usage: string;
  /** Options without the dash; `true` if a value follows. */
  readonly options: Readonly<Record<string, boolean>>;
  /** How many words behind the options: at least, at most. */
  readonly words: readonly [least: number, most: number];
  run(session: ShellSession, flags: Flags): Promise<void> | void;
}
