/**
 * What stands behind `server.N=`.
 *
 *   value = host:quorumPort:electionPort[:participant|:observer][;[clientHost:]clientPort]
 *
 * An IPv6 address is in brackets. Source: QuorumPeer.QuorumServer (initializeWithAddressString, toString).
 */
import type { ServerId } from '../contract/index.js';
import { type EnsembleMember, type HostPort, LearnerRole } from './types.js';

const ANY_HOST = '0.0.0.0';
const FORM = 'host:quorumPort:electionPort[:participant|:observer][;[clientHost:]clientPort]';
const MAX_PORT = 0xffff;

/** What a text says, or in one line what is wrong with it. */
export type Parsed<T> = { readonly ok: T } | { readonly problem: string };

export function parseServerValue(id: ServerId, value: string): Parsed<EnsembleMember> {
  const [server, clientText, ...more] = value.split(';');
  if (server!.includes('|')) return { problem: `expected one address a server, found ${JSON.stringify(value)}` };
  const parts = splitAtColons(server!);
  if (more.length > 0 || parts === null || parts.length < 3 || parts.length > 4) return formProblem(value);
  const host = parts[0]!.trim();
  const quorumPort = parsePort(parts[1]!);
  const electionPort = parsePort(parts[2]!);
  if (host === '' || quorumPort === null || electionPort === null) return formProblem(value);
  if (quorumPort === electionPort) {
    return { problem: `expected different quorum and election ports, found ${quorumPort} for both` };
  }
  const role = parseRole(parts[3] ?? LearnerRole.participant);
  if (role === null) return { problem: `expected participant or observer, found ${JSON.stringify(parts[3])}` };
  const client = clientText === undefined ? null : parseClient(clientText);
  if (client === undefined) {
    return { problem: `expected [clientHost:]clientPort behind ";", found ${JSON.stringify(clientText)}` };
  }
  return { ok: { id, quorum: { host, port: quorumPort }, election: { host, port: electionPort }, role, client } };
}

/** The form in which Apache's servers compare and show it: with the role, and the client address as host and port. */
export function formatServerValue(member: EnsembleMember): string {
  const { quorum, election, role, client } = member;
  const server = `${formatHost(quorum.host)}:${quorum.port}:${election.port}:${role}`;
  return client === null ? server : `${server};${formatHost(client.host)}:${client.port}`;
}

export function parseRole(text: string): LearnerRole | null {
  const role = text.trim().toLowerCase();
  return role === LearnerRole.participant || role === LearnerRole.observer ? role : null;
}

function formProblem(value: string): { problem: string } {
  return { problem: `expected ${FORM}, found ${JSON.stringify(value)}` };
}

/** `undefined` for a text that is neither a port nor host and port. */
function parseClient(text: string): HostPort | undefined {
  const parts = splitAtColons(text.trim());
  if (parts === null || parts.length > 2) return undefined;
  const port = parsePort(parts.at(-1)!);
  const host = parts.length === 2 ? parts[0]! : ANY_HOST;
  return port === null || host === '' ? undefined : { host, port };
}

/** Colons within brackets do not count; null for brackets that do not close or hold nothing. */
function splitAtColons(text: string): string[] | null {
  if (!text.startsWith('[')) return text.split(':');
  const match = /^\[([^\]]+)\](?::(.+))?$/.exec(text);
  if (match === null) return null;
  return match[2] === undefined ? [match[1]!] : [match[1]!, ...match[2].split(':')];
}

function parsePort(text: string): number | null {
  const trimmed = text.trim();
  const port = /^\d{1,5}$/.test(trimmed) ? Number(trimmed) : 0;
  return port >= 1 && port <= MAX_PORT ? port : null;
}

function formatHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
