/** What may differ from one start to the next, and where it comes from: flags, the environment, or the last start. */
import { resolve } from 'node:path';

import { SettingsError } from '../errors.js';

export interface Settings {
  /** Everything written lands below it. Absolute. */
  readonly dataRoot: string;
  /** Added to every port, so that two systems fit on one machine. */
  readonly portOffset: number;
  /** A foreign ensemble, `host:port,...`; ours is then not started. */
  readonly zkConnect?: string;
}

/** The variables that carry settings from the launcher to the supervisors it starts. */
export const SettingsVariable = {
  dataRoot: 'MENAGERIE_DATA',
  portOffset: 'MENAGERIE_PORT_OFFSET',
  zkConnect: 'MENAGERIE_ZK',
} as const;

/** The highest port of the declaration, plus this, must stay a port. */
const MAX_PORT_OFFSET = 50_000;

export interface SettingsInput {
  readonly dataRoot?: string | undefined;
  readonly portOffset?: string | undefined;
  readonly zkConnect?: string | undefined;
}

/** @returns the input that the environment holds; a variable set to nothing counts as not set */
export function settingsFromEnvironment(environment: Readonly<Record<string, string | undefined>>): SettingsInput {
  const get = (name: string) => (environment[name] === '' ? undefined : environment[name]);
  return {
    dataRoot: get(SettingsVariable.dataRoot),
    portOffset: get(SettingsVariable.portOffset),
    zkConnect: get(SettingsVariable.zkConnect),
  };
}

/** @throws SettingsError with one line that names what is wrong */
export function parseSettings(root: string, input: SettingsInput): Settings {
  const portOffset = Number(input.portOffset ?? 0);
  if (!Number.isInteger(portOffset) || portOffset < 0 || portOffset > MAX_PORT_OFFSET) {
    throw new SettingsError(
      `port offset: expected a whole number from 0 to ${MAX_PORT_OFFSET}, got "${input.portOffset}"`,
    );
  }
  const dataRoot = resolve(root, input.dataRoot ?? '.data');
  const { zkConnect } = input;
  if (zkConnect === undefined) return { dataRoot, portOffset };
  const servers = zkConnect.split(/(?=\/)/)[0]?.split(',') ?? [];
  if (!servers.every(isHostPort)) {
    throw new SettingsError(`--zk: expected HOST:PORT,HOST:PORT,..., got "${zkConnect}"`);
  }
  return { dataRoot, portOffset, zkConnect };
}

function isHostPort(text: string): boolean {
  const port = Number(/^(?:[^\s:,]+|\[[0-9a-fA-F:]+\]):(\d{1,5})$/.exec(text)?.[1]);
  return port >= 1 && port <= 65_535;
}

/** @returns the variables that make a child process parse the same settings */
export function settingsEnvironment(settings: Settings): Record<string, string> {
  return {
    [SettingsVariable.dataRoot]: settings.dataRoot,
    [SettingsVariable.portOffset]: String(settings.portOffset),
    [SettingsVariable.zkConnect]: settings.zkConnect ?? '',
  };
}
