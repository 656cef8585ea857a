/** `GET <commandURL>/<name>`: the same knowledge as the four-letter words, as JSON. Source: admin/Commands.java. */
import { formatQuorumConfig } from '../../core/quorum/index.js';
import type { ConnectionStats } from '../../core/server/index.js';
import { counterOf, epochOf } from '../../core/contract/index.js';
import { environmentEntries } from './environment.js';
import { javaHex } from './java-text.js';
import type { Json } from './json.js';
import { flatten, monitor } from './monitor.js';
import type { ServerView } from './server-view.js';
import { FULL_VERSION } from './version.js';

type Fields = Readonly<Record<string, Json>>;

export interface AdminCommand {
  /** The first is the one it is listed under. */
  readonly names: readonly string[];
  readonly needsServing: boolean;
  run(view: ServerView): Fields;
}

const command = (names: string[], run: (view: ServerView) => Fields, needsServing = true): AdminCommand => ({
  names,
  needsServing,
  run,
});

export const ADMIN_COMMANDS: readonly AdminCommand[] = [
  command(['configuration', 'conf', 'config'], configuration),
  command(['connection_stat_reset', 'crst'], (view) => {
    view.stats.resetConnections();
    return {};
  }),
  command(['connections', 'cons'], (view) => ({ ...connections(view) })),
  command(['dirs'], (view) => ({
    datadir_size: view.sizeOf(view.snapshotDirectory),
    logdir_size: view.sizeOf(view.logDirectory),
  })),
  command(['dump'], dump),
  command(['environment', 'env', 'envi'], () => Object.fromEntries(environmentEntries()), false),
  command(['hash'], (view) => ({
    digests: view.digests.map(({ zxid, digest }) => ({ zxid: javaHex(zxid), digest: javaHex(digest) })),
  })),
  command(['is_read_only', 'isro'], (view) => ({ read_only: view.mode === 'read-only' })),
  command(['last_snapshot', 'lsnp'], (view) => {
    const stats = view.storage?.stats;
    const at = stats?.lastSnapshotAtMs ?? null;
    return { zxid: javaHex(stats?.lastSnapshotZxid ?? -1n), timestamp: at === null ? -1 : Math.floor(at / 1000) };
  }),
  command(['leader', 'lead'], leader),
  command(['monitor', 'mntr'], (view) => Object.fromEntries(monitor(view).flatMap(flatten).map(asNumber))),
  command(['observers', 'obsr'], (view) => {
    const observers = view.peer.learners.filter(({ role, synced }) => role === 'observer' && synced);
    return { synced_observers: observers.length, observers: observers.map(({ serverId }) => serverId) };
  }),
  command(['ruok'], () => ({}), false),
  command(['server_stats', 'srvr'], serverStats),
  command(['stat_reset', 'srst'], (view) => {
    view.resetStats();
    return {};
  }),
  command(['stats', 'stat'], (view) => ({ ...serverStats(view), ...connections(view) })),
  command(['voting_view'], (view) => ({ current_config: votingView(view) })),
  command(['watch_summary', 'wchs'], (view) => {
    const { connections: count, paths, watches } = view.stats.watchSummary();
    return { num_connections: count, num_paths: paths, num_total_watches: watches };
  }),
  command(['watches', 'wchc'], (view) => ({
    session_id_to_watched_paths: Object.fromEntries(
      Array.from(view.stats.watchesBySession(), ([id, paths]) => [String(id), [...paths]]),
    ),
  })),
  command(['watches_by_path', 'wchp'], (view) => ({
    path_to_session_ids: Object.fromEntries(view.stats.watchesByPath()),
  })),
  command(['zabstate'], zabState, false),
];

const byName = new Map(ADMIN_COMMANDS.flatMap((one) => one.names.map((name) => [name, one] as const)));

export function runAdminCommand(view: ServerView, name: string): Fields {
  const found = byName.get(name);
  if (found === undefined) return { command: name, error: `Unknown command: ${name}` };
  const [primary] = found.names as [string];
  if (found.needsServing && view.mode === null) {
    return { command: primary, error: 'This ZooKeeper instance is not currently serving requests' };
  }
  const fields = found.run(view);
  return { ...fields, command: primary, error: fields['error'] ?? null };
}

function configuration(view: ServerView): Fields {
  const { config, quorum } = view;
  const { clientPort, timing } = config;
  const own = quorum?.members.find(({ id }) => id === config.serverId);
  const common = {
    client_port: view.clientAddress?.port ?? -1,
    data_dir: view.snapshotDirectory,
    data_log_dir: view.logDirectory,
    tick_time: timing.tickTimeMs,
    max_client_cnxns: clientPort.maxClientCnxns,
    min_session_timeout: clientPort.minSessionTimeoutMs,
    max_session_timeout: clientPort.maxSessionTimeoutMs,
    server_id: config.serverId,
    client_port_listen_backlog: clientPort.backlog ?? -1,
  };
  if (quorum === null || own === undefined) return common;
  return {
    ...common,
    init_limit: timing.initLimitTicks,
    sync_limit: timing.syncLimitTicks,
    election_alg: 3,
    election_port: own.election.port,
    quorum_port: own.quorum.port,
    peer_type: own.role === 'participant' ? 0 : 1,
    membership: formatQuorumConfig(quorum),
  };
}

function connections(view: ServerView): Fields {
  return { connections: Array.from(view.stats.connections(), connectionFields), secure_connections: [] };
}

function connectionFields(connection: ConnectionStats): Fields {
  return {
    remote_socket_address: `${connection.remoteAddress}:${connection.remotePort}`,
    interest_ops: connection.interestOps,
    outstanding_requests: connection.outstandingRequests,
    packets_received: connection.packetsReceived,
    packets_sent: connection.packetsSent,
    session_id: connection.sessionId,
    last_operation: connection.lastOperation,
    established: connection.establishedMs,
    session_timeout: connection.sessionTimeoutMs,
    last_cxid: connection.lastCxid,
    last_zxid: connection.lastZxid,
    last_response_time: Math.floor(connection.lastResponseTimeMs),
    last_latency: Math.floor(connection.lastLatencyMs),
    min_latency: Math.floor(connection.minLatencyMs),
    avg_latency: Math.floor(connection.avgLatencyMs),
    max_latency: Math.floor(connection.maxLatencyMs),
  };
}

function dump(view: ServerView): Fields {
  const expiries = Array.from(view.stats.sessionExpiries(), ([at, ids]) => [String(Math.floor(at)), ids] as const);
  return {
    expiry_time_to_session_ids: Object.fromEntries(expiries),
    session_id_to_ephemeral_paths: Object.fromEntries(
      Array.from(view.stats.ephemeralsBySession(), ([id, paths]) => [String(id), paths]),
    ),
  };
}

function leader(view: ServerView): Fields {
  const { quorum } = view;
  const { leader: leaderId } = view.peer;
  if (quorum === null || leaderId === null) return { error: 'server is not initialized' };
  return {
    is_leader: view.mode === 'leader',
    leader_id: leaderId,
    leader_ip: quorum.members.find(({ id }) => id === leaderId)?.quorum.host ?? '',
  };
}

function serverStats(view: ServerView): Fields {
  const { counters, proposalSizes, mode } = view;
  const responses = {
    last_buffer_size: counters.lastResponseBytes,
    min_buffer_size: counters.minResponseBytes,
    max_buffer_size: counters.maxResponseBytes,
  };
  const { last, min, max } = proposalSizes;
  return {
    version: FULL_VERSION,
    read_only: mode === 'read-only',
    server_stats: {
      packets_sent: counters.packetsSent,
      packets_received: counters.packetsReceived,
      fsync_threshold_exceed_count: view.storage?.stats.fsyncOverThreshold ?? 0,
      client_response_stats: responses,
      data_dir_size: view.sizeOf(view.snapshotDirectory),
      log_dir_size: view.sizeOf(view.logDirectory),
      provider_null: false,
      server_state: mode,
      last_processed_zxid: counters.lastProcessedZxid,
      outstanding_requests: counters.outstandingRequests,
      avg_latency: counters.avgLatencyMs,
      max_latency: Math.floor(counters.maxLatencyMs),
      min_latency: Math.floor(counters.minLatencyMs),
      num_alive_client_connections: counters.numAliveConnections,
      auth_failed_count: counters.authFailedCount,
      uptime: view.uptimeMs,
    },
    client_response: responses,
    ...(mode === 'leader'
      ? { proposal_stats: { last_buffer_size: last, min_buffer_size: min, max_buffer_size: max } }
      : {}),
    node_count: counters.znodeCount,
  };
}

function votingView(view: ServerView): Fields {
  const voters = view.quorum?.members.filter(({ role }) => role === 'participant') ?? [];
  return Object.fromEntries(
    voters.map(({ id, quorum, election, client, role }) => [
      String(id),
      {
        server_addresses: [`${quorum.host}:${quorum.port}`],
        election_addresses: [`${election.host}:${election.port}`],
        client_address: client === null ? '' : `${client.host}:${client.port}`,
        learner_type: role.toUpperCase(),
      },
    ]),
  );
}

function zabState(view: ServerView): Fields {
  const { config, quorum, peer, counters, clientAddress } = view;
  const own = quorum?.members.find(({ id }) => id === config.serverId);
  if (own === undefined) return { voting: false, zabstate: '' };
  const { lastProcessedZxid } = counters;
  return {
    myid: config.serverId,
    is_leader: view.mode === 'leader',
    quorum_address: `${own.quorum.host}:${own.quorum.port}`,
    election_address: `${own.election.host}:${own.election.port}`,
    client_address: clientAddress === null ? '' : `${clientAddress.host}:${clientAddress.port}`,
    voting: own.role === 'participant',
    last_zxid: `0x${javaHex(lastProcessedZxid)}`,
    zab_epoch: epochOf(lastProcessedZxid),
    zab_counter: counterOf(lastProcessedZxid),
    zabstate: peer.phase,
  };
}

function asNumber([key, value]: [string, string]): [string, Json] {
  return [key, /^-?\d+(\.\d+)?$/.test(value) && key !== 'version' ? Number(value) : value];
}
