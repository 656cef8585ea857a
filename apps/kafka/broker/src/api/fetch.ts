/** Fetch: batches from partitions we lead, at once or as soon as there are enough; consumers and followers alike. */
import { ErrorCode, fetchApi, KafkaAnswerError, type RequestOf, type ResponseOf } from '@menagerie/kafka-protocol';

import type { BrokerParts } from '../broker-parts.js';
import type { RequestContext } from '../net/request-context.js';
import type { Partition } from '../replica/partition.js';
import { errorCodeOf } from './errors.js';
import type { Router } from './router.js';

type Request = RequestOf<typeof fetchApi>;
type Response = ResponseOf<typeof fetchApi>;
type Wanted = Request['topics'][number]['partitions'][number];
type Fetched = Response['topics'][number]['partitions'][number];

/** `fetch.max.bytes` of the broker: whoever asks for more gets this (KIP-541). */
const MAX_FETCH_BYTES = 55 * 1024 * 1024;
const MAX_WAIT_MS = 600_000;
const READ_COMMITTED = 1;

export function routeFetch(router: Router, parts: BrokerParts): void {
  router.on(fetchApi, (request, context) => new FetchCall(parts, request, context).answer());
}

class FetchCall {
  private readonly isFollower: boolean;
  private readonly readCommitted: boolean;
  /** Partitions whose movement may bring more. */
  private readonly watched = new Set<Partition>();

  constructor(
    private readonly parts: BrokerParts,
    private readonly request: Request,
    private readonly context: RequestContext,
  ) {
    this.isFollower = request.replicaId >= 0;
    this.readCommitted = request.isolationLevel === READ_COMMITTED;
  }

  answer(): Response | Promise<Response> {
    // A client that wants a session is told that there is none, and goes on without (KIP-227).
    if (this.request.sessionId !== 0) return this.response([], ErrorCode.FETCH_SESSION_ID_NOT_FOUND);
    if (this.isFollower) this.noteProgress();
    const first = this.read();
    const waitMs = Math.min(this.request.maxWaitMs, MAX_WAIT_MS);
    if (first.complete || waitMs <= 0 || this.watched.size === 0) return this.done(first.topics);
    return this.wait(waitMs);
  }

  /** Where a follower fetches from says what it has. */
  private noteProgress(): void {
    const nowMs = performance.now();
    for (const { name, partitions } of this.request.topics) {
      for (const { partitionIndex, currentLeaderEpoch, fetchOffset } of partitions) {
        try {
          const partition = this.parts.replicas.leader({ topic: name, partition: partitionIndex }, currentLeaderEpoch);
          const { log } = partition;
          if (fetchOffset < log.logStartOffset || fetchOffset > log.logEndOffset) continue;
          partition.followerFetched(this.request.replicaId, fetchOffset, nowMs);
        } catch {
          // The read that follows says the same to the follower.
        }
      }
    }
  }

  private wait(waitMs: number): Promise<Response> {
    return new Promise((resolve) => {
      const { signal } = this.context;
      let unwatch: readonly (() => void)[] = [];
      let scheduled = false;
      let settled = false;
      const finish = (topics: Response['topics']) => {
        settled = true;
        clearTimeout(timer);
        signal.removeEventListener('abort', onGone);
        for (const take of unwatch) take();
        resolve(this.done(topics));
      };
      const look = () => {
        scheduled = false;
        if (settled) return;
        const again = this.read();
        if (again.complete) finish(again.topics);
        else arm();
      };
      const moved = () => {
        // Once for all appends of this turn.
        if (!scheduled) setImmediate(look);
        scheduled = true;
      };
      const arm = () => {
        for (const take of unwatch) take();
        unwatch = [...this.watched].map((partition) => partition.watch(moved));
      };
      const onGone = () => finish([]);
      const timer = setTimeout(() => finish(this.read().topics), waitMs);
      signal.addEventListener('abort', onGone, { once: true });
      arm();
    });
  }

  private read(): { readonly topics: Response['topics']; readonly complete: boolean } {
    this.watched.clear();
    let bytes = 0;
    let failed = false;
    const limit = Math.min(this.request.maxBytes, MAX_FETCH_BYTES);
    const topics = this.request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((wanted) => {
        const fetched = this.readPartition(name, wanted, Math.max(0, limit - bytes), bytes === 0);
        if (fetched.errorCode !== ErrorCode.NONE) failed = true;
        bytes += fetched.records?.[0]?.length ?? 0;
        return fetched;
      }),
    }));
    return { topics, complete: failed || bytes >= this.request.minBytes };
  }

  private readPartition(topic: string, wanted: Wanted, room: number, isFirst: boolean): Fetched {
    try {
      const partition = this.parts.replicas.leader(
        { topic, partition: wanted.partitionIndex },
        wanted.currentLeaderEpoch,
      );
      const { log } = partition;
      const { fetchOffset } = wanted;
      if (this.isFollower && !partition.replicas.includes(this.request.replicaId)) {
        throw new KafkaAnswerError(ErrorCode.NOT_LEADER_OR_FOLLOWER);
      }
      const limitOffset = this.isFollower
        ? log.logEndOffset
        : this.readCommitted
          ? log.lastStableOffset
          : log.highWatermark;
      if (fetchOffset < log.logStartOffset || fetchOffset > log.logEndOffset) {
        throw new KafkaAnswerError(ErrorCode.OFFSET_OUT_OF_RANGE);
      }
      this.watched.add(partition);
      const maxBytes = Math.min(wanted.partitionMaxBytes, room);
      const read = log.read(fetchOffset, { maxBytes, limitOffset, atLeastOne: isFirst });
      const abortedTransactions =
        this.readCommitted && read.length > 0
          ? log.abortedTransactions(fetchOffset, limitOffset).map(({ producerId, firstOffset }) => ({
              producerId,
              firstOffset,
            }))
          : null;
      return {
        partitionIndex: wanted.partitionIndex,
        errorCode: ErrorCode.NONE,
        highWatermark: log.highWatermark,
        lastStableOffset: log.lastStableOffset,
        logStartOffset: log.logStartOffset,
        abortedTransactions: this.readCommitted ? (abortedTransactions ?? []) : null,
        preferredReadReplica: -1,
        records: [read],
      };
    } catch (error) {
      return {
        partitionIndex: wanted.partitionIndex,
        errorCode: errorCodeOf(error, this.parts.logger),
        highWatermark: -1,
        lastStableOffset: -1,
        logStartOffset: -1,
        abortedTransactions: null,
        preferredReadReplica: -1,
        records: [],
      };
    }
  }

  private done(topics: Response['topics']): Response {
    let bytes = 0;
    for (const { partitions } of topics) for (const { records } of partitions) bytes += records?.[0]?.length ?? 0;
    this.parts.metrics.fetched(bytes);
    return this.response(topics, ErrorCode.NONE);
  }

  private response(topics: Response['topics'], errorCode: ErrorCode): Response {
    return { throttleTimeMs: 0, errorCode, sessionId: 0, topics };
  }
}
