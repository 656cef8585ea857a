/**
 * The numbers of `mntr`, the AdminServer's `monitor` and Prometheus, under Apache's names. Only what is measured is here:
 * a scraper that misses a number of Apache's inner workings is told nothing rather than zero.
 * Source: MonitorCommand.java, ZooKeeperServer.registerMetrics, ServerMetrics.java.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { Summary } from '../../core/meters/index.js';
import type { StorageStats } from '../storage/storage-stats.js';
import { javaDouble } from './java-text.js';
import type { ServerView } from './server-view.js';
import { FULL_VERSION } from './version.js';

export type Metric =
  | { readonly kind: 'text'; readonly name: string; readonly value: string }
  /** `isDouble`: Java prints it with a decimal point. */
  | { readonly kind: 'gauge' | 'counter'; readonly name: string; readonly value: number; readonly isDouble?: boolean }
  /** `advanced`: with more quantiles than the median. */
  | { readonly kind: 'summary'; readonly name: string; readonly value: Summary; readonly level: Level };

export type Level = 'basic' | 'advanced';

/** All numbers of a server that serves. */
export function monitor(view: ServerView): Metric[] {
  return [...identity(view), ...gauges(view), ...leaderGauges(view), ...counters(view), ...summaries(view)];
}

/** `zk_`, name, tab, value. */
export function monitorLines(metrics: readonly Metric[]): string {
  let text = '';
  for (const metric of metrics) for (const [key, value] of flatten(metric)) text += `zk_${key}\t${value}\n`;
  return text;
}

/** A summary is four numbers, their average and perhaps quantiles, each under its own name. */
export function flatten(metric: Metric): [key: string, value: string][] {
  const { name } = metric;
  if (metric.kind === 'text') return [[name, metric.value]];
  if (metric.kind !== 'summary') {
    return [[name, metric.isDouble === true ? javaDouble(metric.value) : String(Math.floor(metric.value))]];
  }
  const { min, max, count, sum, avg } = metric.value;
  const basic: [string, string][] = [
    [`avg_${name}`, javaDouble(avg)],
    [`min_${name}`, String(Math.floor(min))],
    [`max_${name}`, String(Math.floor(max))],
    [`cnt_${name}`, String(count)],
    [`sum_${name}`, String(Math.floor(sum))],
  ];
  return metric.level === 'basic'
    ? basic
    : [...basic, ...QUANTILES.map(([prefix, part]) => quantile(metric, prefix, part))];
}

const QUANTILES = [
  ['p50', 0.5],
  ['p95', 0.95],
  ['p99', 0.99],
  ['p999', 0.999],
] as const;

function quantile(metric: Metric & { readonly kind: 'summary' }, prefix: string, part: number): [string, string] {
  const value = metric.value.quantile(part);
  return [`${prefix}_${metric.name}`, String(Number.isNaN(value) ? 0 : Math.floor(value))];
}

function identity(view: ServerView): Metric[] {
  const found: Metric[] = [
    { kind: 'text', name: 'version', value: FULL_VERSION },
    { kind: 'text', name: 'server_state', value: view.mode ?? 'looking' },
  ];
  if (view.quorum !== null) found.push({ kind: 'text', name: 'peer_state', value: detailedPeerState(view) });
  return found;
}

/** `leading - broadcast`. Source: QuorumPeer.getDetailedPeerState. */
export function detailedPeerState(view: ServerView): string {
  const { state, phase, syncMode } = view.peer;
  const parts: string[] = [state];
  if (phase !== 'election') parts.push(phase);
  if (syncMode !== 'none') parts.push(syncMode);
  return parts.join(' - ');
}

function gauges(view: ServerView): Metric[] {
  const { counters: found } = view;
  const gauge = (name: string, value: number, isDouble = false): Metric => ({ kind: 'gauge', name, value, isDouble });
  const metrics = [
    gauge('ephemerals_count', found.ephemeralsCount),
    gauge('num_alive_connections', found.numAliveConnections),
    gauge('avg_latency', found.avgLatencyMs, true),
    gauge('outstanding_requests', found.outstandingRequests),
    gauge('znode_count', found.znodeCount),
    gauge('global_sessions', found.globalSessions),
    gauge('last_client_response_size', found.lastResponseBytes),
    gauge('packets_sent', found.packetsSent),
    gauge('packets_received', found.packetsReceived),
    gauge('max_client_response_size', found.maxResponseBytes),
    gauge('connection_drop_probability', view.stats.dropChance, true),
    gauge('watch_count', found.watchCount),
    gauge('auth_failed_count', found.authFailedCount),
    gauge('min_latency', found.minLatencyMs),
    gauge('max_file_descriptor_count', maxFileDescriptors()),
    gauge('approximate_data_size', found.approximateDataSize),
    gauge('open_file_descriptor_count', openFileDescriptors()),
    gauge('local_sessions', found.localSessions),
    gauge('uptime', view.uptimeMs),
    gauge('max_latency', found.maxLatencyMs),
    gauge('min_client_response_size', found.minResponseBytes),
    gauge('outstanding_tls_handshake', view.ports.handshakes),
    gauge('non_mtls_local_conn_count', found.plainLocalConnections),
    gauge('non_mtls_remote_conn_count', found.plainRemoteConnections),
  ];
  const { quorum } = view;
  if (quorum !== null) metrics.push(gauge('quorum_size', quorum.members.length));
  return metrics;
}

function leaderGauges(view: ServerView): Metric[] {
  if (view.mode !== 'leader') return [];
  const { learners } = view.peer;
  const synced = learners.filter((learner) => learner.synced);
  const of = (role: string): number => synced.filter((learner) => learner.role === role).length;
  const voters = view.quorum?.members.filter(({ role }) => role === 'participant').map(({ id }) => id) ?? [];
  const isVoter = ({ serverId }: { serverId: number }): boolean => voters.includes(serverId);
  const { last, min, max } = view.proposalSizes;
  return (
    [
      ['learners', learners.length],
      ['synced_followers', of('participant')],
      ['synced_observers', of('observer')],
      ['synced_non_voting_followers', of('participant') - synced.filter(isVoter).length],
      ['pending_syncs', view.peer.pendingSyncs],
      ['leader_uptime', view.roleUptimeMs],
      ['last_proposal_size', last],
      ['min_proposal_size', min],
      ['max_proposal_size', max],
    ] as const
  ).map(([name, value]) => ({ kind: 'gauge', name, value }));
}

function counters(view: ServerView): Metric[] {
  const { counters: found, storage, counts, peerMeters, ports } = view;
  const { traffic } = view.stats;
  return (
    [
      ['bytes_received_count', view.bytesReceived],
      ['response_bytes', view.bytesSent],
      ['connection_request_count', found.connectionRequestCount],
      ['connection_revalidate_count', traffic.connectionsRevalidated],
      ['connection_rejected', found.connectionRejected],
      ['connection_drop_count', traffic.connectionsDropped],
      ['sessionless_connections_expired', traffic.sessionlessExpired],
      ['cnxn_closed_without_zk_server_running', traffic.closedWhileNotServing],
      ['unsuccessful_handshake', found.unsuccessfulHandshakes],
      ['tls_handshake_exceeded', ports.handshakesExceeded],
      ['insecure_admin_count', counts.plainAdmins],
      ['watch_bytes', found.watchBytes],
      ['stale_replies', traffic.staleReplies],
      ['stale_sessions_expired', found.staleSessionsExpired],
      ['digest_mismatches_count', found.digestMismatchesCount],
      ['looking_count', peerMeters.looking],
      ['diff_count', peerMeters.diffSyncs],
      ['snap_count', peerMeters.snapshotSyncs],
      ['proposal_count', peerMeters.proposals],
      ['commit_count', peerMeters.commits],
      ['revalidate_count', peerMeters.revalidations],
      ['quit_leading_due_to_disloyal_voter', peerMeters.disloyalVoters],
      ['learner_proposal_received_count', peerMeters.proposalsReceived],
      ['learner_commit_received_count', peerMeters.commitsReceived],
      ['sync_processor_request_queued', storage?.stats.appended ?? 0],
      ['fsync_threshold_exceed_count', storage?.stats.fsyncOverThreshold ?? 0],
      ['snapshot_error_count', counts.snapshotErrors],
      ['snapshot_rate_limited_count', counts.snapshotsRateLimited],
      ['restore_error_count', counts.restoreErrors],
      ['restore_rate_limited_count', counts.restoresRateLimited],
    ] as const
  ).map(([name, value]) => ({ kind: 'counter', name, value }));
}

function summaries(view: ServerView): Metric[] {
  const { peerMeters, storage, counters: found } = view;
  const { traffic, watchMeters } = view.stats;
  const basic: [string, Summary][] = [
    ['connection_token_deficit', traffic.tokenDeficit],
    ['node_created_watch_count', watchMeters.created],
    ['node_deleted_watch_count', watchMeters.deleted],
    ['node_changed_watch_count', watchMeters.changed],
    ['node_children_watch_count', watchMeters.children],
    ['election_time', peerMeters.electionTime],
    ['follower_sync_time', peerMeters.followerSyncTime],
    ['observer_sync_time', peerMeters.observerSyncTime],
    ['unavailable_time', peerMeters.unavailableTime],
    ['leader_unavailable_time', peerMeters.leaderUnavailableTime],
    ['restore_time', view.restoreTime],
    ...storageSummaries(storage?.stats ?? null),
  ];
  const advanced: [string, Summary][] = [
    ['readlatency', found.reads],
    ['updatelatency', found.updates],
    ['propagation_latency', traffic.propagation],
  ];
  const metric =
    (level: Level) =>
    ([name, value]: [string, Summary]): Metric => ({ kind: 'summary', name, value, level });
  return [...basic.map(metric('basic')), ...advanced.map(metric('advanced'))];
}

function storageSummaries(stats: StorageStats | null): [string, Summary][] {
  if (stats === null) return [];
  const { snapshotMs, logMs } = stats.recovery;
  return [
    ['fsynctime', stats.fsync],
    ['sync_processor_batch_size', stats.batch],
    ['snapshottime', stats.snapshot],
    ['startup_txns_loaded', once(stats.recoveredTransactions)],
    ['startup_snap_load_time', once(snapshotMs)],
    ['startup_txns_load_time', once(logMs)],
    ['dbinittime', once(snapshotMs + logMs)],
  ];
}

function once(value: number): Summary {
  const summary = new Summary();
  summary.add(value);
  return summary;
}

/** Linux tells; elsewhere -1, as Apache says for "unknown". */
function openFileDescriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return -1;
  }
}

function maxFileDescriptors(): number {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return limit === undefined ? -1 : Number(limit);
  } catch {
    return -1;
  }
}
