/** What a member tells of itself while it rebalances, for logs and for whoever compares. */
import type { TopicPartition } from '@menagerie/kafka-core';

export type RebalanceEvent =
  /** A watch of this member fired. */
  | { readonly kind: 'notified'; readonly path: string }
  /** It decides on this view (`viewKey`). */
  | { readonly kind: 'decided'; readonly view: string; readonly members: number }
  /** It owns exactly this, and reads it. */
  | { readonly kind: 'claimed'; readonly view: string; readonly partitions: readonly TopicPartition[] }
  /** Somebody else has not let go yet, or decided on another view. */
  | { readonly kind: 'conflict'; readonly topic: string; readonly partition: number }
  /** It reads nothing any more; its owner nodes go after this. */
  | { readonly kind: 'released' }
  | { readonly kind: 'failed'; readonly error: unknown };

/** @param atMs of `performance.now()` */
export type RebalanceObserver = (event: RebalanceEvent, atMs: number) => void;
