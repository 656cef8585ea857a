/**
 * The members that a reconfig request asks for. Source: PrepRequestProcessor (reconfig), QuorumPeerConfig.parseDynamicConfig,
 * QuorumServer.checkAddressDuplicate.
 */
import { ErrorCode, JuteError, type ReconfigRequest } from '@menagerie/zookeeper-protocol';
import { QuorumConfigError } from '../errors.js';
import { checkQuorumConfig, parseMemberLines } from '../quorum/config-text.js';
import { parseServerValue } from '../quorum/server-value.js';
import { type EnsembleMember, type HostPort, participantsOf, type QuorumConfig } from '../quorum/types.js';

/** All of a list that is empty after trimming counts for nothing, as in Apache's StringUtils.split. */
const split = (text: string | null, separator: string): string[] =>
  (text ?? '')
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** Who asks for what, and under which of the operator's rules. */
export interface MembersWish {
  readonly current: QuorumConfig;
  readonly request: ReconfigRequest;
  /** Of what comes of it. */
  readonly version: bigint;
  /** Whether one participant alone is a standalone server, which can have no observers. */
  readonly standaloneEnabled: boolean;
}

/**
 * @throws JuteError for a number that is none: the request can not be read, Apache says
 */
export function nextMembers({ current, request, version, standaloneEnabled }: MembersWish): QuorumConfig | ErrorCode {
  const { newMembers } = request;
  try {
    return newMembers === null ? changed(current, request, version) : listed(newMembers, version, standaloneEnabled);
  } catch (error) {
    if (error instanceof QuorumConfigError) return ErrorCode.BadArguments;
    throw error;
  }
}

function listed(text: string, version: bigint, standaloneEnabled: boolean): QuorumConfig | ErrorCode {
  const lines = text.replaceAll(',', '\n');
  for (const [, id] of lines.matchAll(/^\s*server\.(.*?)\s*(?:=|$)/gm)) parseId(id!);
  const config = parseMemberLines(lines, (key) => {
    throw new QuorumConfigError(`expected server, group and weight lines, found ${key}`);
  });
  const participants = participantsOf(config).length;
  const observers = config.members.length - participants;
  if (participants === 0 && observers === 0 && standaloneEnabled) return { ...config, version };
  // Apache meets these with an exception of another kind than it does the lines, and so with another answer.
  if (participants === 0 || (participants === 1 && observers > 0 && standaloneEnabled))
    return ErrorCode.MarshallingError;
  return { ...checkQuorumConfig(config), version };
}

/** Who leaves goes first, so that an address can be taken over in one step. */
function changed(current: QuorumConfig, request: ReconfigRequest, version: bigint): QuorumConfig | ErrorCode {
  if (current.groups.size > 0) return ErrorCode.BadArguments;
  const members = new Map(current.members.map((member) => [member.id, member]));
  for (const leaving of split(request.leavingServers, ',')) members.delete(parseId(leaving));
  for (const joining of split(request.joiningServers, ',')) {
    const parts = split(joining, '=');
    if (parts.length !== 2) return ErrorCode.BadArguments;
    const id = parseId(parts[0]!.slice(parts[0]!.lastIndexOf('.') + 1));
    if (id < 0) return ErrorCode.BadArguments;
    const parsed = parseServerValue(id, parts[1]!);
    if ('problem' in parsed || parsed.ok.client === null) return ErrorCode.BadArguments;
    for (const other of members.values()) {
      if (other.id !== id && sharesAddress(parsed.ok, other)) return ErrorCode.BadArguments;
    }
    members.set(id, parsed.ok);
  }
  const sorted = [...members.values()].sort((one, other) => one.id - other.id);
  return { members: sorted, groups: new Map(), weights: new Map(), version };
}

function parseId(text: string): number {
  if (/^[+-]?\d{1,18}$/.test(text)) return Number(text);
  throw new JuteError('ZK_JUTE_VALUE', `expected the id of a server, found ${JSON.stringify(text)}`, 0);
}

/** The wildcard and the loopback address are everybody's, and say nothing about two servers being at one place. */
function sharesAddress(one: EnsembleMember, other: EnsembleMember): boolean {
  const taken = new Set(addressesOf(other));
  return addressesOf(one).some((address) => taken.has(address));
}

const addressesOf = ({ quorum, election, client }: EnsembleMember): string[] =>
  [quorum, election, client].filter(isOwnAddress).map(({ host, port }) => `${host.toLowerCase()} ${port}`);

function isOwnAddress(address: HostPort | null): address is HostPort {
  if (address === null) return false;
  const { host } = address;
  return !(host === '0.0.0.0' || host === '::' || host === '::1' || host === 'localhost' || host.startsWith('127.'));
}
