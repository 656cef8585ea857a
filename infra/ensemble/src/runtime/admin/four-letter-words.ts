/**
 * Four letters in, some text out, in the form that twenty years of scripts parse. Source: server/command/*.java.
 */
import type { FourLetterWord } from '@menagerie/zookeeper-protocol';
import { formatQuorumConfig } from '../../core/quorum/index.js';
import type { ConnectionStats } from '../../core/server/index.js';
import type { ClientSocket } from '../net/index.js';
import { environmentEntries } from './environment.js';
import { javaDate, javaDouble, javaHex } from './java-text.js';
import { monitor, monitorLines } from './monitor.js';
import type { ServerView } from './server-view.js';
import { FULL_VERSION } from './version.js';

const NOT_SERVING = 'This ZooKeeper instance is not currently serving requests\n';

/** Those that are answered by a server which does not serve, too. */
const ALWAYS: Partial<Record<FourLetterWord, (view: ServerView) => string>> = {
  ruok: () => 'imok',
  envi: environment,
  isro: (view) => (view.mode === null ? 'null' : view.mode === 'read-only' ? 'ro' : 'rw'),
};

const SERVING: Partial<Record<FourLetterWord, (view: ServerView) => string>> = {
  conf,
  cons: (view) => `${connections(view, false)}\n`,
  crst: (view) => {
    view.stats.resetConnections();
    return 'Connection stats reset.\n';
  },
  dirs: (view) =>
    `datadir_size: ${view.sizeOf(view.snapshotDirectory)}\nlogdir_size: ${view.sizeOf(view.logDirectory)}\n`,
  dump,
  gtmk: (view) => String(view.traceMask),
  hash: (view) => view.digests.map(({ zxid, digest }) => `${javaHex(zxid)}: ${digest}\n`).join(''),
  mntr: (view) => monitorLines(monitor(view)),
  srst: (view) => {
    view.resetStats();
    return 'Server stats reset.\n';
  },
  srvr: (view) => serverStats(view, false),
  stat: (view) => serverStats(view, true),
  wchc: (view) => `${watchesBySession(view)}\n`,
  wchp: (view) => `${watchesByPath(view)}\n`,
  wchs: watchSummary,
};

/** @param argument what came behind the word; `stmk` has eight bytes */
export function answerWord(view: ServerView, word: FourLetterWord, argument: Buffer): string {
  view.countWord('received');
  const answer = answerTo(view, word, argument);
  view.countWord('sent');
  return answer;
}

function answerTo(view: ServerView, word: FourLetterWord, argument: Buffer): string {
  if (!view.config.fourLetterWords.has(word)) return `${word} is not executed because it is not in the whitelist.\n`;
  const always = ALWAYS[word];
  if (always !== undefined) return always(view);
  if (word === 'stmk') {
    view.traceMask = argument.readBigInt64BE(0);
    return String(view.traceMask);
  }
  const serving = SERVING[word];
  if (serving === undefined) return `${word} is not a command of this server\n`;
  return view.mode === null ? NOT_SERVING : serving(view);
}

function serverStats(view: ServerView, withClients: boolean): string {
  const { counters, mode, proposalSizes } = view;
  const lines = [
    `Zookeeper version: ${FULL_VERSION}`,
    ...(withClients ? [`Clients:\n${connections(view, true)}`] : []),
    `Latency min/avg/max: ${Math.floor(counters.minLatencyMs)}/${javaDouble(counters.avgLatencyMs)}/${Math.floor(counters.maxLatencyMs)}`,
    `Received: ${counters.packetsReceived}`,
    `Sent: ${counters.packetsSent}`,
    `Connections: ${counters.numAliveConnections + [...view.ports.strangers()].length}`,
    `Outstanding: ${counters.outstandingRequests}`,
    `Zxid: 0x${javaHex(counters.lastProcessedZxid)}`,
    `Mode: ${mode}`,
    `Node count: ${counters.znodeCount}`,
  ];
  if (mode === 'leader') {
    lines.push(`Proposal sizes last/min/max: ${proposalSizes.last}/${proposalSizes.min}/${proposalSizes.max}`);
  }
  return `${lines.join('\n')}\n`;
}

function connections(view: ServerView, brief: boolean): string {
  let text = '';
  for (const stranger of view.ports.strangers()) text += `${strangerLine(stranger)}\n`;
  for (const connection of view.stats.connections()) text += `${connectionLine(connection, brief)}\n`;
  return text;
}

/** One that has asked by four letters is not read from any more. */
function strangerLine({ remoteAddress, remotePort, hasAsked }: ClientSocket): string {
  const asked = Number(hasAsked);
  return ` /${hostText(remoteAddress)}:${remotePort}[${1 - asked}](queued=0,recved=${asked},sent=0)`;
}

const hostText = (address: string): string => (address.includes(':') ? `[${address}]` : address);

function connectionLine(connection: ConnectionStats, brief: boolean): string {
  const { remoteAddress, remotePort, interestOps } = connection;
  const host = hostText(remoteAddress);
  const traffic: [string, string | number][] = [
    ['queued', connection.outstandingRequests],
    ['recved', connection.packetsReceived],
    ['sent', connection.packetsSent],
  ];
  const session = brief || connection.sessionId === 0n ? [] : sessionFields(connection);
  const fields = [...traffic, ...session].map(([key, value]) => `${key}=${value}`).join(',');
  return ` /${host}:${remotePort}[${interestOps.toString(16)}](${fields})`;
}

function sessionFields(connection: ConnectionStats): [string, string | number][] {
  return [
    ['sid', `0x${javaHex(connection.sessionId)}`],
    ['lop', connection.lastOperation],
    ['est', connection.establishedMs],
    ['to', connection.sessionTimeoutMs],
    ...(connection.lastCxid < 0 ? [] : [['lcxid', `0x${javaHex(connection.lastCxid)}`] as [string, string]]),
    ['lzxid', `0x${javaHex(connection.lastZxid)}`],
    ['lresp', connection.lastResponseTimeMs],
    ['llat', connection.lastLatencyMs],
    ['minlat', connection.minLatencyMs],
    ['avglat', connection.avgLatencyMs],
    ['maxlat', connection.maxLatencyMs],
  ];
}

function conf(view: ServerView): string {
  const { config, quorum } = view;
  const { clientPort, timing } = config;
  const own = quorum?.members.find(({ id }) => id === config.serverId);
  const pairs: [string, string | number][] = [
    ['clientPort', view.clientAddress?.port ?? -1],
    ['secureClientPort', clientPort.secureAddress?.port ?? -1],
    ['dataDir', view.snapshotDirectory],
    ['dataDirSize', view.sizeOf(view.snapshotDirectory)],
    ['dataLogDir', view.logDirectory],
    ['dataLogSize', view.sizeOf(view.logDirectory)],
    ['tickTime', timing.tickTimeMs],
    ['maxClientCnxns', clientPort.maxClientCnxns],
    ['minSessionTimeout', clientPort.minSessionTimeoutMs],
    ['maxSessionTimeout', clientPort.maxSessionTimeoutMs],
    ['clientPortListenBacklog', clientPort.backlog ?? -1],
    ['serverId', config.serverId],
  ];
  if (quorum !== null && own !== undefined) {
    pairs.push(
      ['initLimit', timing.initLimitTicks],
      ['syncLimit', timing.syncLimitTicks],
      ['electionAlg', 3],
      ['electionPort', own.election.port],
      ['quorumPort', own.quorum.port],
      ['peerType', own.role === 'participant' ? 0 : 1],
    );
  }
  const text = `${pairs.map(([key, value]) => `${key}=${value}`).join('\n')}\n`;
  return quorum === null ? text : `${text}membership: \n${formatQuorumConfig(quorum)}`;
}

function dump(view: ServerView): string {
  const { stats } = view;
  let text = `SessionTracker dump:\n${sessions(view)}ephemeral nodes dump:\n`;
  const owners = [...stats.ephemeralsBySession()];
  text += `Sessions with Ephemerals (${owners.length}):\n`;
  for (const [sessionId, paths] of owners) {
    text += `0x${javaHex(sessionId)}:\n${paths.map((path) => `\t${path}\n`).join('')}`;
  }
  return `${text}Connections dump:\n${connectionSets(view)}`;
}

/** By when they would be closed if they said nothing more. */
function connectionSets(view: ServerView): string {
  const sets = new Map<number, string[]>();
  const add = (at: number, address: string, port: number, sessionId: bigint): void => {
    const lines = sets.get(at) ?? [];
    sets.set(at, lines);
    lines.push(`\tip: /${address}:${port} sessionId: 0x${javaHex(sessionId)}\n`);
  };
  for (const [at, connections] of view.stats.connectionExpiries()) {
    for (const { remoteAddress, remotePort, sessionId } of connections) add(at, remoteAddress, remotePort, sessionId);
  }
  const { sessionlessTimeoutMs } = view.config.clientPort;
  for (const { sinceMs, remoteAddress, remotePort } of view.ports.strangers()) {
    add(Math.ceil(sinceMs + sessionlessTimeoutMs), remoteAddress, remotePort, 0n);
  }
  const count = [...sets.values()].reduce((sum, lines) => sum + lines.length, 0);
  let text = `Connections Sets (${sets.size})/(${count}):\n`;
  for (const [at, lines] of [...sets].sort(([one], [other]) => one - other)) {
    text += `${lines.length} expire at ${javaDate(view.dateOf(at))}:\n${lines.join('')}`;
  }
  return text;
}

/** Only who tracks sessions knows when they expire; a learner knows which there are. */
function sessions(view: ServerView): string {
  const { stats, mode } = view;
  if (mode === 'follower' || mode === 'observer') {
    const known = [...stats.sessions()].sort(([one], [other]) => (one < other ? -1 : 1));
    const lines = known.map(([id, timeoutMs]) => `0x${javaHex(id)}\t${timeoutMs}ms\n`);
    return `Global Sessions(${known.length}):\n${lines.join('')}`;
  }
  const buckets = [...stats.sessionExpiries()].sort(([one], [other]) => one - other);
  const count = buckets.reduce((sum, [, ids]) => sum + ids.length, 0);
  let text = `Session Sets (${buckets.length})/(${count}):\n`;
  for (const [expiresAtMs, ids] of buckets) {
    text += `${ids.length} expire at ${javaDate(view.dateOf(expiresAtMs))}:\n`;
    text += ids.map((id) => `\t0x${javaHex(id)}\n`).join('');
  }
  return text;
}

function watchSummary(view: ServerView): string {
  const { connections: count, paths, watches } = view.stats.watchSummary();
  return `${count} connections watching ${paths} paths\nTotal watches:${watches}\n`;
}

function watchesBySession(view: ServerView): string {
  let text = '';
  for (const [sessionId, paths] of view.stats.watchesBySession()) {
    text += `0x${javaHex(sessionId)}\n`;
    for (const path of paths) text += `\t${path}\n`;
  }
  return text;
}

function watchesByPath(view: ServerView): string {
  let text = '';
  for (const [path, sessionIds] of view.stats.watchesByPath()) {
    text += `${path}\n${sessionIds.map((id) => `\t0x${javaHex(id)}\n`).join('')}`;
  }
  return text;
}

function environment(): string {
  return `Environment:\n${environmentEntries()
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')}`;
}
