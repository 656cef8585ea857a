/**
 * Lines that say who is in the ensemble: server.N, group.N, weight.N. Source: QuorumPeerConfig.parseDynamicConfig.
 */
import type { ServerId } from '../../core/contract/index.js';
import { QuorumConfigError } from '../../core/errors.js';
import { checkQuorumConfig, MAX_SERVER_ID, parseServerValue, type QuorumConfig } from '../../core/quorum/index.js';
import { ConfigError } from '../errors.js';
import type { Settings } from './settings.js';

/** Everything about membership in one file; `null` if there is not one server line. */
export function parseQuorumConfig(settings: Settings, version: bigint): QuorumConfig | null {
  const members = settings.startingWith('server.').map(({ key, value }) => {
    const parsed = parseServerValue(parseId(settings, key), value);
    if ('problem' in parsed) throw settings.problem(key, parsed.problem);
    return parsed.ok;
  });
  const groups = new Map(
    settings.startingWith('group.').map(({ key, value }) => [parseId(settings, key), parseIds(settings, key, value)]),
  );
  const weights = new Map(
    settings.startingWith('weight.').map(({ key }) => [parseId(settings, key), settings.integer(key, { min: 0 })!]),
  );
  if (members.length === 0) return null;
  members.sort((one, other) => one.id - other.id);
  try {
    return checkQuorumConfig({ members, groups, weights, version });
  } catch (error) {
    if (error instanceof QuorumConfigError) throw new ConfigError(settings.file, null, error.message);
    throw error;
  }
}

function parseId(settings: Settings, key: string): ServerId {
  const text = key.slice(key.indexOf('.') + 1);
  if (isId(text)) return Number(text);
  throw settings.problem(
    key,
    `expected an id from 0 to ${MAX_SERVER_ID} behind the dot, found ${JSON.stringify(text)}`,
  );
}

function parseIds(settings: Settings, key: string, value: string): ServerId[] {
  const texts = value.split(':').map((text) => text.trim());
  if (texts.every(isId)) return texts.map(Number);
  throw settings.problem(key, `expected ids of servers as 1:2:3, found ${JSON.stringify(value)}`);
}

function isId(text: string): boolean {
  return /^\d{1,3}$/.test(text) && Number(text) <= MAX_SERVER_ID;
}
