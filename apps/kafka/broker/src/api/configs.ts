/** DescribeConfigs, AlterConfigs, IncrementalAlterConfigs: configs of topics, and the broker's own to look at. */
import {
  checkTopicConfig,
  type Configs,
  DEFAULT_ENTITY,
  DEFAULT_IN_HOURS,
  topicConfigKeys,
} from '@menagerie/kafka-core';
import {
  alterConfigsApi,
  ConfigOperation,
  ConfigResourceType,
  ConfigSource,
  describeConfigsApi,
  ErrorCode,
  incrementalAlterConfigsApi,
  KafkaAnswerError,
  type ResponseOf,
} from '@menagerie/kafka-protocol';

import type { BrokerParts } from '../broker-parts.js';
import { errorCodeOf, errorMessageOf } from './errors.js';
import type { Router } from './router.js';

type ConfigEntry = ResponseOf<typeof describeConfigsApi>['results'][number]['configs'][number];

export function routeConfigs(router: Router, parts: BrokerParts): void {
  router.on(describeConfigsApi, async ({ resources, includeSynonyms }) => ({
    throttleTimeMs: 0,
    results: await Promise.all(
      resources.map(async ({ resourceType, resourceName, configurationKeys }) => {
        try {
          const all =
            resourceType === ConfigResourceType.topic
              ? await topicEntries(parts, resourceName, includeSynonyms)
              : brokerEntries(parts, resourceType, resourceName);
          // kafkajs says "all" by a list of none.
          const wanted =
            configurationKeys === null || configurationKeys.length === 0 ? null : new Set(configurationKeys);
          const configs = all.filter(({ name }) => wanted === null || wanted.has(name));
          return { errorCode: ErrorCode.NONE, errorMessage: null, resourceType, resourceName, configs };
        } catch (error) {
          const errorCode = errorCodeOf(error, parts.logger);
          return { errorCode, errorMessage: errorMessageOf(error), resourceType, resourceName, configs: [] };
        }
      }),
    ),
  }));

  router.on(alterConfigsApi, async ({ resources, validateOnly }) => ({
    throttleTimeMs: 0,
    responses: await Promise.all(
      resources.map(({ resourceType, resourceName, configs }) =>
        alter(parts, resourceType, resourceName, validateOnly, () => {
          const next: Record<string, string> = {};
          for (const { name, value } of configs) if (value !== null) next[name] = value;
          return next;
        }),
      ),
    ),
  }));

  router.on(incrementalAlterConfigsApi, async ({ resources, validateOnly }) => ({
    throttleTimeMs: 0,
    responses: await Promise.all(
      resources.map(({ resourceType, resourceName, configs }) =>
        alter(parts, resourceType, resourceName, validateOnly, (current) => {
          const next: Record<string, string> = { ...current };
          for (const each of configs) applyOperation(parts, resourceName, next, each);
          return next;
        }),
      ),
    ),
  }));
}

async function alter(
  parts: BrokerParts,
  resourceType: number,
  resourceName: string,
  validateOnly: boolean,
  change: (current: Configs) => Configs,
) {
  try {
    if (resourceType === ConfigResourceType.topic) await alterTopic(parts, resourceName, validateOnly, change);
    else await alterBroker(parts, resourceType, resourceName, validateOnly, change);
    return { errorCode: ErrorCode.NONE, errorMessage: null, resourceType, resourceName };
  } catch (error) {
    return {
      errorCode: errorCodeOf(error, parts.logger),
      errorMessage: errorMessageOf(error),
      resourceType,
      resourceName,
    };
  }
}

async function alterTopic(
  parts: BrokerParts,
  topic: string,
  validateOnly: boolean,
  change: (current: Configs) => Configs,
): Promise<void> {
  if (!(await parts.zk.topics()).includes(topic)) throw new KafkaAnswerError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  const next = change(await parts.zk.config('topics', topic));
  for (const [name, value] of Object.entries(next)) checkTopicConfig(name, value);
  if (!validateOnly) await parts.zk.setConfig('topics', topic, next);
}

/** Of a broker's keys those change while it runs that topics default to; a key that it does not know is kept (KIP-226). */
async function alterBroker(
  parts: BrokerParts,
  resourceType: number,
  name: string,
  validateOnly: boolean,
  change: (current: Configs) => Configs,
): Promise<void> {
  if (resourceType !== ConfigResourceType.broker || !/^\d*$/.test(name)) {
    throw new KafkaAnswerError(ErrorCode.INVALID_REQUEST, `expected a topic or a broker, got ${name}`);
  }
  const entity = name === '' ? DEFAULT_ENTITY : name;
  const next = change(await parts.zk.config('brokers', entity));
  for (const [key, value] of Object.entries(next)) {
    const known = topicConfigKeys.find(({ brokerKey }) => brokerKey === key);
    if (known !== undefined) checkTopicConfig(known.name, value);
    else if (Object.hasOwn(parts.config.settings, key)) {
      throw new KafkaAnswerError(ErrorCode.INVALID_REQUEST, `${key} is read at start only`);
    }
  }
  if (!validateOnly) await parts.zk.setConfig('brokers', entity, next);
}

function applyOperation(
  parts: BrokerParts,
  topic: string,
  next: Record<string, string>,
  { name, configOperation, value }: { name: string; configOperation: number; value: string | null },
): void {
  if (configOperation === ConfigOperation.delete) return void delete next[name];
  if (value === null) throw new KafkaAnswerError(ErrorCode.INVALID_CONFIG, `expected a value for ${name}, got null`);
  if (configOperation === ConfigOperation.set) return void (next[name] = value);
  const known = topicConfigKeys.some((key) => key.name === name);
  const list = known
    ? (next[name] ?? parts.topicConfigs.get(topic, name)).split(',').filter((each) => each !== '')
    : [];
  const given = value.split(',');
  next[name] =
    configOperation === ConfigOperation.append
      ? [...new Set([...list, ...given])].join(',')
      : list.filter((each) => !given.includes(each)).join(',');
}

async function topicEntries(
  parts: BrokerParts,
  topic: string,
  includeSynonyms: boolean,
): Promise<readonly ConfigEntry[]> {
  if (parts.cache.partitions(topic) === undefined) throw new KafkaAnswerError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  // From where it is written: what this broker goes by may be a moment older.
  const own = await parts.zk.config('topics', topic);
  const dynamic = parts.topicConfigs.ofBroker;
  return topicConfigKeys.map(({ name, brokerKey, fallback }): ConfigEntry => {
    const ofBroker = parts.config.topicDefaults[name];
    const synonyms = [
      ...(own[name] === undefined ? [] : [{ name, value: own[name], source: ConfigSource.topic as number }]),
      ...(dynamic[brokerKey] === undefined
        ? []
        : [{ name: brokerKey, value: dynamic[brokerKey], source: ConfigSource.dynamicBroker }]),
      ...(ofBroker === undefined ? [] : [{ name: brokerKey, value: ofBroker, source: ConfigSource.staticBroker }]),
      ...(DEFAULT_IN_HOURS.has(name) ? [] : [{ name: brokerKey, value: fallback, source: ConfigSource.default }]),
    ];
    const { value, source } = synonyms[0] ?? { value: fallback, source: ConfigSource.default };
    return {
      name,
      value,
      readOnly: false,
      isDefault: source !== ConfigSource.topic,
      configSource: source,
      isSensitive: false,
      synonyms: includeSynonyms ? synonyms : [],
    };
  });
}

function brokerEntries(parts: BrokerParts, resourceType: number, resourceName: string): readonly ConfigEntry[] {
  if (resourceType !== ConfigResourceType.broker || resourceName !== String(parts.brokerId)) {
    throw new KafkaAnswerError(
      ErrorCode.INVALID_REQUEST,
      `expected topic or broker ${parts.brokerId}, got ${resourceName}`,
    );
  }
  const { properties, settings } = parts.config;
  const values: Record<string, string> = {};
  for (const { brokerKey, fallback } of topicConfigKeys) values[brokerKey] = fallback;
  for (const [name, value] of Object.entries(settings)) values[name] = String(value);
  const dynamic = parts.topicConfigs.ofBroker;
  Object.assign(values, properties, dynamic);
  return Object.entries(values).map(([name, value]): ConfigEntry => {
    const fromFile = properties[name] === undefined ? ConfigSource.default : ConfigSource.staticBroker;
    return {
      name,
      value,
      readOnly: !topicConfigKeys.some(({ brokerKey }) => brokerKey === name),
      isDefault: properties[name] === undefined && dynamic[name] === undefined,
      configSource: dynamic[name] === undefined ? fromFile : ConfigSource.dynamicBroker,
      isSensitive: false,
      synonyms: [],
    };
  });
}
