/** What every command is given: the repository, the settings in force, and where to write. */
import {
  menagerie,
  parseSettings,
  plan,
  type Plan,
  Registry,
  type Settings,
  settingsFromEnvironment,
  type SettingsInput,
} from '@menagerie/topology';

export interface Output {
  /** Writes a line to stdout. */
  line(text?: string): void;
  /** Writes a line to stderr: progress and notes, so that stdout is only the answer. */
  note(text: string): void;
  /** Colours and other niceties are welcome. */
  readonly isTerminal: boolean;
}

export interface CliContext {
  /** Root of the repository. */
  readonly root: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly output: Output;
  /** Fires on the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  /** The command's exit code; 0 unless a command says otherwise. */
  exitCode: number;
}

/** @returns the plan for a start: flags, then the environment, then the defaults */
export function planOfStart(context: CliContext, flags: SettingsInput): Plan {
  const given = settingsFromEnvironment(context.environment);
  const input: SettingsInput = {
    dataRoot: flags.dataRoot ?? given.dataRoot,
    portOffset: flags.portOffset ?? given.portOffset,
    zkConnect: flags.zkConnect ?? given.zkConnect,
  };
  return plan(menagerie, parseSettings(context.root, input));
}

/** @returns the plan that was started last on the data root in force, so that no command needs to be told again */
export function planInForce(context: CliContext): Plan {
  const given = settingsFromEnvironment(context.environment);
  const settings = parseSettings(context.root, given);
  if (given.portOffset !== undefined || given.zkConnect !== undefined) return plan(menagerie, settings);
  const last: Settings = new Registry(settings.dataRoot).lastSettings() ?? settings;
  return plan(menagerie, last);
}
