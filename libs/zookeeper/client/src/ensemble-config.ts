/** The text of `/zookeeper/config`: who the servers are. Source: QuorumMaj.toString, QuorumServer. */
import type { EnsembleConfig, EnsembleMember } from './api.js';
import { formatServer } from './connect-string.js';

/** More servers than any ensemble has; what comes behind them is passed over. */
const MAX_MEMBERS = 1_000;

/**
 *   server.1=host:2888:3888:participant;0.0.0.0:2181
 *   version=100000000
 *
 * Lines that say something else (groups, weights) are passed over. A client address that means "all of mine" becomes
 * the host of the server.
 */
export function parseEnsembleConfig(text: string): EnsembleConfig {
  const lines = text.split('\n');
  const members = lines.map(parseMember).filter((member) => member !== null);
  const version = lines.map((line) => /^version=([0-9a-f]+)$/.exec(line.trim())?.[1]).find((hex) => hex !== undefined);
  return { members: members.slice(0, MAX_MEMBERS), version: version === undefined ? 0n : BigInt(`0x${version}`), text };
}

function parseMember(line: string): EnsembleMember | null {
  const match = /^server\.(\d+)=(\[[^\]]+\]|[^:;]+)([^;]*)(?:;(.*))?$/.exec(line.trim());
  if (match === null) return null;
  const [, id, host, rest, client] = match;
  return {
    id: Number(id),
    role: /:observer\b/.test(rest!) ? 'observer' : 'participant',
    clientAddress: client === undefined ? null : clientAddress(withoutBrackets(host!), client),
  };
}

/** `2181`, `host:2181`, `[::1]:2181`. */
function clientAddress(serverHost: string, text: string): string | null {
  const match = /^(?:(\[[^\]]+\]|[^:]+):)?(\d{1,5})$/.exec(text);
  if (match === null) return null;
  const host = match[1] === undefined ? null : withoutBrackets(match[1]);
  const isAny = host === null || /^(0\.0\.0\.0|::|0:0:0:0:0:0:0:0)$/.test(host);
  return formatServer({ host: isAny ? serverHost : host, port: Number(match[2]) });
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}
