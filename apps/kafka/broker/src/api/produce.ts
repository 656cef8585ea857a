/** Produce: appends batches to partitions we lead, and waits for followers if the producer wants that. */
import { ErrorCode, produceApi, type RequestOf, type ResponseOf } from '@menagerie/kafka-protocol';
import { isInternal } from '@menagerie/kafka-core';

import type { BrokerParts } from '../broker-parts.js';
import type { RequestContext } from '../net/request-context.js';
import { errorCodeOf, errorMessageOf } from './errors.js';
import type { Router } from './router.js';

type Request = RequestOf<typeof produceApi>;
type Response = ResponseOf<typeof produceApi>;
type Partitioned = Response['topics'][number]['partitions'][number];

/** Longer than any client waits. */
const MAX_TIMEOUT_MS = 600_000;

export function routeProduce(router: Router, parts: BrokerParts): void {
  router.on(produceApi, (request, context) => produce(parts, request, context));
}

function produce(parts: BrokerParts, request: Request, context: RequestContext): Response | null | Promise<Response> {
  const { acks } = request;
  const validAcks = acks === 0 || acks === 1 || acks === -1;
  const waits: Promise<void>[] = [];
  const topics = request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map((each) => {
      if (!validAcks) return failed(each.partitionIndex, ErrorCode.INVALID_REQUIRED_ACKS, null);
      const result = append(parts, request, context, name, each.partitionIndex, each.records);
      if (result.wait !== null) {
        waits.push(
          result.wait.then((errorCode) => {
            if (errorCode !== ErrorCode.NONE) Object.assign(result.answer, { errorCode, baseOffset: -1 });
          }),
        );
      }
      return result.answer;
    }),
  }));
  if (acks === 0) {
    // There is no answer to carry an error: a closed connection makes the client look again who leads (KafkaApis).
    const wrong = topics.some(({ partitions }) => partitions.some(({ errorCode }) => errorCode !== ErrorCode.NONE));
    if (wrong) throw new Error('a produce request without acks could not be appended');
    return null;
  }
  const response = { topics, throttleTimeMs: 0 };
  return waits.length === 0 ? response : Promise.all(waits).then(() => response);
}

function append(
  parts: BrokerParts,
  request: Request,
  _context: RequestContext,
  topic: string,
  partitionIndex: number,
  records: Buffer | null,
): { readonly answer: Partitioned; readonly wait: Promise<ErrorCode> | null } {
  try {
    if (isInternal(topic))
      return { answer: failed(partitionIndex, ErrorCode.INVALID_TOPIC_EXCEPTION, null), wait: null };
    const partition = parts.replicas.leader({ topic, partition: partitionIndex });
    const result = partition.append(records ?? Buffer.alloc(0), request.acks, Date.now());
    parts.metrics.produced(records?.length ?? 0);
    const answer: Partitioned = {
      partitionIndex,
      errorCode: ErrorCode.NONE,
      baseOffset: result.baseOffset,
      logAppendTimeMs: result.logAppendTimeMs,
      logStartOffset: partition.log.logStartOffset,
      recordErrors: [],
      errorMessage: null,
    };
    if (request.acks !== -1) return { answer, wait: null };
    const timeoutMs = Math.min(Math.max(0, request.timeoutMs), MAX_TIMEOUT_MS);
    return { answer, wait: partition.committed(result.lastOffset + 1, timeoutMs) };
  } catch (error) {
    return {
      answer: failed(partitionIndex, errorCodeOf(error, parts.logger), errorMessageOf(error)),
      wait: null,
    };
  }
}

const failed = (partitionIndex: number, errorCode: ErrorCode, errorMessage: string | null): Partitioned => ({
  partitionIndex,
  errorCode,
  baseOffset: -1,
  logAppendTimeMs: -1,
  logStartOffset: -1,
  recordErrors: [],
  errorMessage,
});
