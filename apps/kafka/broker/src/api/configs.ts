/** DescribeConfigs, AlterConfigs, IncrementalAlterConfigs: configs of topics, and the broker's own to look at. */
import { checkTopicConfig, type Configs, DEFAULT_IN_HOURS, topicConfigKeys } from '@menagerie/kafka-core';
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
  router.on(describeConfigsApi, ({ resources, includeSynonyms }) => ({
    throttleTimeMs: 0,
    results: resources.map(({ resourceType, resourceName, configurationKeys }) => {
      try {
        const all =
          resourceType === ConfigResourceType.topic
            ? topicEntries(parts, resourceName, includeSynonyms)
            : brokerEntries(parts, resourceType, resourceName);
        // kafkajs says "all" by a list of none.
        const wanted = configurationKeys === null || configurationKeys.length === 0 ? null : new Set(configurationKeys);
        const configs = all.filter(({ name }) => wanted === null || wanted.has(name));
        return { errorCode: ErrorCode.NONE, errorMessage: null, resourceType, resourceName, configs };
      } catch (error) {
        const errorCode = errorCodeOf(error, parts.logger);
        return { errorCode, errorMessage: errorMessageOf(error), resourceType, resourceName, configs: [] };
      }
    }),
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
    if (resourceType !== ConfigResourceType.topic) {
      throw new KafkaAnswerError(
        ErrorCode.INVALID_REQUEST,
        'expected a topic: a broker takes its configs from its file',
      );
    }
    if (!(await parts.zk.topics()).includes(resourceName)) {
      throw new KafkaAnswerError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    }
    const next = change(await parts.zk.config('topics', resourceName));
    for (const [name, value] of Object.entries(next)) checkTopicConfig(name, value);
    if (!validateOnly) await parts.zk.setConfig('topics', resourceName, next);
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

function topicEntries(parts: BrokerParts, topic: string, includeSynonyms: boolean): readonly ConfigEntry[] {
  if (parts.cache.partitions(topic) === undefined) throw new KafkaAnswerError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  const own = parts.topicConfigs.own(topic);
  return topicConfigKeys.map(({ name, brokerKey, fallback }): ConfigEntry => {
    const ofBroker = parts.config.topicDefaults[name];
    const synonyms = [
      ...(own[name] === undefined ? [] : [{ name, value: own[name], source: ConfigSource.topic as number }]),
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
  Object.assign(values, properties);
  return Object.entries(values).map(([name, value]): ConfigEntry => ({
    name,
    value,
    readOnly: true,
    isDefault: properties[name] === undefined,
    configSource: properties[name] === undefined ? ConfigSource.default : ConfigSource.staticBroker,
    isSensitive: false,
    synonyms: [],
  }));
}
