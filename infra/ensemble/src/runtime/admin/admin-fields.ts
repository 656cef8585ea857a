/** The longer answers of the AdminServer, field by field. Source: admin/Commands.java and the `toMap`s it calls. */
import { counterOf, epochOf } from '../../core/contract/index.js';
import type { HostPort } from '../../core/quorum/index.js';
import type { ConnectionStats } from '../../core/server/index.js';
import type { Fields } from './admin-command.js';
import { environmentEntries } from './environment.js';
import { javaHex } from './java-text.js';
import type { Json } from './json.js';
import type { ServerView } from './server-view.js';
import { FULL_VERSION } from './version.js';

/** Of this server; about its ensemble there is `voting_view`. */
export function configuration(view: ServerView): Fields {
  const { clientPort, timing, serverId } = view.config;
  return {
    client_port: view.clientAddress?.port ?? -1,
    data_dir: view.snapshotDirectory,
    data_log_dir: view.logDirectory,
    tick_time: timing.tickTimeMs,
    max_client_cnxns: clientPort.maxClientCnxns,
    min_session_timeout: clientPort.minSessionTimeoutMs,
    max_session_timeout: clientPort.maxSessionTimeoutMs,
    server_id: serverId,
    client_port_listen_backlog: clientPort.backlog ?? -1,
  };
}

/** On a port that takes both, a connection with TLS is one of that port's. */
export function connections(view: ServerView, length: 'brief' | 'full'): Fields {
  const all = [...view.stats.connections()];
  const isOnSecurePort = ({ isSecure }: ConnectionStats): boolean =>
    isSecure && view.config.clientPort.secureAddress !== null;
  const list = (some: readonly ConnectionStats[]): Json => some.map((one) => connectionFields(one, length));
  return {
    connections: list(all.filter((one) => !isOnSecurePort(one))),
    secure_connections: list(all.filter(isOnSecurePort)),
  };
}

function connectionFields(connection: ConnectionStats, length: 'brief' | 'full'): Fields {
  const traffic = {
    remote_socket_address: `${connection.remoteAddress}:${connection.remotePort}`,
    interest_ops: connection.interestOps,
    outstanding_requests: connection.outstandingRequests,
    packets_received: connection.packetsReceived,
    packets_sent: connection.packetsSent,
  };
  if (length === 'brief') return traffic;
  return {
    ...traffic,
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

export function dump(view: ServerView): Fields {
  const expiries = Array.from(view.stats.sessionExpiries(), ([at, ids]) => [String(Math.floor(at)), ids] as const);
  return {
    expiry_time_to_session_ids: Object.fromEntries(expiries),
    session_id_to_ephemeral_paths: Object.fromEntries(
      Array.from(view.stats.ephemeralsBySession(), ([id, paths]) => [String(id), paths]),
    ),
  };
}

export function leader(view: ServerView): Fields {
  const { quorum } = view;
  const { leader: leaderId } = view.peer;
  if (quorum === null || leaderId === null) return { error: 'server is not initialized' };
  return {
    is_leader: view.mode === 'leader',
    leader_id: leaderId,
    leader_ip: quorum.members.find(({ id }) => id === leaderId)?.quorum.host ?? '',
  };
}

export function serverStats(view: ServerView): Fields {
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
      non_mtlslocal_conn_count: counters.plainLocalConnections,
      non_mtlsremote_conn_count: counters.plainRemoteConnections,
      uptime: view.uptimeMs,
    },
    client_response: responses,
    ...(mode === 'leader'
      ? { proposal_stats: { last_buffer_size: last, min_buffer_size: min, max_buffer_size: max } }
      : {}),
    node_count: counters.znodeCount,
  };
}

export function votingView(view: ServerView): Fields {
  const voters = view.quorum?.members.filter(({ role }) => role === 'participant') ?? [];
  return Object.fromEntries(
    voters.map(({ id, quorum, election, client, role }) => [
      String(id),
      {
        server_addresses: [`${quorum.host}:${quorum.port}`],
        election_addresses: [`${election.host}:${election.port}`],
        client_address: client === null ? '' : `${client.host}:${client.port}`,
        learner_type: role,
      },
    ]),
  );
}

/** Each server has one; Apache has a class for several, and shows what its getters say. Source: MultipleAddresses.java. */
function addresses({ host, port }: HostPort): Fields {
  const one = `${host}:${port}`;
  return {
    empty: false,
    all_addresses: [one],
    all_reachable_addresses: [one],
    one,
    reachable_address: one,
    wildcard_addresses: [`0.0.0.0:${port}`],
    all_ports: [port],
    all_host_strings: [host],
    all_reachable_addresses_or_all: [one],
    reachable_or_one: one,
  };
}

export function zabState(view: ServerView): Fields {
  const { config, quorum, peer, counters, clientAddress } = view;
  const own = quorum?.members.find(({ id }) => id === config.serverId);
  if (own === undefined) return { voting: false, zabstate: '' };
  const { lastProcessedZxid } = counters;
  return {
    myid: config.serverId,
    is_leader: view.mode === 'leader',
    quorum_address: addresses(own.quorum),
    election_address: addresses(own.election),
    client_address: clientAddress === null ? '' : `${clientAddress.host}:${clientAddress.port}`,
    voting: own.role === 'participant',
    last_zxid: `0x${javaHex(lastProcessedZxid)}`,
    zab_epoch: epochOf(lastProcessedZxid),
    zab_counter: counterOf(lastProcessedZxid),
    zabstate: peer.phase,
  };
}

/** Of those that follow this server: a leader's own, or those of a follower that has some. */
export function observers(view: ServerView): Fields {
  const synced = view.peer.learners.filter(({ role, synced: isSynced }) => role === 'observer' && isSynced);
  return { synced_observers: synced.length, observers: synced.map(({ serverId }) => serverId) };
}

/** What Java would call so: the keys that Apache takes as `zookeeper.<key>`, and whose process this is. */
export function systemProperties(view: ServerView): Fields {
  const own = Object.fromEntries(Array.from(view.config.systemProperties, ([key, value]) => [key, value]));
  const all = { ...own, ...Object.fromEntries(environmentEntries()) };
  return Object.fromEntries(Object.entries(all).sort(([one], [other]) => (one < other ? -1 : 1)));
}
