/**
 * zoo.cfg into a configuration that can be run, or one line that says what is wrong with it.
 *
 * Keys, defaults and rules are Apache's (QuorumPeerConfig.java; keys it only knows as `zookeeper.<key>` system properties
 * are taken from the file as well, as there). Where it starts with a nonsensical value, we do not.
 */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { DEFAULT_MAX_BUFFER_BYTES, FOUR_LETTER_WORDS } from '@menagerie/zookeeper-protocol';
import { type HostPort, type LearnerRole, parseQuorumConfigText, type QuorumConfig } from '../../core/quorum/index.js';
import { ConfigError } from '../errors.js';
import { KeyFate, rowOf } from './keys.js';
import { NEXT_SUFFIX } from './member-files.js';
import { readMyId } from './my-id.js';
import { isSecretKey, systemPropertiesOf, withoutSecrets } from './shown.js';
import { parseProperties } from './properties.js';
import { parseAuth } from './auth-settings.js';
import { parseQuorumConfig } from './membership.js';
import { Settings } from './settings.js';
import { parseConnectionThrottle, parseOutstandingLimit } from './throttle-settings.js';
import { parseTls } from './tls-settings.js';
import type {
  AdminConfig,
  AdminTlsConfig,
  ClientPortConfig,
  EnsembleTimingConfig,
  PeerTlsConfig,
  ServerConfig,
  StorageConfig,
} from './types.js';
import { refuseUnsupported } from './unsupported.js';

const ANY_HOST = '0.0.0.0';
const LOOPBACK = '127.0.0.1';
const MIN_SNAP_RETAIN_COUNT = 3;
const KIB = 1024;

/**
 * @param path of the file; relative paths in it are relative to the working directory, as in Apache
 * @throws ConfigError, DirectoryError
 */
export function loadZooCfg(path: string): ServerConfig {
  const file = resolve(path);
  return parseZooCfg(readText(file, 'a configuration'), file);
}

/**
 * @param file what messages call it; null if the text is from memory
 * @throws ConfigError, DirectoryError
 */
export function parseZooCfg(text: string, file: string | null): ServerConfig {
  const settings = new Settings(file, parseProperties(text));
  refuseUnsupported(settings);
  const storage = parseStorage(settings);
  const timing = parseTiming(settings);
  const listed = parseMembership(settings);
  const quorum = electsLeaders(settings, listed) ? listed : null;
  const serverId = identify(settings, storage.dataDir, quorum);
  const clientPort = parseClientPort(settings, timing, quorum, serverId);
  const config: ServerConfig = {
    file,
    text: withoutSecrets(text),
    systemProperties: systemPropertiesOf(settings),
    serverId,
    role: parseOwnRole(settings, quorum, serverId),
    quorum,
    seenQuorum: quorum === null || !settings.has('dynamicConfigFile') ? null : readSeenMembers(settings),
    reconfigEnabled: settings.boolean('reconfigEnabled') ?? false,
    standaloneEnabled: settings.boolean('standaloneEnabled') ?? true,
    timing: quorum === null ? timing : expectLimits(settings, timing),
    clientPort,
    storage,
    admin: parseAdmin(settings),
    observerMasterPort: settings.port('observerMasterPort'),
    quorumListenOnAllIPs: settings.boolean('quorumListenOnAllIPs') ?? false,
    fourLetterWords: parseWhitelist(settings),
    skipAcl: settings.yesNo('skipACL') ?? false,
    localSessionsEnabled: settings.boolean('localSessionsEnabled') ?? false,
    localSessionsUpgradingEnabled: settings.boolean('localSessionsUpgradingEnabled') ?? false,
    readOnlyMode: settings.boolean('readonlymode.enabled') ?? false,
    leaderServes: settings.yesNo('leaderServes') ?? true,
    syncEnabled: settings.boolean('syncEnabled') ?? true,
    digestEnabled: settings.boolean('digest.enabled') ?? true,
    extendedTypesEnabled: settings.boolean('extendedTypesEnabled') ?? false,
    auditEnabled: settings.boolean('audit.enable') ?? false,
    enforceQuota: settings.boolean('enforceQuota') ?? false,
    commitLogCount: Math.max(settings.integer('commitLogCount') ?? 500, 500),
    auth: parseAuth(settings, clientPort.tls !== null),
    peerTls: parsePeerTls(settings, quorum),
    containerCheckIntervalMs: settings.integer('znode.container.checkIntervalMs', { min: 1 }) ?? 60_000,
    containerMaxPerMinute: settings.integer('znode.container.maxPerMinute', { min: 1 }) ?? 10_000,
    containerMaxNeverUsedIntervalMs: settings.integer('znode.container.maxNeverUsedIntervalMs', { min: 0 }) ?? 0,
    warnings: settings.warnings,
  };
  judgeLeftovers(settings);
  return config;
}

function readText(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(file, null, `expected ${what}, found ${(error as Error).message}`);
  }
}

function parseStorage(settings: Settings): StorageConfig {
  const dataDir = settings.name('dataDir');
  if (dataDir === null) throw settings.missing('dataDir', 'the directory for snapshots and myid');
  const retained = settings.integer('autopurge.snapRetainCount') ?? MIN_SNAP_RETAIN_COUNT;
  if (retained < MIN_SNAP_RETAIN_COUNT) {
    settings.warnAt('autopurge.snapRetainCount', `${retained} is too few, ${MIN_SNAP_RETAIN_COUNT} are kept`);
  }
  return {
    dataDir: resolve(dataDir),
    dataLogDir: resolve(settings.name('dataLogDir') ?? dataDir),
    preAllocBytes: (settings.integer('preAllocSize', { min: 0 }) ?? 65_536) * KIB,
    forceSync: settings.yesNo('forceSync') ?? true,
    fsyncWarningMs: settings.integer('fsync.warningthresholdms', { min: 0 }) ?? 1000,
    snapCount: settings.integer('snapCount', { min: 2 }) ?? 100_000,
    snapSizeLimitBytes: Math.max(settings.integer('snapSizeLimitInKb') ?? 4_194_304, 0) * KIB,
    txnLogSizeLimitBytes: Math.max(settings.integer('txnLogSizeLimitInKb') ?? 0, 0) * KIB,
    snapshotSizeFactor: settings.number('snapshotSizeFactor') ?? 0.33,
    trustEmptySnapshot: settings.boolean('snapshot.trust.empty') ?? false,
    dbAutocreate: settings.boolean('db.autocreate') ?? true,
    dataDirAutocreate: settings.boolean('datadir.autocreate') ?? true,
    snapRetainCount: Math.max(retained, MIN_SNAP_RETAIN_COUNT),
    purgeIntervalHours: Math.max(settings.integer('autopurge.purgeInterval') ?? 0, 0),
    maxBufferBytes: settings.integer('jute.maxbuffer', { min: KIB }) ?? DEFAULT_MAX_BUFFER_BYTES,
  };
}

function parseTiming(settings: Settings): EnsembleTimingConfig {
  const initLimitTicks = settings.integer('initLimit', { min: 0 }) ?? 0;
  const maxEpochWaitMs = settings.integer('leader.maxTimeToWaitForEpoch') ?? -1;
  return {
    tickTimeMs: settings.integer('tickTime', { min: 1 }) ?? 3000,
    initLimitTicks,
    syncLimitTicks: settings.integer('syncLimit', { min: 0 }) ?? 0,
    connectToLearnerMasterLimitTicks: settings.integer('connectToLearnerMasterLimit', { min: 1 }) ?? initLimitTicks,
    electionConnectTimeoutMs: settings.integer('cnxTimeout', { min: 1 }) ?? 5000,
    minNotificationIntervalMs: settings.integer('fastleader.minNotificationInterval', { min: 1 }) ?? 200,
    maxNotificationIntervalMs: settings.integer('fastleader.maxNotificationInterval', { min: 1 }) ?? 60_000,
    leaderMaxTimeToWaitForEpochMs: maxEpochWaitMs < 0 ? null : maxEpochWaitMs,
  };
}

function expectLimits(settings: Settings, timing: EnsembleTimingConfig): EnsembleTimingConfig {
  for (const key of ['initLimit', 'syncLimit']) {
    if (!settings.has(key)) throw settings.missing(key, 'a number of ticks, since there are server lines');
    settings.integer(key, { min: 1 });
  }
  return timing;
}

/** Server lines stand in zoo.cfg or in the file that `dynamicConfigFile` names, never in both. */
function parseMembership(settings: Settings): QuorumConfig | null {
  const dynamicFile = settings.name('dynamicConfigFile');
  if (dynamicFile === null) return parseQuorumConfig(settings, 0n);
  const here = ['server.', 'group.', 'weight.'].flatMap((prefix) => settings.startingWith(prefix))[0];
  if (here !== undefined) throw settings.problem(here.key, `expected this line in ${dynamicFile}`);
  const file = resolve(dynamicFile);
  const dynamic = new Settings(file, parseProperties(readText(file, 'the server lines')));
  const config = parseQuorumConfig(dynamic, versionInName(file));
  const stranger = dynamic.unasked()[0];
  if (stranger !== undefined) {
    throw dynamic.problem(stranger.key, 'expected only server, group and weight lines in this file');
  }
  if (config === null) throw new ConfigError(file, null, 'expected at least one server line');
  return config;
}

/** What a change of the members left that was not known to be committed. The log has it too: damage here is no loss. */
function readSeenMembers(settings: Settings): QuorumConfig | null {
  const file = settings.file + NEXT_SUFFIX;
  if (settings.file === null || !existsSync(file)) return null;
  try {
    return parseQuorumConfigText(readFileSync(file, 'utf8'));
  } catch (error) {
    settings.warn(null, `${file}: ${(error as Error).message}, passed over`);
    return null;
  }
}

/** `zoo.cfg.dynamic.1001` is version 0x1001. */
function versionInName(file: string): bigint {
  const match = /\.([0-9a-fA-F]{1,16})$/.exec(file);
  return match === null ? 0n : BigInt(`0x${match[1]}`);
}

/** One listed participant is a standalone server, unless `standaloneEnabled` says otherwise. */
function electsLeaders(settings: Settings, listed: QuorumConfig | null): boolean {
  const standaloneEnabled = settings.boolean('standaloneEnabled') ?? true;
  const participants = listed?.members.filter(({ role }) => role === 'participant').length ?? 0;
  const observers = (listed?.members.length ?? 0) - participants;
  if (listed === null && !standaloneEnabled) {
    throw settings.problem('standaloneEnabled', 'expected server lines with false, found none');
  }
  if (participants > 1 || (listed !== null && !standaloneEnabled)) {
    if (participants <= 2) settings.warn(null, `${participants} participants survive no failure, 3 do`);
    else if (participants % 2 === 0) settings.warn(null, `${participants} participants survive no more than one fewer`);
    return true;
  }
  if (observers > 0) throw new ConfigError(settings.file, null, 'expected two participants or more with an observer');
  if (participants === 1) settings.warn(null, 'one server line makes a standalone server');
  return false;
}

function identify(settings: Settings, dataDir: string, quorum: QuorumConfig | null): number {
  const id = readMyId(dataDir);
  if (quorum === null) return id ?? 0;
  if (id === null) {
    throw new ConfigError(resolve(dataDir, 'myid'), null, "expected this server's id, found no such file");
  }
  if (quorum.members.some((member) => member.id === id)) return id;
  const ids = quorum.members.map((member) => member.id).join(', ');
  throw new ConfigError(
    resolve(dataDir, 'myid'),
    1,
    `expected one of the servers ${ids} of ${name(settings)}, found ${id}`,
  );
}

function name(settings: Settings): string {
  return settings.file ?? 'the configuration';
}

function parseOwnRole(settings: Settings, quorum: QuorumConfig | null, serverId: number): LearnerRole {
  const stated = settings.choice('peerType', ['participant', 'observer']);
  const listed = quorum?.members.find((member) => member.id === serverId)?.role ?? 'participant';
  if (stated !== null && stated !== listed) settings.warnAt('peerType', `server ${serverId} is listed as ${listed}`);
  return listed;
}

function parseClientPort(
  settings: Settings,
  timing: EnsembleTimingConfig,
  quorum: QuorumConfig | null,
  serverId: number,
): ClientPortConfig {
  const minSessionTimeoutMs = sessionTimeout(settings, 'minSessionTimeout') ?? timing.tickTimeMs * 2;
  const maxSessionTimeoutMs = sessionTimeout(settings, 'maxSessionTimeout') ?? timing.tickTimeMs * 20;
  if (minSessionTimeoutMs > maxSessionTimeoutMs) {
    throw settings.problem(
      settings.has('minSessionTimeout') ? 'minSessionTimeout' : 'maxSessionTimeout',
      `expected a minimum of at most the maximum, found ${minSessionTimeoutMs} and ${maxSessionTimeoutMs}`,
    );
  }
  const backlog = settings.integer('clientPortListenBacklog') ?? -1;
  const secureAddress = parseSecureAddress(settings);
  const portUnification = settings.boolean('client.portUnification') ?? false;
  return {
    address: parseClientAddress(settings, quorum, serverId, secureAddress !== null),
    secureAddress,
    portUnification,
    tls: secureAddress !== null || portUnification ? parseTls(settings, 'ssl.') : null,
    backlog: backlog < 1 ? null : backlog,
    maxClientCnxns: settings.integer('maxClientCnxns', { min: 0 }) ?? 60,
    maxCnxns: settings.integer('maxCnxns', { min: 0 }) ?? 0,
    sessionlessTimeoutMs: settings.integer('nio.sessionlessCnxnTimeout', { min: 1 }) ?? 10_000,
    minSessionTimeoutMs,
    maxSessionTimeoutMs,
    globalOutstandingLimit: parseOutstandingLimit(settings),
    connectionThrottle: parseConnectionThrottle(settings),
    maxBufferBytes: settings.integer('jute.maxbuffer', { min: KIB }) ?? DEFAULT_MAX_BUFFER_BYTES,
  };
}

function parseSecureAddress(settings: Settings): HostPort | null {
  const port = settings.integer('secureClientPort', { min: 0, max: 0xffff }) ?? 0;
  const host = settings.name('secureClientPortAddress');
  if (port !== 0) return { host: host ?? ANY_HOST, port };
  if (host === null) return null;
  throw settings.problem('secureClientPortAddress', 'expected secureClientPort as well, it is not set');
}

function parsePeerTls(settings: Settings, quorum: QuorumConfig | null): PeerTlsConfig | null {
  const dials = settings.boolean('sslQuorum') ?? false;
  const portUnification = settings.boolean('portUnification') ?? false;
  if (settings.boolean('sslQuorumReloadCertFiles') === true) {
    settings.warnAt('sslQuorumReloadCertFiles', 'certificates are read at the start, and again after a restart');
  }
  if (quorum === null || (!dials && !portUnification)) return null;
  return { tls: parseTls(settings, 'ssl.quorum.'), dials, allowsPlain: portUnification };
}

/** -1 is Apache's way to say "by tickTime". */
function sessionTimeout(settings: Settings, key: string): number | null {
  const value = settings.integer(key, { min: -1 });
  return value === -1 ? null : value;
}

/** `clientPort` of the file and the client port of this server's line have to agree if both are there. */
function parseClientAddress(
  settings: Settings,
  quorum: QuorumConfig | null,
  serverId: number,
  hasOther: boolean,
): HostPort | null {
  const port = settings.integer('clientPort', { min: 0, max: 0xffff });
  const host = settings.name('clientPortAddress');
  const listed = quorum?.members.find((member) => member.id === serverId)?.client ?? null;
  if (port === null || port === 0) {
    if (host !== null) throw settings.problem('clientPortAddress', 'expected clientPort as well, it is not set');
    if (listed === null && !hasOther) settings.warn(null, 'clientPort is not set, no client can connect');
    return listed;
  }
  const own = { host: host ?? ANY_HOST, port };
  if (listed === null) return own;
  if (own.port !== listed.port || (own.host !== ANY_HOST && own.host !== listed.host)) {
    throw settings.problem(
      'clientPort',
      `expected ${listed.host}:${listed.port} as in server.${serverId} (myid says ${serverId}), found ${own.host}:${port}`,
    );
  }
  return listed;
}

/** Unlike Apache 3.8, and like its development line (ZOOKEEPER-5050), the AdminServer is off unless asked for. */
function parseAdmin(settings: Settings): AdminConfig {
  const port = settings.port('admin.serverPort');
  const host = settings.name('admin.serverAddress');
  const provider = settings.name('metricsProvider.className');
  const exports = provider?.endsWith('.PrometheusMetricsProvider') ?? false;
  const metricsPort = settings.port('metricsProvider.httpPort') ?? 7000;
  const metricsHost = settings.name('metricsProvider.httpHost') ?? ANY_HOST;
  return {
    enabled: settings.boolean('admin.enableServer') ?? port !== null,
    address: { host: host ?? LOOPBACK, port: port ?? 8080 },
    commandUrl: settings.name('admin.commandURL') ?? '/commands',
    tls: parseAdminTls(settings),
    idleTimeoutMs: settings.integer('admin.idleTimeout', { min: 1 }) ?? 30_000,
    snapshotEnabled: settings.boolean('admin.snapshot.enabled') ?? true,
    restoreEnabled: settings.boolean('admin.restore.enabled') ?? true,
    rateLimitIntervalMs: settings.integer('admin.rateLimiterIntervalInMS', { min: 0 }) ?? 300_000,
    metricsAddress: exports ? { host: metricsHost, port: metricsPort } : null,
  };
}

/** Certificates are those of the servers (`ssl.quorum.`). Source: JettyAdminServer.java. */
function parseAdminTls(settings: Settings): AdminTlsConfig | null {
  const isForced = settings.boolean('admin.forceHttps') ?? false;
  const isUnified = settings.boolean('admin.portUnification') ?? false;
  const needsCertificate = settings.boolean('admin.needClientAuth') ?? false;
  if (!isForced && !isUnified) return null;
  const tls = parseTls(settings, 'ssl.quorum.');
  const clientAuth = needsCertificate ? 'need' : 'none';
  return { tls: { ...tls, clientAuth, clientHostnameVerification: false }, allowsPlain: !isForced };
}

function parseWhitelist(settings: Settings): Set<string> {
  const words = (settings.text('4lw.commands.whitelist') ?? '').split(',').map((word) => word.trim());
  const enabled = new Set<string>(words.includes('*') ? FOUR_LETTER_WORDS : words.filter((word) => word !== ''));
  // zkServer.sh asks for it, so it is always on; and clients in read-only mode ask whether there is a better server.
  enabled.add('srvr');
  if (settings.boolean('readonlymode.enabled') === true) enabled.add('isro');
  return enabled;
}

/** Every value was looked at, so what is left are keys of other servers, of newer ones, or typing mistakes. */
function judgeLeftovers(settings: Settings): void {
  for (const { key, line, value, hasSeparator } of settings.unasked()) {
    if (!hasSeparator) {
      // What stands behind it may be a password.
      const found = JSON.stringify(
        value === '' || isSecretKey(key) || key.startsWith('ssl.') ? key : `${key} ${value}`,
      );
      throw new ConfigError(settings.file, line, `expected key=value, found ${found}`);
    }
    const row = rowOf(key);
    if (row === undefined) settings.warn(line, `${key} is not a key of this server and has no effect`);
    else if (row.fate === KeyFate.warned && value !== row.byDefault) {
      settings.warn(line, `${key} has no effect here${row.note === '' ? '' : `: ${row.note}`}`);
    }
  }
}
