/**
 * What a broker goes by: Kafka's keys with Kafka's defaults (KafkaConfig.scala, 2.4), as far as there is something behind
 * them here. Keys that mean nothing to this broker are named in its log and otherwise ignored, as Kafka does.
 */
import { env, type ServiceConfig } from '@menagerie/service';
import { problemOf, topicConfigKeys } from '@menagerie/kafka-core';
import { z } from 'zod';

import { isJaasKey } from '../security/jaas.js';
import { type SecurityConfig, securityConfig } from './security-config.js';
import { type Listener, parseListeners, parseProtocolMap } from './listeners.js';

const MAX_INT = 2_147_483_647;
const HOUR_MS = 3_600_000;

const int = (fallback: number, min = 0, max = MAX_INT) => env.integer(min, max).default(fallback);
const flag = (fallback: boolean) => env.flag().default(fallback);

const DEFAULT_PROTOCOLS = 'PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL';

/** Without a host a listener is on this machine only: who wants everybody says 0.0.0.0. */
const LOOPBACK = '127.0.0.1';

/** The broker-wide values that topics default to, checked like the topics' own. */
const topicDefaults = Object.fromEntries(
  topicConfigKeys.map((key) => [
    key.brokerKey,
    z
      .string()
      .superRefine((value, context) => {
        const problem = problemOf(key, value);
        if (problem !== null) context.addIssue({ code: 'custom', message: problem });
      })
      .optional(),
  ]),
);

const keys = {
  'broker.id': env.integer(-1, MAX_INT).default(-1),
  'reserved.broker.max.id': int(1000),
  'broker.rack': env.text().optional(),
  listeners: env.text().default('PLAINTEXT://:9092'),
  'advertised.listeners': env.text().optional(),
  'listener.security.protocol.map': env
    .text()
    .refine((text) => parseProtocolMap(text) !== null, 'expected NAME:PROTOCOL,NAME:PROTOCOL,...')
    .default(DEFAULT_PROTOCOLS),
  'inter.broker.listener.name': env.text().optional(),
  'sasl.enabled.mechanisms': env.text().optional(),
  'ssl.keystore.type': env.text().optional(),
  'ssl.keystore.location': env.text().optional(),
  'ssl.keystore.key': env.text().optional(),
  'ssl.keystore.certificate.chain': env.text().optional(),
  'ssl.key.password': env.text().optional(),
  'ssl.truststore.type': env.text().optional(),
  'ssl.truststore.location': env.text().optional(),
  'ssl.truststore.certificates': env.text().optional(),
  'ssl.client.auth': env.text().optional(),
  'authorizer.class.name': env.text().optional(),
  'super.users': env.text().optional(),
  'allow.everyone.if.no.acl.found': flag(false),
  'log.dirs': env.text().optional(),
  'log.dir': env.text().default('/tmp/kafka-logs'),
  'zookeeper.connect': env.zkConnect(),
  'zookeeper.set.acl': flag(false),
  'zookeeper.digest.auth': env
    .text()
    .regex(/^[^:]+:.+$/, 'expected user:password')
    .optional(),
  'zookeeper.session.timeout.ms': int(18_000, 1),
  'zookeeper.connection.timeout.ms': env.integer(1, MAX_INT).optional(),
  'num.partitions': int(1, 1),
  'default.replication.factor': int(1, 1),
  'auto.create.topics.enable': flag(true),
  'delete.topic.enable': flag(true),
  'auto.leader.rebalance.enable': flag(true),
  'leader.imbalance.check.interval.seconds': int(300, 1),
  'leader.imbalance.per.broker.percentage': int(10, 0, 100),
  'replica.lag.time.max.ms': int(30_000, 1),
  'replica.fetch.wait.max.ms': int(500),
  'replica.fetch.min.bytes': int(1),
  'replica.fetch.max.bytes': int(1_048_576),
  'replica.fetch.response.max.bytes': int(10_485_760),
  'replica.fetch.backoff.ms': int(1_000),
  'replica.high.watermark.checkpoint.interval.ms': int(5_000, 1),
  'log.retention.minutes': env.integer(-1, MAX_INT).optional(),
  'log.retention.hours': env.integer(-1, MAX_INT).optional(),
  'log.roll.hours': env.integer(1, MAX_INT).optional(),
  'log.retention.check.interval.ms': int(300_000, 1),
  'log.cleaner.enable': flag(true),
  'log.cleaner.backoff.ms': int(15_000),
  'offsets.topic.num.partitions': int(50, 1),
  'offsets.topic.replication.factor': int(3, 1),
  'offsets.topic.segment.bytes': int(104_857_600, 1),
  'offsets.retention.minutes': int(7 * 24 * 60, 1),
  'offsets.commit.timeout.ms': int(5_000, 1),
  'offset.metadata.max.bytes': int(4_096),
  'transaction.state.log.num.partitions': int(50, 1),
  'transaction.state.log.replication.factor': int(3, 1),
  'transaction.state.log.min.isr': int(2, 1),
  'transaction.state.log.segment.bytes': int(104_857_600, 1),
  'transaction.max.timeout.ms': int(900_000, 1),
  'transactional.id.expiration.ms': int(7 * 24 * HOUR_MS, 1),
  'group.min.session.timeout.ms': int(6_000),
  'group.max.session.timeout.ms': int(1_800_000),
  'group.initial.rebalance.delay.ms': int(3_000),
  'group.max.size': int(MAX_INT, 1),
  'controlled.shutdown.enable': flag(true),
  'controlled.shutdown.max.retries': int(3, 0, 100),
  'controlled.shutdown.retry.backoff.ms': int(5_000),
  'max.connections': int(1_000, 1),
  'max.connections.per.ip': int(MAX_INT, 1),
  'connections.max.idle.ms': int(600_000, 1),
  'socket.request.max.bytes': int(104_857_600, 1),
  'request.timeout.ms': int(30_000, 1),
  'admin.http.listener': env
    .text()
    .regex(/^http:\/\/[^\s:/]+:\d{1,5}$/, 'expected http://host:port')
    .default(`http://${LOOPBACK}:0`),
  ...topicDefaults,
} as const;

export interface BrokerConfig extends ServiceConfig {
  /** -1: to be given one. */
  readonly brokerId: number;
  readonly reservedBrokerMaxId: number;
  readonly rack: string | null;
  readonly listeners: readonly Listener[];
  readonly advertised: readonly Listener[];
  /** The listener that other brokers use. */
  readonly interBrokerListener: string;
  readonly security: SecurityConfig;
  readonly logDir: string;
  readonly zkConnect: string;
  /** `user:password` that this broker is known by at the ensemble; null: by nothing. */
  readonly zkAuth: string | null;
  readonly zkSessionTimeoutMs: number;
  readonly zkConnectionTimeoutMs: number;
  /** By the topic's own key: what holds for topics that say nothing, where the file says something. */
  readonly topicDefaults: Readonly<Record<string, string>>;
  /** Every other key with its value, parsed: `settings['num.partitions']`. */
  readonly settings: Settings;
  /** The file as it was, for DescribeConfigs. */
  readonly properties: Readonly<Record<string, string>>;
  readonly unknownKeys: readonly string[];
}

type Parsed = z.output<z.ZodObject<typeof keys>>;
export type Settings = { readonly [K in keyof Parsed as Parsed[K] extends number | boolean ? K : never]: Parsed[K] };

const isSecret = (key: string): boolean => /password|secret|jaas|keystore\.key|digest\.auth/i.test(key);

/** @param properties as read from the file: the schema's input again, for what it has to say about the whole */
export function brokerConfig(properties: Readonly<Record<string, string>>) {
  return z
    .object(keys)
    .superRefine((e, context) => {
      const wrong = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
      const protocols = parseProtocolMap(e['listener.security.protocol.map'])!;
      const listeners = parseListeners(e.listeners, protocols, LOOPBACK);
      if (listeners === null) return wrong('listeners', 'expected NAME://host:port,... with known names, each once');
      const advertised = e['advertised.listeners'];
      if (advertised !== undefined && parseListeners(advertised, protocols, LOOPBACK) === null) {
        wrong('advertised.listeners', 'expected NAME://host:port,... with known names, each once');
      }
      const inter = e['inter.broker.listener.name']?.toUpperCase();
      if (inter !== undefined && !listeners.some(({ name }) => name === inter)) {
        wrong('inter.broker.listener.name', `expected one of ${listeners.map(({ name }) => name).join(', ')}`);
      }
      for (const { key, message } of securityConfig(properties, listeners, inter ?? listeners[0]!.name).problems) {
        wrong(key, message);
      }
      if (e['zookeeper.set.acl'] && e['zookeeper.digest.auth'] === undefined) {
        wrong('zookeeper.set.acl', 'expected zookeeper.digest.auth too: a node that is closed is closed to us as well');
      }
      if (e['broker.id'] > e['reserved.broker.max.id']) {
        wrong('broker.id', `expected at most reserved.broker.max.id (${e['reserved.broker.max.id']})`);
      }
      if ((e['log.dirs'] ?? e['log.dir']).includes(','))
        wrong('log.dirs', 'expected one folder (several are not supported)');
    })
    .transform((e): BrokerConfig => {
      const protocols = parseProtocolMap(e['listener.security.protocol.map'])!;
      const listeners = parseListeners(e.listeners, protocols, LOOPBACK)!;
      const [, host, port] = /^http:\/\/(.+):(\d+)$/.exec(e['admin.http.listener'])!;
      const settings = Object.fromEntries(Object.entries(e).filter(([, value]) => typeof value !== 'string'));
      return {
        http: { host: host!, port: Number(port) },
        logLevel: logLevel(),
        stopDeadlineMs: 30_000,
        brokerId: e['broker.id'],
        reservedBrokerMaxId: e['reserved.broker.max.id'],
        rack: e['broker.rack'] ?? null,
        listeners,
        advertised: parseListeners(e['advertised.listeners'] ?? e.listeners, protocols, LOOPBACK)!,
        interBrokerListener: e['inter.broker.listener.name']?.toUpperCase() ?? listeners[0]!.name,
        security: securityConfig(
          properties,
          listeners,
          e['inter.broker.listener.name']?.toUpperCase() ?? listeners[0]!.name,
        ).config,
        logDir: e['log.dirs'] ?? e['log.dir'],
        zkConnect: e['zookeeper.connect'],
        zkAuth: e['zookeeper.digest.auth'] ?? null,
        zkSessionTimeoutMs: e['zookeeper.session.timeout.ms'],
        zkConnectionTimeoutMs: e['zookeeper.connection.timeout.ms'] ?? e['zookeeper.session.timeout.ms'],
        topicDefaults: topicDefaultsOf(properties),
        settings: settings as unknown as Settings,
        properties: Object.fromEntries(Object.entries(properties).filter(([key]) => !isSecret(key))),
        unknownKeys: Object.keys(properties).filter((key) => !Object.hasOwn(keys, key) && !isJaasKey(key)),
      };
    });
}

function topicDefaultsOf(properties: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const defaults: Record<string, string> = {};
  for (const { name, brokerKey } of topicConfigKeys) {
    const value = properties[brokerKey];
    if (value !== undefined) defaults[name] = value;
  }
  // Kafka's keys in minutes and hours count only where the one in milliseconds is missing.
  const minutes = properties['log.retention.minutes'];
  const hours = properties['log.retention.hours'];
  if (minutes !== undefined) defaults['retention.ms'] ??= minutes === '-1' ? '-1' : String(Number(minutes) * 60_000);
  if (hours !== undefined) defaults['retention.ms'] ??= hours === '-1' ? '-1' : String(Number(hours) * HOUR_MS);
  const roll = properties['log.roll.hours'];
  if (roll !== undefined) defaults['segment.ms'] ??= String(Number(roll) * HOUR_MS);
  return defaults;
}

/** The one thing that Kafka has in another file (log4j.properties). */
function logLevel(): ServiceConfig['logLevel'] {
  const level = process.env['LOG_LEVEL'];
  return level === 'debug' || level === 'warn' || level === 'error' || level === 'trace' ? level : 'info';
}
