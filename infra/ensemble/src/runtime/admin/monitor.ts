/**
 * The numbers of `mntr`, the AdminServer's `monitor` and Prometheus, under Apache's names. Only what is measured is here:
 * a scraper that misses a number of Apache's inner workings is told nothing rather than zero.
 * Source: MonitorCommand.java, ZooKeeperServer.registerMetrics, ServerMetrics.java.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { Latency } from '../../core/server/index.js';
import { javaDouble } from './java-text.js';
import type { ServerView } from './server-view.js';
import { FULL_VERSION } from './version.js';

export interface Summary {
  readonly min: number;
  readonly max: number;
  readonly count: number;
  readonly sum: number;
}

export type Metric =
  | { readonly kind: 'text'; readonly name: string; readonly value: string }
  /** `isDouble`: Java prints it with a decimal point. */
  | { readonly kind: 'gauge' | 'counter'; readonly name: string; readonly value: number; readonly isDouble?: boolean }
  | { readonly kind: 'summary'; readonly name: string; readonly value: Summary };

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

/** A summary is four numbers and their average, each under its own name. */
export function flatten(metric: Metric): [key: string, value: string][] {
  const { name } = metric;
  if (metric.kind === 'text') return [[name, metric.value]];
  if (metric.kind !== 'summary') {
    return [[name, metric.isDouble === true ? javaDouble(metric.value) : String(Math.floor(metric.value))]];
  }
  const { min, max, count, sum } = metric.value;
  return [
    [`avg_${name}`, javaDouble(count === 0 ? 0 : sum / count)],
    [`min_${name}`, String(Math.floor(min))],
    [`max_${name}`, String(Math.floor(max))],
    [`cnt_${name}`, String(count)],
    [`sum_${name}`, String(Math.floor(sum))],
  ];
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
    gauge('connection_drop_probability', 0, true),
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
  const { learners, outstandingProposals } = view.peer;
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
      ['outstanding_proposals', outstandingProposals],
      ['proposal_count', view.proposalSizes.count],
      ['last_proposal_size', last],
      ['min_proposal_size', min],
      ['max_proposal_size', max],
    ] as const
  ).map(([name, value]) => ({ kind: 'gauge', name, value }));
}

function counters(view: ServerView): Metric[] {
  const { counters: found, storage } = view;
  return (
    [
      ['bytes_received_count', view.bytesReceived],
      ['response_bytes', view.bytesSent],
      ['connection_request_count', found.connectionRequestCount],
      ['connection_rejected', found.connectionRejected],
      ['unsuccessful_handshake', found.unsuccessfulHandshakes],
      ['watch_bytes', found.watchBytes],
      ['stale_sessions_expired', found.staleSessionsExpired],
      ['digest_mismatches_count', found.digestMismatchesCount],
      ['fsync_threshold_exceed_count', storage?.stats.fsyncOverThreshold ?? 0],
      ['snapshot_error_count', view.counts.snapshotErrors],
      ['snapshot_rate_limited_count', view.counts.snapshotsRateLimited],
      ['restore_error_count', view.counts.restoreErrors],
      ['restore_rate_limited_count', view.counts.restoresRateLimited],
    ] as const
  ).map(([name, value]) => ({ kind: 'counter', name, value }));
}

function summaries(view: ServerView): Metric[] {
  const stats = view.storage?.stats;
  if (stats === undefined) return [];
  const { electionTimeMs } = view.peer;
  const found: Metric[] = [
    {
      kind: 'summary',
      name: 'fsynctime',
      value: { min: stats.fsyncMinMs, max: stats.fsyncMaxMs, count: stats.fsyncCount, sum: stats.fsyncTotalMs },
    },
    {
      kind: 'summary',
      name: 'snapshottime',
      value: {
        min: stats.snapshotMinMs,
        max: stats.snapshotMaxMs,
        count: stats.snapshotCount,
        sum: stats.snapshotTotalMs,
      },
    },
    once('startup_txns_loaded', stats.recoveredTransactions),
    once('dbinittime', stats.recoveryMs),
    latency('readlatency', view.counters.reads),
    latency('updatelatency', view.counters.updates),
  ];
  if (electionTimeMs !== null) found.push(once('election_time', electionTimeMs));
  return found;
}

function latency(name: string, { minMs, maxMs, count, totalMs }: Latency): Metric {
  return { kind: 'summary', name, value: { min: minMs, max: maxMs, count, sum: totalMs } };
}

function once(name: string, value: number): Metric {
  return { kind: 'summary', name, value: { min: value, max: value, count: 1, sum: value } };
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
