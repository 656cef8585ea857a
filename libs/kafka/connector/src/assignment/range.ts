/**
 * Topic by topic: partitions in order, threads in order, each thread a run of neighbours, the first ones one more
 * (RangeAssignor of PartitionAssignor.scala, 0.8.2.2). With many topics the first threads carry more of all of them.
 */
import type { TopicPartition } from '@menagerie/kafka-core';

import { type Assignor, threadsOf } from './group-view.js';

export const assignRange: Assignor = (view) => {
  const owned = new Map<string, TopicPartition[]>();
  for (const [topic, partitions] of view.partitions) {
    const threads = threadsOf(view, topic);
    const each = Math.floor(partitions.length / threads.length);
    const extra = partitions.length % threads.length;
    threads.forEach((thread, index) => {
      const start = each * index + Math.min(index, extra);
      const run = partitions.slice(start, start + each + (index < extra ? 1 : 0));
      const mine = owned.get(thread) ?? [];
      owned.set(thread, [...mine, ...run.map((partition) => ({ topic, partition }))]);
    });
  }
  return owned;
};
