/** What each topic goes by: its own configs over the broker's defaults over Kafka's. */
import { type Configs, GROUP_TOPIC, topicConfigKeys, TXN_TOPIC } from '@menagerie/kafka-core';
import type { LogConfig } from '@menagerie/kafka-log';

/** Java's Long.MAX_VALUE and its like stand for "never". */
const asNumber = (value: string): number => Math.min(Number(value), Number.MAX_SAFE_INTEGER);

export class TopicConfigs {
  private readonly overrides = new Map<string, Configs>();

  /** By the broker's key, as set while it runs; over the file. */
  private dynamic: Configs = {};

  /** @param defaults by the topic's own key: what the broker's file says */
  constructor(private readonly defaults: Configs) {}

  /** What was set for all topics of this broker while it runs. */
  get ofBroker(): Configs {
    return this.dynamic;
  }

  setOfBroker(configs: Configs): void {
    this.dynamic = configs;
  }

  /** What was set for the topic itself. */
  own(topic: string): Configs {
    return this.overrides.get(topic) ?? {};
  }

  set(topic: string, configs: Configs): void {
    if (Object.keys(configs).length === 0) this.overrides.delete(topic);
    else this.overrides.set(topic, configs);
  }

  get(topic: string, name: string): string {
    const { brokerKey, fallback } = topicConfigKeys.find((key) => key.name === name)!;
    const own = this.own(topic)[name] ?? internalConfigs(topic)[name];
    return own ?? this.dynamic[brokerKey] ?? this.defaults[name] ?? fallback;
  }

  minInsyncReplicas(topic: string): number {
    return asNumber(this.get(topic, 'min.insync.replicas'));
  }

  allowsUncleanElection(topic: string): boolean {
    return this.get(topic, 'unclean.leader.election.enable') === 'true';
  }

  readonly logConfig = (topic: string): LogConfig => {
    const number = (name: string) => asNumber(this.get(topic, name));
    const policies = this.get(topic, 'cleanup.policy').split(',');
    return {
      segmentBytes: number('segment.bytes'),
      segmentMs: number('segment.ms'),
      retentionMs: number('retention.ms'),
      retentionBytes: number('retention.bytes'),
      indexIntervalBytes: number('index.interval.bytes'),
      maxMessageBytes: number('max.message.bytes'),
      compact: policies.some((policy) => policy.trim() === 'compact'),
      delete: policies.some((policy) => policy.trim() === 'delete'),
      minCleanableDirtyRatio: number('min.cleanable.dirty.ratio'),
      deleteRetentionMs: number('delete.retention.ms'),
      logAppendTime: this.get(topic, 'message.timestamp.type') === 'LogAppendTime',
    };
  };
}

/** The broker's own topics keep the last of each key, whoever made them. */
function internalConfigs(topic: string): Configs {
  return topic === GROUP_TOPIC || topic === TXN_TOPIC ? { 'cleanup.policy': 'compact' } : {};
}
