/** What stands in the znodes of a consumer group: members, owners, offsets. */
import { encodeJson, JsonNode, ZnodeError } from '@menagerie/kafka-core';

/** Topics to the number of streams (threads) that a member reads each with. */
export type Subscription = ReadonlyMap<string, number>;

/** More streams of one member than this are a mistake, or an attack on whoever computes the assignment. */
const MAX_STREAMS = 1_000;

/** `/consumers/G/ids/C` (TopicCount.scala): topics by name, not by pattern. */
export const encodeMember = (subscription: Subscription, timestampMs: number): Buffer =>
  encodeJson({
    version: 1,
    subscription: Object.fromEntries(subscription),
    pattern: 'static',
    timestamp: String(timestampMs),
  });

/** @throws ZnodeError also for a subscription by pattern, which is not understood here */
export function decodeMember(path: string, data: Buffer): Subscription {
  const json = new JsonNode(path, data);
  if ((json.optionalText('pattern') ?? 'static') !== 'static') throw json.wrong('"static" in "pattern"');
  return new Map(
    Object.entries(json.textMap('subscription')).map(([topic, text]) => {
      const streams = Number(text);
      if (!Number.isInteger(streams) || streams < 1 || streams > MAX_STREAMS) {
        throw json.wrong(`1 to ${MAX_STREAMS} streams of ${topic}`);
      }
      return [topic, streams];
    }),
  );
}

export const encodeOffset = (offset: number): Buffer => Buffer.from(String(offset));

/** @throws ZnodeError */
export function decodeOffset(path: string, data: Buffer): number {
  const text = data.toString('utf8');
  if (!/^\d{1,15}$/.test(text)) throw new ZnodeError(path, 'an offset', data);
  return Number(text);
}

/** `G_host-1690000000000-1a2b3c4d`, as the node and all that belongs to the member is called. */
export const consumerIdOf = (group: string, host: string, nowMs: number, random: string): string =>
  `${group}_${host}-${nowMs}-${random}`;

/** A stream of a member; what an owner node holds. */
export const threadIdOf = (consumerId: string, thread: number): string => `${consumerId}-${thread}`;
