/**
 * A configuration as text: what stands in /zookeeper/config, travels in notifications and in NEWLEADER.
 *
 *   text = ("server.N=" value "\n")* ("group.G=" id (":" id)* "\n")* ("weight.N=" number "\n")* "version=" hex
 *
 * Source: QuorumMaj.toString, QuorumHierarchical.toString, QuorumPeer.configFromString.
 */
import type { ServerId } from '../contract/index.js';
import { QuorumConfigError } from '../errors.js';
import { parseServerValue, formatServerValue } from './server-value.js';
import { type EnsembleMember, LearnerRole, MAX_SERVER_ID, participantsOf, type QuorumConfig } from './types.js';

export function formatQuorumConfig(config: QuorumConfig): string {
  const lines = config.members.map((member) => `server.${member.id}=${formatServerValue(member)}`);
  if (config.groups.size > 0) {
    for (const [group, ids] of config.groups) lines.push(`group.${group}=${ids.join(':')}`);
    for (const [id, weight] of allWeights(config)) lines.push(`weight.${id}=${weight}`);
  }
  lines.push(`version=${config.version.toString(16)}`);
  return lines.join('\n');
}

/**
 * Lines that say nothing about membership are passed over, as Apache does.
 *
 * @throws QuorumConfigError with one line that says what was expected and found
 */
export const parseQuorumConfigText = (text: string): QuorumConfig => checkQuorumConfig(parseMemberLines(text));

/**
 * What the lines say, possible or not.
 *
 * @param onOther told of keys that say nothing about membership
 * @throws QuorumConfigError for a line that can not be read
 */
export function parseMemberLines(text: string, onOther: (key: string) => void = () => {}): QuorumConfig {
  const members: EnsembleMember[] = [];
  const groups = new Map<number, readonly ServerId[]>();
  const weights = new Map<ServerId, number>();
  let version = 0n;
  for (const [key, value] of entriesOf(text)) {
    if (key === 'version') version = parseVersion(value);
    else if (key.startsWith('server.')) members.push(parseMember(key, value));
    else if (key.startsWith('group.')) groups.set(parseId(key), value.split(':').map(parseIdText));
    else if (key.startsWith('weight.')) weights.set(parseId(key), parseWeight(key, value));
    else onOther(key);
  }
  members.sort((one, other) => one.id - other.id);
  return { members, groups, weights, version };
}

/**
 * What makes quorums possible at all: ids once, a participant, and with groups each participant in exactly one.
 *
 * @throws QuorumConfigError
 */
export function checkQuorumConfig(config: QuorumConfig): QuorumConfig {
  const { members, groups } = config;
  const ids = members.map((member) => member.id);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice !== undefined) throw new QuorumConfigError(`expected each id once, found server.${twice} twice`);
  if (!members.some((member) => member.role === LearnerRole.participant)) {
    throw new QuorumConfigError(`expected at least one participant, found ${members.length} servers without one`);
  }
  if (groups.size === 0) return config;
  const grouped = [...groups.values()].flat();
  const inTwo = grouped.find((id, at) => grouped.indexOf(id) !== at);
  if (inTwo !== undefined) throw new QuorumConfigError(`expected each server in one group, found ${inTwo} in two`);
  const unknown = grouped.find((id) => !ids.includes(id));
  if (unknown !== undefined) {
    throw new QuorumConfigError(`expected ids of servers in groups, found ${unknown} without a line server.${unknown}`);
  }
  const left = participantsOf(config).find((id) => !grouped.includes(id));
  if (left !== undefined) {
    throw new QuorumConfigError(`expected every participant in a group, found server.${left} in none`);
  }
  return config;
}

/** Of every participant, and of who else has a line. */
function allWeights(config: QuorumConfig): [ServerId, number][] {
  const weights = new Map(participantsOf(config).map((id) => [id, 1]));
  for (const [id, weight] of config.weights) weights.set(id, weight);
  return [...weights].sort(([one], [other]) => one - other);
}

function* entriesOf(text: string): Iterable<[key: string, value: string]> {
  for (const line of text.split('\n')) {
    const at = line.indexOf('=');
    if (at > 0) yield [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    else if (line.trim() !== '') yield [line.trim(), ''];
  }
}

function parseMember(key: string, value: string): EnsembleMember {
  const parsed = parseServerValue(parseId(key), value);
  if ('problem' in parsed) throw new QuorumConfigError(`${key}: ${parsed.problem}`);
  return parsed.ok;
}

function parseId(key: string): ServerId {
  return parseIdText(key.slice(key.indexOf('.') + 1));
}

function parseIdText(text: string): ServerId {
  if (/^\d{1,3}$/.test(text) && Number(text) <= MAX_SERVER_ID) return Number(text);
  throw new QuorumConfigError(`expected a server id from 0 to ${MAX_SERVER_ID}, found ${JSON.stringify(text)}`);
}

function parseWeight(key: string, value: string): number {
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw new QuorumConfigError(`${key}: expected a weight of 0 or more, found ${JSON.stringify(value)}`);
}

function parseVersion(value: string): bigint {
  if (/^[0-9a-f]{1,16}$/i.test(value)) return BigInt(`0x${value}`);
  throw new QuorumConfigError(`expected a version in hex digits, found ${JSON.stringify(value)}`);
}
