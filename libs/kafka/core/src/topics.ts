/** Names of topics (Topic.java). */
import { ErrorCode, KafkaAnswerError } from '@menagerie/kafka-protocol';

export const GROUP_TOPIC = '__consumer_offsets';
export const TXN_TOPIC = '__transaction_state';
/** A folder's name is the topic's, a dash and the partition's number. */
const MAX_NAME_LENGTH = 249;

export const isInternal = (topic: string): boolean => topic === GROUP_TOPIC || topic === TXN_TOPIC;

/** @throws KafkaAnswerError `INVALID_TOPIC_EXCEPTION` */
export function checkTopicName(topic: string): void {
  const invalid = (problem: string) =>
    new KafkaAnswerError(
      ErrorCode.INVALID_TOPIC_EXCEPTION,
      `topic name ${JSON.stringify(topic.slice(0, 300))} ${problem}`,
    );
  if (topic === '' || topic === '.' || topic === '..') throw invalid('is not allowed');
  if (topic.length > MAX_NAME_LENGTH) throw invalid(`is longer than ${MAX_NAME_LENGTH} characters`);
  if (!/^[a-zA-Z0-9._-]+$/.test(topic)) throw invalid('has characters other than letters, digits, ".", "_" and "-"');
}
